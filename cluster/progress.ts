import type { WriteStream } from 'node:tty'
import { chalk } from 'zx/core'
import type { Journal, Outcome, Step } from './aws/journal.ts'

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const colours: Record<Outcome, (text: string) => string> = {
  created: chalk.green,
  mended: chalk.yellow,
  deleted: chalk.green,
  done: chalk.green,
  failed: chalk.red,
  'already there': chalk.dim,
  'yours, kept': chalk.cyan,
}

/** A line for each step when it ends; on a terminal, below them, one that moves and says what is going on. */
export function showProgress(journal: Journal, stream: WriteStream): { stop(): void } {
  const alive = stream.isTTY && process.env.TERM !== 'dumb'
  // Some terminals do not know, and say 0.
  const columns = () => (alive && stream.columns) || Infinity
  const clear = () => alive && stream.write('\r\u001b[K')
  const ended = new Set<Step>()
  journal.onChange(step => {
    if (step.ended === undefined || ended.has(step)) return
    ended.add(step)
    clear()
    stream.write(`${line(step, columns())}\n`)
  })
  const draw = () => {
    const going = journal.steps.filter(step => step.ended === undefined)
    clear()
    if (going.length > 0) stream.write(chalk.dim(fit(status(going, journal.now()), columns() - 1)))
  }
  const timer = alive ? setInterval(draw, 100) : undefined
  timer?.unref()
  return {
    stop() {
      clearInterval(timer)
      clear()
    },
  }
}

/** How a step ended: `✓ VPC                 created          0.3 s  vpc-0123`. */
function line(step: Step, columns: number): string {
  const { name, outcome = 'done', began, ended = began, id = '' } = step
  const mark = outcome === 'failed' ? '✗' : '✓'
  const seconds = `${((ended - began) / 1000).toFixed(1)} s`.padStart(7)
  const text = fit(`${mark} ${name.padEnd(20)} ${outcome.padEnd(13)} ${seconds}  ${id}`, columns)
  return (
    colours[outcome](text.slice(0, 1)) +
    text.slice(1, 23) +
    colours[outcome](text.slice(23, 36)) +
    chalk.dim(text.slice(36))
  )
}

const status = (going: Step[], now: number) => {
  const longest = Math.max(...going.map(step => now - step.began))
  const words = going.map(({ name, waiting }) => (waiting ? `${name}: ${waiting}` : name))
  return `${frames[Math.floor(now / 100) % frames.length]} ${(longest / 1000).toFixed(0)} s  ${words.join(' · ')}`
}

const fit = (text: string, columns: number) =>
  text.length > columns ? `${text.slice(0, Math.max(columns - 1, 0))}…` : text
