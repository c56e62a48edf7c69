import { closeSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../errors.ts'

/** What a file holds, if it is there. */
export function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Changes a kubeconfig under kubectl's own lock, and replaces it whole, so that no reader sees half of it. Whoever holds
 * the lock is waited for; we hold it in one go, so that not even Ctrl-C leaves it behind.
 */
export async function change(path: string, context: string, edit: (before: string) => string): Promise<void> {
  // Where it is a link, what it leads to is replaced, and the link stays.
  const file = read(path) === undefined ? path : realpathSync(path)
  const lock = `${path}.lock`
  for (const until = performance.now() + 10_000; ; await sleep(20 + Math.random() * 60)) {
    try {
      closeSync(openSync(lock, 'wx', 0o600))
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (performance.now() > until)
        throw new UserError(`${path} is locked by ${lock} for 10 s; when no kubectl is running, delete that file.`)
    }
  }
  try {
    const before = read(file) ?? ''
    const after = edited(path, context, before, edit)
    if (after === before) return
    writeFileSync(`${file}.${process.pid}`, after, { mode: 0o600 })
    renameSync(`${file}.${process.pid}`, file)
  } finally {
    rmSync(lock, { force: true })
  }
}

function edited(path: string, context: string, before: string, edit: (before: string) => string): string {
  try {
    return edit(before)
  } catch (error) {
    const why = (error as Error).message.split('\n')[0]
    throw new UserError(`${path} cannot be read as a kubeconfig (${why}); mend it, or see to ${context} by hand.`)
  }
}
