import type { Narrator, Step } from '../aws/journal.ts'
import type { ByHand } from './by-hand.ts'
import { downTexts, upTexts } from './texts.ts'
import { wrap } from './wrap.ts'

interface Stage {
  readonly direction: 'up' | 'down'
  readonly byHand: ByHand
  /** What a person pastes first. */
  readonly settings: readonly string[]
  /** Writes the files that the commands read. */
  writeFiles(): Promise<void>
  /** Prints lines where the progress is shown. */
  say(lines: string): void
  columns(): number
  bold(text: string): string
  /** Waits for the person, where they want to be waited for. */
  pause?: (() => Promise<void>) | undefined
}

/**
 * Tells each step: before it what it is, why, and what would be without it; after it the same as AWS CLI commands, and
 * how to look at the result.
 */
export function narrator({ direction, byHand, settings, writeFiles, say, columns, bold, pause }: Stage): Narrator {
  let told = false
  const width = () => Math.min(columns(), 100)
  return {
    async before(name) {
      if (told) await pause?.()
      else say(['', '  The commands below work after these:', ...settings.map(indented)].join('\n'))
      told = true
      say(`\n${bold(name)}\n${wrap(paragraph(direction, name), width(), '  ')}\n`)
    },
    async after(step) {
      const lines = after(step)
      await writeFiles()
      say(lines.join('\n'))
    },
  }

  function after(step: Step): string[] {
    const commands = byHand.of(step, width() - 4)
    const ids = step.id?.split(', ').filter(Boolean) ?? []
    const look = step.outcome !== 'failed' && ids.length > 0 && direction === 'up' && upTexts[step.name]?.look?.(ids)
    return [
      ...(commands.length > 0 ? ['  By hand:', ...commands.map(indented)] : []),
      ...(look ? ['  To look at it:', ...look.map(indented)] : []),
    ]
  }
}

const indented = (command: string) => command.replaceAll(/^/gm, '    ')

/** What a person hears before the step. Pure. */
export function paragraph(direction: 'up' | 'down', name: string): string {
  if (direction === 'down') return downTexts[name] ?? ''
  const text = upTexts[name]
  return text ? `${text.what} ${text.why} Without it: ${lowerFirst(text.without)}` : ''
}

const lowerFirst = (text: string) =>
  /^(The|A|An|There|Nobody|Nodes|Packets|Each|After|Three|Nothing) /.test(text)
    ? text[0]?.toLowerCase() + text.slice(1)
    : text
