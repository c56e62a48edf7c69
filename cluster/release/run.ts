import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { UserError } from '../errors.ts'

export interface Running {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** Milliseconds until it is given up. */
  readonly deadline?: number
  /** Is told what the program says, line by line. */
  readonly say?: (line: string) => void
  /** How to get the program where it is missing. */
  readonly install?: string
}

/**
 * Runs a program of this computer to its end.
 * @returns its standard output. @throws UserError with its last lines when it fails, and how to install it when it is not there.
 */
export function run(command: string, args: readonly string[], running: Running = {}): Promise<string> {
  const { cwd, env, deadline = 10 * 60_000, say, install = '' } = running
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      ...(cwd && { cwd }),
      env: { ...process.env, ...env },
    })
    let out = ''
    const last: string[] = []
    const timer = setTimeout(() => child.kill(), deadline)
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text
    })
    createInterface({ input: child.stderr }).on('line', line => {
      last.push(line)
      if (last.length > 5) last.shift()
      say?.(line)
    })
    const failed = (why: string) => reject(new UserError(`${command} ${args.slice(0, 3).join(' ')} failed: ${why}`))
    child.once('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer)
      if (error.code !== 'ENOENT') return failed(error.message)
      reject(new UserError(`${command} is needed to build the release and is not installed. ${install}`.trim()))
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      if (code === 0) return resolve(out)
      failed(signal ? `no end after ${deadline / 60_000} minutes` : last.join(' / ').slice(-800) || `exit code ${code}`)
    })
  })
}
