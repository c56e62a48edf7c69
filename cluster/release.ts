import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Architecture } from './aws/images.ts'
import { UserError } from './errors.ts'

/** Where the Kubernetes project publishes its releases. */
export const officialReleases = 'https://dl.k8s.io'

export const serverTarball = (arch: Architecture): string => `kubernetes-server-linux-${arch}.tar.gz`

/** Whether fetchServerTarball() would find it on this computer. */
export const isFetched = (version: string, arch: Architecture, cache: string): Promise<boolean> =>
  isFile(join(cache, 'releases', version, serverTarball(arch)))

/**
 * The official server tarball on this computer: fetched once, checked against the sum published beside it, and kept.
 * @returns its path. @throws UserError when it cannot be had, or is not what was published.
 */
export async function fetchServerTarball(
  version: string,
  arch: Architecture,
  cache: string,
  from = officialReleases,
): Promise<string> {
  const folder = join(cache, 'releases', version)
  const path = join(folder, serverTarball(arch))
  if (await isFile(path)) return path
  const url = `${from}/${version}/${serverTarball(arch)}`
  await mkdir(folder, { recursive: true })
  // A name of this process's own: two runs may fetch at once, and only a whole and proven file gets the real name.
  const part = `${path}.${process.pid}`
  try {
    const sum = await get(`${url}.sha256`)
    const wanted = (await sum.text().catch(cutOff(`${url}.sha256`))).trim().split(/\s/)[0]
    const answer = await get(url)
    await pipeline(Readable.fromWeb(answer.body as never), createWriteStream(part)).catch(cutOff(url))
    const got = await sha256Of(part)
    if (got !== wanted)
      throw new UserError(
        `${url} is not what was published: its SHA-256 is ${got}, and ${wanted} was announced. Try again, or set KUBERNETES_SERVER_TAR to a file you trust.`,
      )
    await rename(part, path)
  } finally {
    await rm(part, { force: true })
  }
  return path
}

/** @throws UserError when KUBERNETES_SERVER_TAR is not a file that can be read. */
export async function givenServerTarball(path: string): Promise<string> {
  if (!(await isFile(path)))
    throw new UserError(`KUBERNETES_SERVER_TAR=${path} is not a file; set it to a server tarball, or leave it out.`, 2)
  return path
}

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false

async function get(url: string): Promise<Response> {
  const answer = await fetch(url).catch((error: Error) => (error.cause as Error | undefined)?.message ?? error.message)
  if (typeof answer !== 'string' && answer.ok) return answer
  throw notFetched(url, typeof answer === 'string' ? answer : `status ${answer.status}`)
}

/** A connection that breaks half-way is fetch's TypeError; anything else, such as a full disk, goes on. */
const cutOff = (url: string) => (error: Error) => {
  throw error instanceof TypeError
    ? notFetched(url, (error.cause as Error | undefined)?.message ?? error.message)
    : error
}

const notFetched = (url: string, why: string) =>
  new UserError(
    `${url} could not be fetched (${why}); check the connection, or set KUBERNETES_SERVER_TAR to a server tarball on disk.`,
  )

async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
