import type { Clock } from '../../../cluster/aws/clock.ts'
import type { TestAws } from '../aws.ts'
import { testClock } from '../clock.ts'
import type { Answered, Recorded } from '../proxy.ts'

/** What a behaviour has to go by. Everything that is left to chance comes from the seed. */
export interface World {
  readonly clock: Clock
  readonly aws: TestAws
  /** From 0 to below 1. */
  random(): number
  /** A time by the clock, so many seconds from now at most. */
  within(seconds: number): number
}

/** One way in which AWS is harsher than moto. */
export interface Behaviour {
  /** May throw an Answer or a CutOff, or answer instead of AWS. */
  before?(call: Recorded): unknown
  /** May throw, or return another answer. */
  after?(call: Recorded, answer: Answered): Answered | undefined
}

/** Mulberry32, a small generator that gives the same numbers for the same seed everywhere. */
export function chance(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** KUBE_TEST_SEED, or a new one. Print it: it brings a failure back. */
export const seedOf = (): number => Number(process.env.KUBE_TEST_SEED || Math.floor(Math.random() * 2 ** 31))

/** Puts the behaviours before the AWS of a test; reset() takes them off. The first in the list sees a call first, and an answer last. */
export function makeHarsh(aws: TestAws, seed: number, ...kinds: ((world: World) => Behaviour)[]): void {
  const random = chance(seed)
  const clock = testClock
  const world = { clock, aws, random, within: (seconds: number) => clock.now() + random() * seconds * 1000 }
  const behaviours = kinds.map(kind => kind(world))
  aws.proxy.before = async call => {
    for (const { before } of behaviours) {
      const instead = await before?.(call)
      if (instead) return instead
    }
    return undefined
  }
  aws.proxy.after = (call, answer) =>
    behaviours.reduceRight((given, { after }) => after?.(call, given) ?? given, answer)
}
