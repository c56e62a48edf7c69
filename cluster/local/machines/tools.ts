import { execFile } from 'node:child_process'

/** Run a program to its end. What it said on failure becomes the message: a bare exit code helps nobody. */
export const run = (command: string, args: readonly string[], input = '', timeout = 60_000) =>
  new Promise<string>((resolve, reject) => {
    const child = execFile(command, args, { timeout, maxBuffer: 64 << 20 }, (error, stdout, stderr) => {
      if (!error) return resolve(stdout)
      const why = error.killed ? `no end after ${timeout / 1000} s` : stderr.trim() || stdout.trim() || error.message
      reject(new Error(`${command} ${args.join(' ')} failed: ${why.slice(-2000)}`))
    })
    child.stdin?.on('error', () => {})
    child.stdin?.end(input)
  })
