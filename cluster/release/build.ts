import { chmod, copyFile, cp, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Architecture } from '../aws/images.ts'
import { UserError } from '../errors.ts'
import { prepareBuild } from '../local/machines/prepare.ts'
import { copyPrograms, unpackDebian, withSeccomp } from './debian.ts'
import { buildGo } from './go.ts'
import { packImage } from './image.ts'
import { imagePrograms } from './image-programs.ts'
import { keptRelease } from './kept.ts'
import { packFolder } from './pack.ts'
import { fileOf, type Part, type Piece } from './parts.ts'
import { type ImageName, imagesOf, lineOf, serverPrograms } from './pins.ts'
import { cniPlugins, containerdPrograms, etcd, kubernetes, runc } from './programs.ts'
import { run } from './run.ts'
import { buildSalt } from './salt.ts'

type Say = (words: string) => void

/** What every part of a build is given. */
interface Build {
  readonly version: string
  readonly arch: Architecture
  /** Where things are built, and kept for the next time. */
  readonly work: string
  /** The root file system that Debian's libraries and programs come from. */
  readonly debian: string
  readonly say: Say
}

/**
 * Builds the pieces of a release from source: of what Go's module proxy, the Python package index and Debian have.
 * What is there is kept, and a build that was cut off goes on; the first takes a quarter of an hour and more.
 * @throws UserError when something to build with is missing.
 */
export async function buildRelease(version: string, pieces: readonly Piece[], cache: string, say: Say) {
  const other = pieces.find(({ arch }) => arch !== 'amd64')?.arch
  if (process.platform !== 'linux' || process.arch !== 'x64' || other)
    throw new UserError(
      `A release can be built for amd64 and on Linux on x86-64 only; this is ${process.platform} on ${process.arch}, and ${other ?? 'amd64'} was asked for. Use a computer that reaches the official downloads.`,
    )
  for (const { part } of pieces)
    if (part.unbuildable) throw new UserError(`Nothing was created. ${part.unbuildable}`, 2)
  await prepareBuild(process.env, say)
  const work = join(cache, 'build')
  const folder = await keptRelease(cache, version)
  await mkdir(work, { recursive: true })
  const build = { version, work, debian: await unpackDebian(work, say), say }
  const files = pieces.map(piece => ({ ...piece, name: fileOf(piece), path: join(folder, fileOf(piece)) }))
  for (const { part, arch, path } of files)
    if (!(await exists(path))) await inFolder(work, at => fill({ ...build, arch }, part, at), path)
  return files.map(({ name, path }) => ({ name, path }))
}

const exists = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined

/** Something packed out of a folder that is gone afterwards. */
async function inFolder(work: string, fill: (folder: string) => Promise<void>, path: string): Promise<void> {
  const folder = await mkdtemp(join(work, '.pack-'))
  try {
    await fill(folder)
    await packFolder(folder, path, { gzip: true })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function fill(build: Build, { kubernetes = [], bin = [], cni = [], images = [], salt }: Part, folder: string) {
  const { arch, work, say } = build
  const into = async (name: string) => {
    await mkdir(join(folder, name), { recursive: true })
    return join(folder, name)
  }
  for (const name of kubernetes) await buildKubernetes(build, name, join(await into(serverPrograms), name))
  for (const name of bin) await buildProgram(build, name, join(await into('bin'), name))
  for (const name of cni) await cp((await buildGo(cniPlugins, work, say))(name), join(await into('cni'), name))
  for (const name of images) await buildImage(build, name, join(await into('images'), `${name}.tar`))
  if (salt) await buildSalt(arch, work, join(folder, 'salt'), say)
}

/** One file of a server tarball's: a program, or with .tar the image of one. */
async function buildKubernetes({ version, arch, work, say }: Build, name: string, path: string) {
  const built = await buildGo(kubernetes(version, lineOf(version)), work, say)
  const program = name.replace(/\.tar$/, '')
  if (program === name) return cp(built(program), path)
  say(`packing ${program}`)
  const image = { name: `registry.k8s.io/${program}-${arch}:${version}`, architecture: arch }
  await programImage(image, built(program), `usr/local/bin/${program}`, path, work)
}

async function buildProgram({ version, work, debian, say }: Build, name: string, path: string) {
  const modules = [containerdPrograms, runc(await withSeccomp(debian, work)), ...etcd(lineOf(version))]
  const module = modules.find(({ programs }) => name in programs)
  // crictl is for people who look for a fault: no machine needs it.
  if (module) await cp((await buildGo(module, work, say))(name), path)
  else if (name !== 'crictl') throw new Error(`nobody knows how to build ${name}`)
}

async function buildImage({ version, arch, work, debian, say }: Build, name: ImageName, path: string) {
  const image = { name: imagesOf(lineOf(version))[name], architecture: arch }
  if (name === 'pause') {
    const pause = join(work, 'pause')
    await run('gcc', ['-Os', '-static', '-s', '-o', pause, join(import.meta.dirname, 'pause.c')], {
      install: 'On Debian and Ubuntu: apt-get install gcc libc6-dev.',
    })
    return programImage({ ...image, user: '65535:65535' }, pause, 'pause', path, work)
  }
  if (name === 'cluster-autoscaler') throw new Error(`${name} cannot be built`)
  const { module, at, user, runs = [] } = imagePrograms(version)[name]
  const [program = ''] = Object.keys(module.programs)
  const built = await buildGo(module, work, say)
  const more = (root: string) => copyPrograms(debian, root, runs)
  await programImage({ ...image, ...(user && { user }) }, built(program), at, path, work, more)
}

/** An image that holds a static program, and what more is put beside it. */
async function programImage(
  image: { name: string; architecture: Architecture; user?: string },
  program: string,
  at: string,
  path: string,
  work: string,
  more?: (root: string) => Promise<void>,
): Promise<void> {
  const root = await mkdtemp(join(work, '.root-'))
  try {
    await mkdir(dirname(join(root, at)), { recursive: true })
    await copyFile(program, join(root, at))
    await chmod(join(root, at), 0o755)
    await more?.(root)
    await packImage({ ...image, root, entrypoint: [`/${at}`] }, path)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}
