import { Answer } from '../proxy.ts'
import type { Behaviour } from './index.ts'

export interface Killing extends Behaviour {
  /** Lets the process live for so many changes: the last one still takes effect, and then nothing goes either way. */
  after(...call: Parameters<NonNullable<Behaviour['after']>>): undefined
  before(): void
  atChange(left: number): void
  /** The next process is another one. */
  over(): void
}

/** What AWS sees of a process that is killed. Much cheaper than a process; that a real SIGKILL is the same, long/killed shows. */
export function killing(): Killing {
  let left = Infinity
  const unlessDead = () => {
    if (left <= 0) throw new Answer('Killed')
  }
  return {
    before: unlessDead,
    after({ changes }) {
      if (changes) left -= 1
      unlessDead()
      return undefined
    },
    atChange(changes) {
      left = changes
    },
    over() {
      left = Infinity
    },
  }
}
