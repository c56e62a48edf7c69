import type { WriteStream } from 'node:tty'
import { styleText } from 'node:util'
import type { Journal, Outcome, Step } from './aws/journal.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']

type Colour = 'green' | 'yellow' | 'red' | 'dim' | 'cyan'

/** How a line is written: whether anything moves, with which colours, and in how many columns. */
interface Look {
  readonly moves: boolean
  readonly paint: (colour: Colour | 'bold', text: string) => string
  columns(): number
}

/** What shows progress: it can be spoken over, and ends. */
export interface Progress {
  /** Prints lines above what moves. */
  say(lines: string): void
  stop(): void
}

/**
 * A line for each step when it ends; on a terminal, below them, a line for each that goes on, with what it waits for. Into
 * a file or a pipe, and with NO_COLOR, nothing moves and nothing is coloured (https://no-color.org).
 * @param endings false where how a step ended is told elsewhere: in a plan nothing ended.
 */
export function showProgress(
  journal: Journal,
  stream: WriteStream,
  { env = process.env, endings = true }: { env?: NodeJS.ProcessEnv; endings?: boolean } = {},
): Progress {
  const look = lookOf(stream, env)
  const ended = new Set<Step>()
  let below: string[] = []
  // As many rows as the lines take now: the window may have become narrower since they were written.
  const clear = () => {
    const rows = below.reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / look.columns())), 0)
    below = []
    // Row by row: what erases the rest of the screen at once, from its first row, tmux keeps in what was scrolled off.
    return look.moves ? `\r\u001b[K${'\u001b[A\u001b[2K'.repeat(Math.max(0, rows - 1))}` : ''
  }
  const draw = (above = '') => {
    const going = journal.steps.filter(step => step.ended === undefined)
    const cleared = clear()
    if (look.moves) below = movingLines(going, journal.now(), look.columns(), stream.rows || 24)
    stream.write(`${cleared}${above}${below.map(line => look.paint('dim', line)).join('\n')}`)
  }
  journal.onChange(step => {
    if (!endings || step.ended === undefined || ended.has(step)) return
    ended.add(step)
    draw(`${endedLine(step, look)}\n`)
  })
  const timer = look.moves ? setInterval(draw, 100) : undefined
  timer?.unref()
  return {
    say: lines => lines !== '' && draw(`${lines}\n`),
    stop() {
      clearInterval(timer)
      if (look.moves) stream.write(clear())
    },
  }
}

/** What this stream can show. Some terminals do not know how wide they are, and say 0. */
export function lookOf(stream: WriteStream, env: NodeJS.ProcessEnv = process.env): Look {
  const moves = Boolean(stream.isTTY && env.TERM !== 'dumb' && !env.NO_COLOR)
  return {
    moves,
    paint: (colour, text) => (moves ? styleText(colour, text, { validateStream: false }) : text),
    columns: () => (stream.isTTY && stream.columns) || Infinity,
  }
}

const colours: Record<Outcome, Colour> = {
  created: 'green',
  mended: 'yellow',
  deleted: 'green',
  done: 'green',
  failed: 'red',
  'already there': 'dim',
  'yours, kept': 'cyan',
}

/** How a step ended: `✓ VPC                 created          0.3 s  vpc-0123`. Where it is narrow the id gives way first. */
export function endedLine(step: Step, { paint, columns }: Look): string {
  const { name, outcome = 'done', began, ended = began, id = '' } = step
  const narrow = columns() < 60
  const names = narrow ? 17 : 21
  const mark = outcome === 'failed' ? '✗' : '✓'
  const seconds = `${((ended - began) / 1000).toFixed(1)} s`.padStart(7)
  const padded = narrow ? fit(name, names - 1).padEnd(names) : name.padEnd(names)
  const text = fit(`${mark} ${padded}${outcome.padEnd(13)} ${seconds}${narrow ? '' : `  ${id}`}`.trimEnd(), columns())
  const colour = colours[outcome]
  const [ofName, ofOutcome] = [2 + names, 15 + names]
  return [
    paint(colour, text.slice(0, 1)),
    text.slice(1, ofName),
    paint(colour, text.slice(ofName, ofOutcome)),
    paint('dim', text.slice(ofOutcome)),
  ].join('')
}

/** A line for each step that goes on, as many as the terminal has room for. Pure. */
export function movingLines(going: readonly Step[], now: number, columns: number, rows: number): string[] {
  const frame = frames[Math.floor(now / 100) % frames.length]
  const names = columns < 60 ? 17 : 21
  const line = ({ name, began, waiting }: Step) => {
    const elapsed = `${((now - began) / 1000).toFixed(0)} s`.padStart(5)
    return fit(`${frame} ${fit(name, names - 1).padEnd(names)}${elapsed}  ${waiting ?? ''}`.trimEnd(), columns - 1)
  }
  const room = Math.max(1, rows - 2)
  if (going.length <= room) return going.map(line)
  return [...going.slice(0, room - 1).map(line), fit(`  and ${going.length - room + 1} more`, columns - 1)]
}

const fit = (text: string, columns: number) =>
  text.length > columns ? `${text.slice(0, Math.max(columns - 1, 0))}…` : text
