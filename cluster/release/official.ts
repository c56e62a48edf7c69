import { chmod, copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { extract } from 'tar'
import type { Architecture } from '../aws/images.ts'
import { UserError } from '../errors.ts'
import { download, fetchText } from './download.ts'
import { keptRelease } from './kept.ts'
import { packFolder } from './pack.ts'
import { fileOf, type Part, type Piece } from './parts.ts'
import { imagesOf, lineOf, pins, serverPrograms } from './pins.ts'
import { pullImage } from './registry.ts'
import { run } from './run.ts'
import { type Source, type Sums, sourcesOf, sumIn } from './sources.ts'

type Say = (words: string) => void

/** Where the files come from: their own addresses, or all from one server, for tests. */
const at = (url: string, from?: string) => (from ? url.replace(/^https:\/\/[^/]+/, from) : url)

interface Wish {
  /** A server to take the place of all. */
  readonly from?: string
  readonly sums?: Sums
  readonly digests?: Sums
}

/** What a project publishes together comes out of one archive. */
const archiveOf: Readonly<Record<string, string>> = {
  'containerd-shim-runc-v2': 'containerd',
  ctr: 'containerd',
  etcdctl: 'etcd',
}

/** Of which archives a part is made, and where in the part their programs go. */
const archivesOf = ({ kubernetes = [], bin = [], cni = [], salt }: Part) =>
  [
    { source: 'server', to: serverPrograms, programs: kubernetes },
    ...[...new Set(bin.map(name => archiveOf[name] ?? name))].map(source => ({
      source,
      to: 'bin',
      programs: bin.filter(name => (archiveOf[name] ?? name) === source),
    })),
    { source: 'cni', to: 'cni', programs: cni },
    { source: 'salt', to: '', programs: salt ? ['salt'] : [] },
  ].filter(({ programs }) => programs.length > 0)

/**
 * The official files of a release, fetched once, checked and kept; then packed for the machines, piece by piece.
 * @throws UserError when one cannot be had, or is not what was published.
 */
export async function fetchRelease(
  version: string,
  pieces: readonly Piece[],
  cache: string,
  say: Say,
  { from, sums = pins.sums, digests = pins.digests }: Wish = {},
): Promise<{ name: string; path: string }[]> {
  const folder = await keptRelease(cache, version)
  const downloads = join(folder, 'downloads')
  await mkdir(downloads, { recursive: true })
  const files = pieces.map(piece => ({ ...piece, name: fileOf(piece), path: join(folder, fileOf(piece)) }))
  const there = await Promise.all(files.map(({ path }) => exists(path)))
  const lacking = files.filter((_, i) => !there[i])
  const wanted = new Map<string, Source>()
  for (const { part, arch } of lacking)
    for (const { source } of archivesOf(part)) {
      const one = sourcesOf(version, arch, sums)[source]
      if (!one) throw new Error(`nobody knows where ${source} is published`)
      wanted.set(join(downloads, one.name), one)
    }
  const missing = [...wanted].map(async ([path, source]) =>
    (await exists(path))
      ? []
      : [{ url: at(source.url, from), path, sha256: source.sha256 ?? (await published(source, from)) }],
  )
  await download((await Promise.all(missing)).flat(), say)
  for (const { part, arch, name, path } of lacking) {
    say(`packing ${name}`)
    await pack(part, path, { version, arch, downloads, say, digests, ...(from && { from }) })
  }
  return files.map(({ name, path }) => ({ name, path }))
}

const isFile = (entry: unknown) => (entry as { type?: string }).type === 'File'
const exists = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined

async function published({ name, sums }: Source, from?: string): Promise<string> {
  const url = at(sums, from)
  const sum = sumIn(await fetchText(url), name)
  if (!sum) throw new UserError(`${url} holds no SHA-256 of ${name}; look whether the address leads where it should.`)
  return sum
}

interface Packing extends Wish {
  readonly version: string
  readonly arch: Architecture
  readonly downloads: string
  readonly say: Say
}

async function pack(part: Part, path: string, packing: Packing): Promise<void> {
  const { version, arch, downloads, say, from, digests = {} } = packing
  const folder = await mkdtemp(join(downloads, '.piece-'))
  try {
    for (const { source, to, programs } of archivesOf(part)) {
      const published = sourcesOf(version, arch)[source]
      const file = join(downloads, published?.name ?? '')
      await mkdir(join(folder, to), { recursive: true })
      if (source === 'salt')
        // The only one packed with xz, which Node cannot read; every system's tar can.
        await run('tar', ['-x', '-f', file, '-C', folder], {
          install: 'Install tar and xz (on Debian and Ubuntu: apt-get install tar xz-utils).',
        })
      else if (/\.(tgz|tar\.gz)$/.test(file)) await unpack(file, join(folder, to), programs, `${published?.url}`)
      else {
        const [program = ''] = programs
        await copyFile(file, join(folder, to, program))
        await chmod(join(folder, to, program), 0o755)
      }
    }
    const images = imagesOf(lineOf(version))
    for (const name of part.images ?? []) {
      await mkdir(join(folder, 'images'), { recursive: true })
      const place = {
        blobs: join(downloads, 'blobs'),
        path: join(folder, 'images', `${name}.tar`),
        ...(from && { from }),
      }
      await mkdir(place.blobs, { recursive: true })
      await pullImage(images[name], digests[images[name]], arch, place, say)
    }
    await packFolder(folder, path, { gzip: true })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Programs out of an archive, wherever in it they lie. */
async function unpack(file: string, to: string, programs: readonly string[], url: string): Promise<void> {
  const cwd = await mkdtemp(`${file}.unpacked-`)
  try {
    await extract({ file, cwd, filter: (path, entry) => isFile(entry) && programs.includes(basename(path)) })
    const found = (await readdir(cwd, { recursive: true, withFileTypes: true })).filter(entry => entry.isFile())
    for (const program of programs) {
      const one = found.find(entry => entry.name === program)
      if (!one) throw new UserError(`${url} holds no ${program}; this is a mistake in the pins.`)
      await copyFile(join(one.parentPath, program), join(to, program))
      await chmod(join(to, program), program.endsWith('.tar') ? 0o644 : 0o755)
    }
  } finally {
    await rm(cwd, { recursive: true, force: true })
  }
}
