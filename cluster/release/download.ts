import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { UserError } from '../errors.ts'
import { sumOf } from './pack.ts'

/** How long a server may be silent, in milliseconds, before it counts as gone. */
const silence = 30_000

export interface Wanted {
  readonly url: string
  readonly path: string
  /** The SHA-256 it must have. */
  readonly sha256: string
}

/**
 * Files of the web, each fetched once, checked and kept; four at a time. What a run that was cut off has of a file is not fetched again.
 * @param say is told how far it is. @throws UserError when one cannot be had, or is not what was published.
 */
export async function download(files: readonly Wanted[], say: (words: string) => void): Promise<void> {
  const missing: Wanted[] = []
  for (const file of files) if (!(await sizeOf(file.path))) missing.push(file)
  const got = new Map<string, { bytes: number; of: number }>()
  const reached = (url: string, bytes: number, of: number) => {
    got.set(url, { bytes, of })
    const all = [...got.values()]
    const sum = (of: (one: { bytes: number; of: number }) => number) => all.reduce((total, one) => total + of(one), 0)
    say(`downloaded ${inMebibytes(sum(one => one.bytes))} of ${inMebibytes(sum(one => one.of))} MiB`)
  }
  const queue = [...missing]
  const work = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) await one(file, reached)
  }
  const done = await Promise.allSettled([work(), work(), work(), work()])
  for (const result of done) if (result.status === 'rejected') throw result.reason
}

const inMebibytes = (bytes: number) => Math.ceil(bytes / 1024 ** 2)
const sizeOf = async (path: string) => (await stat(path).catch(() => undefined))?.size

async function one(file: Wanted, reached: (url: string, bytes: number, of: number) => void): Promise<void> {
  await mkdir(dirname(file.path), { recursive: true })
  const part = await claimPart(file.path)
  // A connection may break more than once in a large file; as long as they bring something, it is getting there.
  for (let vain = 0; ; ) {
    const had = (await sizeOf(part)) ?? 0
    const broken = await append(file.url, part, had, reached)
    if (!broken) break
    vain = ((await sizeOf(part)) ?? 0) > had ? 0 : vain + 1
    if (vain > 5) throw broken
  }
  const sum = await sumOf(part)
  if (sum !== file.sha256) {
    await rm(part)
    throw new UserError(
      `${file.url} is not what was published: its SHA-256 is ${sum}, and ${file.sha256} was announced. Try again; if it stays so, something between here and there changes files.`,
    )
  }
  await rename(part, file.path)
}

/** The unfinished file under a name of this process's own: two runs may fetch at once, and one that died leaves its part to the next. */
async function claimPart(path: string): Promise<string> {
  const mine = `${path}.part.${process.pid}`
  const parts = (await readdir(dirname(path))).filter(name => name.startsWith(`${basename(path)}.part.`))
  for (const name of parts)
    if (!isAlive(Number(name.split('.').at(-1)))) await rename(join(dirname(path), name), mine).catch(() => {})
  return mine
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** @returns what broke the connection, when something did. @throws UserError when there is no use in going on. */
async function append(
  url: string,
  part: string,
  had: number,
  reached: (url: string, bytes: number, of: number) => void,
): Promise<UserError | undefined> {
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(new Error(`nothing came for ${silence / 1000} s`)), silence)
  try {
    const answer = await fetch(url, { signal: giveUp.signal, headers: had > 0 ? { range: `bytes=${had}-` } : {} })
    if (answer.status === 416) return void (await restartOrDone(part, had, answer))
    if (!answer.ok) throw notFetched(url, `status ${answer.status}`)
    let bytes = answer.status === 206 ? had : 0
    const total = bytes + Number(answer.headers.get('content-length') ?? 0)
    const file = await open(part, bytes > 0 ? 'a' : 'w')
    try {
      // Chunk by chunk: what came before a connection broke is kept, where a pipeline would drop it.
      for await (const chunk of answer.body ?? []) {
        timer.refresh()
        await file.appendFile(chunk)
        bytes += chunk.length
        reached(url, bytes, Math.max(total, bytes))
      }
    } finally {
      await file.close()
    }
    return bytes < total ? notFetched(url, `it ended after ${bytes} of ${total} bytes`) : undefined
  } catch (error) {
    if (error instanceof UserError) throw error
    const { code, cause, message } = error as NodeJS.ErrnoException & { cause?: Error }
    // A full disk is not the server's fault.
    if (code === 'ENOSPC' || code === 'EACCES') throw error
    return notFetched(url, (giveUp.signal.reason as Error | undefined)?.message ?? cause?.message ?? message)
  } finally {
    clearTimeout(timer)
  }
}

/** Nothing beyond what is there: it is whole, or of another file; its sum will tell. */
async function restartOrDone(part: string, had: number, answer: Response): Promise<void> {
  const length = Number(/\/(\d+)$/.exec(answer.headers.get('content-range') ?? '')?.[1] ?? had)
  if (length !== had) await rm(part)
}

const notFetched = (url: string, why: string) =>
  new UserError(
    `${url} could not be fetched (${why}); check the connection and run it again: what was fetched is kept.`,
  )

/** A small text of the web, such as a sum. @throws UserError when it cannot be had. */
export async function fetchText(url: string, headers: Record<string, string> = {}): Promise<string> {
  try {
    const answer = await fetch(url, { headers, signal: AbortSignal.timeout(silence) })
    if (!answer.ok) throw notFetched(url, `status ${answer.status}`)
    return await answer.text()
  } catch (error) {
    if (error instanceof UserError) throw error
    throw notFetched(url, ((error as Error).cause as Error | undefined)?.message ?? (error as Error).message)
  }
}
