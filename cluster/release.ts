import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Config } from './aws/config-default.ts'
import { architectureOf } from './aws/images.ts'
import { UserError } from './errors.ts'
import { keptRelease } from './release/kept.ts'
import { fetchRelease } from './release/official.ts'
import { fileOf, type Piece, wantedParts } from './release/parts.ts'
import { serverTarball } from './release/pins.ts'

export { supportedVersions } from './release/pins.ts'

export interface PlacedFile {
  readonly name: string
  /** Where it lies on this computer; nothing where a dry run leaves it where it is. */
  readonly path?: string
}

/** Where a version of Kubernetes, and all it runs on, comes from. @returns the file of each piece, in their order. */
export type Release = (version: string, pieces: readonly Piece[]) => Promise<readonly PlacedFile[]>

interface Telling {
  readonly cache: string
  /** Is told how far it is. */
  readonly say: (words: string) => void
  /** Is told what the person should know at the end. */
  readonly note: (words: string) => void
}

/** The release as its projects publish it. */
export const officialRelease =
  ({ cache, say }: Pick<Telling, 'cache' | 'say'>, from?: string): Release =>
  (version, pieces) =>
    fetchRelease(version, pieces, cache, say, from ? { from } : {})

/** What a download is given to answer, in milliseconds, before building from source is the quicker way. */
const quickly = 5_000

/** For machines on this computer: what is in the cache, else the official release, else one built from source, as the person is told. */
export const releaseForLocalMachines =
  ({ cache, say, note }: Telling, from = 'https://dl.k8s.io'): Release =>
  async (version, pieces) => {
    const folder = await keptRelease(cache, version)
    const files = pieces.map(piece => ({ name: fileOf(piece), path: join(folder, fileOf(piece)) }))
    const there = await Promise.all(files.map(({ path }) => isFile(path)))
    if (there.every(Boolean)) return files
    if (await answers(`${from}/${version}/${serverTarball(pieces[0]?.arch ?? 'amd64')}.sha256`))
      return officialRelease({ cache, say })(version, pieces)
    note(
      `The official downloads of Kubernetes ${version} cannot be reached from here, so it was built from source; npm run build-release does only that.`,
    )
    const { buildRelease } = await import('./release/build.ts')
    return buildRelease(version, pieces, cache, say)
  }

/**
 * Asks before anything is created what machines on this computer would only find out half-way.
 * @throws UserError when something is wanted that cannot be built, and is neither kept nor to be fetched.
 */
export async function requireRelease(config: Config, cache: string, from = 'https://dl.k8s.io'): Promise<void> {
  const { KUBERNETES_VERSION: version, KUBE_COMPONENTS_TAR, MASTER_SIZE } = config
  const part = wantedParts(config).find(({ unbuildable }) => unbuildable)
  if (!part || KUBE_COMPONENTS_TAR) return
  const arch = architectureOf(MASTER_SIZE)
  if (await isFile(join(await keptRelease(cache, version), fileOf({ part, arch })))) return
  if (await answers(`${from}/${version}/${serverTarball(arch)}.sha256`)) return
  throw new UserError(`Nothing was created. ${part.unbuildable}`, 2)
}

const answers = (url: string) =>
  fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(quickly) }).then(
    ({ ok }) => ok,
    () => false,
  )

/** For a dry run, which downloads and builds nothing: what an earlier run left in the cache. */
export const onlyKept =
  ({ cache, note }: Pick<Telling, 'cache' | 'note'>): Release =>
  async (version, pieces) => {
    const folder = join(cache, 'releases', version)
    const files = await Promise.all(
      pieces.map(async piece => {
        const path = join(folder, fileOf(piece))
        return { name: fileOf(piece), ...((await isFile(path)) && { path }) }
      }),
    )
    const missing = files.filter(file => !('path' in file)).map(({ name }) => name)
    if (missing.length > 0)
      note(
        `Not on this computer yet, and so without a SHA-256; kube-up would fetch or build it: ${missing.join(', ')}.`,
      )
    return files
  }

const standIn = fileURLToPath(new URL('local/stand-in.md', import.meta.url))

/** A small file in the place of each, for instances that do not boot. */
export const standIns =
  ({ note }: Pick<Telling, 'note'>): Release =>
  async (_, pieces) => {
    if (pieces.length > 0)
      note(
        'With KUBE_LOCAL_MACHINES=false no instance boots, so small stand-ins take the place of Kubernetes in the bucket.',
      )
    return pieces.map(piece => ({ name: fileOf(piece), path: standIn }))
  }

/** A file that the person set a variable to. @throws UserError when it is not a file. */
export async function givenFile(variable: string, path: string, what: string): Promise<string> {
  if (!(await isFile(path)))
    throw new UserError(`${variable}=${path} is not a file; set it to a ${what}, or leave it out.`, 2)
  return path
}

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false
