import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { extract } from 'tar'
import type { Architecture } from '../aws/images.ts'
import { UserError } from '../errors.ts'
import { download, fetchText, type Wanted } from './download.ts'
import { keptRelease } from './kept.ts'
import { packFolder } from './pack.ts'
import { componentsTar, imagesOf, lineOf, pins, serverTarball } from './pins.ts'
import { pullImage } from './registry.ts'
import { run } from './run.ts'
import { type Source, type Sums, sourcesOf, sumIn } from './sources.ts'

type Say = (words: string) => void

/** Where the files come from: their own addresses, or all from one server, for tests. */
const at = (url: string, from?: string) => (from ? url.replace(/^https:\/\/[^/]+/, from) : url)

interface Wish {
  /** Of the server tarball and the components, what is wanted. */
  readonly names: readonly string[]
  /** A server to take the place of all. */
  readonly from?: string
  readonly sums?: Sums
  readonly digests?: Sums
}

/**
 * The official files of a release, fetched once, checked and kept; then packed for the machines.
 * @returns where they are. @throws UserError when one cannot be had, or is not what was published.
 */
export async function fetchRelease(
  version: string,
  arch: Architecture,
  cache: string,
  say: Say,
  { names, from, sums = pins.sums, digests = pins.digests }: Wish,
): Promise<{ name: string; path: string }[]> {
  const folder = await keptRelease(cache, version)
  const downloads = join(folder, 'downloads')
  await mkdir(downloads, { recursive: true })
  const { server, ...parts } = sourcesOf(version, arch, sums)
  const files = names.map(name => ({ name, path: join(folder, name) }))
  const wanted: { source: Source; path: string }[] = []
  for (const { name, path } of files) {
    if (await exists(path)) continue
    if (name === serverTarball(arch) && server) wanted.push({ source: server, path })
    if (name === componentsTar(arch))
      for (const source of Object.values(parts)) wanted.push({ source, path: join(downloads, source.name) })
  }
  const missing: Wanted[] = []
  for (const { source, path } of wanted)
    if (!(await exists(path)))
      missing.push({ url: at(source.url, from), path, sha256: source.sha256 ?? (await published(source, from)) })
  await download(missing, say)
  for (const { name, path } of files)
    if (name === componentsTar(arch) && !(await exists(path)))
      await packComponents(version, arch, downloads, path, say, { names, digests, ...(from && { from }) })
  return files
}

const isFile = (entry: unknown) => (entry as { type?: string }).type === 'File'
const exists = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined

async function published({ name, sums }: Source, from?: string): Promise<string> {
  const url = at(sums, from)
  const sum = sumIn(await fetchText(url), name)
  if (!sum) throw new UserError(`${url} holds no SHA-256 of ${name}; look whether the address leads where it should.`)
  return sum
}

async function packComponents(
  version: string,
  arch: Architecture,
  downloads: string,
  path: string,
  say: Say,
  { from, digests = {} }: Wish,
): Promise<void> {
  const folder = await mkdtemp(join(downloads, '.components-'))
  const into = async (name: string) => {
    await mkdir(join(folder, name), { recursive: true })
    return join(folder, name)
  }
  const source = sourcesOf(version, arch)
  /** Programs out of an archive, wherever in it they lie. */
  const unpack = async (name: string, to: string, programs: readonly string[]) => {
    const cwd = await mkdtemp(join(downloads, '.unpacked-'))
    try {
      await extract({
        file: join(downloads, source[name]?.name ?? ''),
        cwd,
        filter: (path, entry) => isFile(entry) && programs.includes(basename(path)),
      })
      const found = (await readdir(cwd, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile())
      const folder = await into(to)
      for (const program of programs) {
        const file = found.find(entry => entry.name === program)
        if (!file) throw new UserError(`${source[name]?.url} holds no ${program}; this is a mistake in the pins.`)
        await copyFile(join(file.parentPath, program), join(folder, program))
        await chmod(join(folder, program), 0o755)
      }
    } finally {
      await rm(cwd, { recursive: true, force: true })
    }
  }
  try {
    say('packing the components')
    await unpack('containerd', 'bin', ['containerd', 'containerd-shim-runc-v2', 'ctr'])
    await unpack('crictl', 'bin', ['crictl'])
    await unpack('etcd', 'bin', ['etcd', 'etcdctl'])
    await unpack('cni', 'cni', ['bridge', 'host-local', 'loopback', 'portmap', 'ptp'])
    await copyFile(join(downloads, source.runc?.name ?? ''), join(folder, 'bin', 'runc'))
    await chmod(join(folder, 'bin', 'runc'), 0o755)
    // The only one packed with xz, which Node cannot read; every system's tar can.
    await run('tar', ['-x', '-f', join(downloads, source.salt?.name ?? ''), '-C', folder], {
      install: 'Install tar and xz (on Debian and Ubuntu: apt-get install tar xz-utils).',
    })
    const images = imagesOf(lineOf(version))
    const there = await into('images')
    await writeFile(join(there, 'images.json'), `${JSON.stringify(images, undefined, 2)}\n`)
    for (const [name, image] of Object.entries(images)) {
      const digest = digests[image]
      const place = { blobs: join(downloads, 'blobs'), path: join(there, `${name}.tar`), ...(from && { from }) }
      await mkdir(place.blobs, { recursive: true })
      await pullImage(image, digest, arch, place, say)
    }
    await packFolder(folder, path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
