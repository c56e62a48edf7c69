import { chmod, copyFile, cp, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Architecture } from '../aws/images.ts'
import { UserError } from '../errors.ts'
import { prepareBuild } from '../local/machines/prepare.ts'
import { copyNft, unpackDebian, withSeccomp } from './debian.ts'
import { buildGo } from './go.ts'
import { packImage } from './image.ts'
import { keptRelease } from './kept.ts'
import { packFolder } from './pack.ts'
import { componentsTar, imagesOf, lineOf, serverTarball } from './pins.ts'
import { cniPlugins, containerdPrograms, controlPlane, etcd, imagePrograms, kubernetes, runc } from './programs.ts'
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
 * Builds a release from source, in the layout of the official one: what Go's module proxy, the Python package index and Debian have.
 * What is there is kept, and a build that was cut off goes on; the first takes a quarter of an hour and more.
 * @returns the paths of its two files. @throws UserError when something to build with is missing.
 */
export async function buildRelease(version: string, arch: Architecture, cache: string, say: Say): Promise<string[]> {
  if (process.platform !== 'linux' || process.arch !== 'x64' || arch !== 'amd64')
    throw new UserError(
      `A release can be built for amd64 and on Linux on x86-64 only; this is ${process.platform} on ${process.arch}, and ${arch} was asked for. Use a computer that reaches the official downloads.`,
    )
  await prepareBuild(process.env, say)
  const work = join(cache, 'build')
  const folder = await keptRelease(cache, version)
  const server = join(folder, serverTarball(arch))
  const components = join(folder, componentsTar(arch))
  await mkdir(work, { recursive: true })
  const build = { version, arch, work, debian: await unpackDebian(work, say), say }
  if (!(await exists(server))) await inFolder(work, at => buildServer(build, at), server)
  if (!(await exists(components))) await inFolder(work, at => buildComponents(build, at), components)
  return [server, components]
}

const exists = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined

/** Something packed out of a folder that is gone afterwards. */
async function inFolder(work: string, fill: (folder: string) => Promise<void>, path: string): Promise<void> {
  const folder = await mkdtemp(join(work, '.pack-'))
  try {
    await fill(folder)
    await packFolder(folder, path, { gzip: path.endsWith('.gz') })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function buildServer({ version, arch, work, debian, say }: Build, folder: string) {
  const built = await buildGo(kubernetes(version, lineOf(version)), work, say)
  const bin = join(folder, 'kubernetes', 'server', 'bin')
  await mkdir(bin, { recursive: true })
  for (const name of ['kubelet', 'kubectl']) await cp(built(name), join(bin, name))
  for (const name of controlPlane) {
    say(`packing ${name}`)
    const image = { name: `registry.k8s.io/${name}-${arch}:${version}`, architecture: arch }
    const more = name === 'kube-proxy' ? (root: string) => copyNft(debian, root) : undefined
    await programImage(image, built(name), `usr/local/bin/${name}`, join(bin, `${name}.tar`), work, more)
    await writeFile(join(bin, `${name}.docker_tag`), version)
  }
}

async function buildComponents({ version, arch, work, debian, say }: Build, folder: string) {
  const line = lineOf(version)
  for (const name of ['bin', 'cni', 'images']) await mkdir(join(folder, name))
  const images = imagesOf(line)
  await writeFile(join(folder, 'images', 'images.json'), `${JSON.stringify(images, undefined, 2)}\n`)
  for (const module of [containerdPrograms, runc(await withSeccomp(debian, work)), ...etcd(line), cniPlugins]) {
    const built = await buildGo(module, work, say)
    for (const name of Object.keys(module.programs))
      await cp(built(name), join(folder, module === cniPlugins ? 'cni' : 'bin', name))
  }
  await buildSalt(arch, work, join(folder, 'salt'), say)
  const image = (name: keyof typeof images) => ({ name: images[name], architecture: arch })
  const tar = (name: string) => join(folder, 'images', `${name}.tar`)
  const pause = join(work, 'pause')
  await run('gcc', ['-Os', '-static', '-s', '-o', pause, join(import.meta.dirname, 'pause.c')], {
    install: 'On Debian and Ubuntu: apt-get install gcc libc6-dev.',
  })
  await programImage({ ...image('pause'), user: '65535:65535' }, pause, 'pause', tar('pause'), work)
  for (const [name, { module, at, user }] of Object.entries(imagePrograms(line))) {
    const built = await buildGo(module, work, say)
    const [program = ''] = Object.keys(module.programs)
    const as = { ...image(name as keyof typeof images), ...(user && { user }) }
    await programImage(as, built(program), at, tar(name), work)
  }
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
