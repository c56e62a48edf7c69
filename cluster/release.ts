import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Architecture } from './aws/images.ts'
import { UserError } from './errors.ts'
import { keptRelease } from './release/kept.ts'
import { fetchRelease } from './release/official.ts'
import { componentsTar, serverTarball } from './release/pins.ts'

export { componentsTar, serverTarball, supportedVersions } from './release/pins.ts'

export interface PlacedFile {
  readonly name: string
  /** Where it lies on this computer; nothing where a dry run leaves it where it is. */
  readonly path?: string
}

/**
 * Where a version of Kubernetes, and all it runs on, comes from: for each architecture a server tarball and a tar of components.
 * @param without are names of files that are not needed, as the person gives others. @returns files on this computer.
 */
export type Release = (
  version: string,
  architectures: readonly Architecture[],
  without?: readonly string[],
) => Promise<readonly PlacedFile[]>

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
  async (version, architectures, without = []) => {
    const files: PlacedFile[] = []
    for (const arch of architectures) {
      const names = [serverTarball(arch), componentsTar(arch)].filter(name => !without.includes(name))
      files.push(...(await fetchRelease(version, arch, cache, say, { names, ...(from && { from }) })))
    }
    return files
  }

/** What a download is given to answer, in milliseconds, before building from source is the quicker way. */
const quickly = 5_000

/** For machines on this computer: what is in the cache, else the official release, else one built from source, as the person is told. */
export const releaseForLocalMachines =
  ({ cache, say, note }: Telling, from = 'https://dl.k8s.io'): Release =>
  async (version, architectures, without = []) => {
    const folder = await keptRelease(cache, version)
    const wanted = architectures.flatMap(arch =>
      [serverTarball(arch), componentsTar(arch)].map(name => ({ name, path: join(folder, name) })),
    )
    const files = wanted.filter(({ name }) => !without.includes(name))
    const there = await Promise.all(files.map(({ path }) => isFile(path)))
    if (there.every(Boolean)) return files
    if (await answers(`${from}/${version}/${serverTarball(architectures[0] ?? 'amd64')}.sha256`))
      return officialRelease({ cache, say })(version, architectures, without)
    note(
      `The official downloads of Kubernetes ${version} cannot be reached from here, so it was built from source; npm run build-release does only that.`,
    )
    const { buildRelease } = await import('./release/build.ts')
    for (const arch of architectures) await buildRelease(version, arch, cache, say)
    return files
  }

const answers = (url: string) =>
  fetch(url, { method: 'HEAD', signal: AbortSignal.timeout(quickly) }).then(
    ({ ok }) => ok,
    () => false,
  )

/** For a dry run, which downloads and builds nothing: what an earlier run left in the cache. */
export const onlyKept =
  ({ cache, note }: Pick<Telling, 'cache' | 'note'>): Release =>
  async (version, architectures, without = []) => {
    const names = architectures.flatMap(arch => [serverTarball(arch), componentsTar(arch)])
    const wanted = names.filter(name => !without.includes(name))
    return Promise.all(
      wanted.map(async name => {
        const path = join(cache, 'releases', version, name)
        if (await isFile(path)) return { name, path }
        note(`${name} is not on this computer; kube-up would fetch it, and then know its SHA-256.`)
        return { name }
      }),
    )
  }

const standIn = fileURLToPath(new URL('local/stand-in.md', import.meta.url))

/** A small file in the place of each, for instances that do not boot. */
export const standIns =
  ({ note }: Pick<Telling, 'note'>): Release =>
  async (_, architectures, without = []) => {
    const names = architectures.flatMap(arch => [serverTarball(arch), componentsTar(arch)])
    const missing = names.filter(name => !without.includes(name))
    if (missing.length > 0)
      note(
        'With KUBE_LOCAL_MACHINES=false no instance boots, so small stand-ins take the place of Kubernetes in the bucket.',
      )
    return missing.map(name => ({ name, path: standIn }))
  }

/** A file that the person set a variable to. @throws UserError when it is not a file. */
export async function givenFile(variable: string, path: string, what: string): Promise<string> {
  if (!(await isFile(path)))
    throw new UserError(`${variable}=${path} is not a file; set it to a ${what}, or leave it out.`, 2)
  return path
}

const isFile = async (path: string) => (await stat(path).catch(() => undefined))?.isFile() ?? false
