import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../../errors.ts'
import { authority } from './authority.ts'
import { run } from './tools.ts'

const recipe = new URL('templates/image/', import.meta.url).pathname
const release = 'trixie'

/** What a machine boots from: one base disk for all, a kernel and its first file system. */
export interface Image {
  readonly disk: string
  readonly kernel: string
  readonly initrd: string
}

/**
 * Debian as EC2 has it, built once and kept under the hash of everything it is made of: a changed recipe is another image.
 * It takes about a minute.
 */
export const image = async (cache: string, say: (line: string) => void): Promise<Image> => {
  const ca = await authority(cache)
  const hash = createHash('sha256').update(release).update(ca.certificate)
  for (const file of readdirSync(recipe).sort()) hash.update(readFileSync(join(recipe, file)))
  const at = join(cache, `debian-${release}-${hash.digest('hex').slice(0, 12)}`)
  const made = { disk: join(at, 'disk.qcow2'), kernel: join(at, 'vmlinuz'), initrd: join(at, 'initrd.img') }
  if (!existsSync(at) && process.getuid?.() !== 0)
    throw new UserError(
      `The machines' image takes root to build, once: sudo -E npm run local:setup makes it in ${cache}, for whoever calls sudo.`,
    )
  if (!existsSync(at)) await build(at, ca.certificateFile, say)
  return made
}

const build = async (at: string, certificate: string, say: (line: string) => void) => {
  const unfinished = `${at}.unfinished`
  const root = join(unfinished, 'root')
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  chmodSync(unfinished, 0o755)
  const began = Date.now()
  const stage = (what: string) => say(`image: ${what} (${Math.round((Date.now() - began) / 1000)} s)`)
  const packages = readFileSync(join(recipe, 'packages.txt'), 'utf8').trim().split(/\s+/).join(',')
  stage('installing Debian')
  await run(
    'env',
    [
      `LOCAL_CA=${certificate}`,
      'mmdebstrap',
      '--quiet',
      '--variant=minbase',
      `--include=${packages}`,
      '--dpkgopt=path-exclude=/usr/share/man/*',
      `--customize-hook=${join(recipe, 'customize.sh')} "$1"`,
      release,
      root,
    ],
    '',
    // A minute, where nothing else is done.
    45 * 60_000,
  )
  stage('writing the disk')
  const boot = (kind: string) =>
    join(root, 'boot', readdirSync(join(root, 'boot')).find(f => f.startsWith(kind)) ?? kind)
  await run('cp', [boot('vmlinuz'), join(unfinished, 'vmlinuz')])
  await run('cp', [boot('initrd.img'), join(unfinished, 'initrd.img')])
  const raw = join(unfinished, 'disk.raw')
  await run(
    'mke2fs',
    ['-q', '-t', 'ext4', '-L', 'root', '-d', root, '-E', 'lazy_itable_init=1', raw, '3G'],
    '',
    900_000,
  )
  await run('qemu-img', ['convert', '-f', 'raw', '-O', 'qcow2', raw, join(unfinished, 'disk.qcow2')], '', 900_000)
  rmSync(raw)
  rmSync(root, { recursive: true })
  renameSync(unfinished, at)
  stage('ready')
}
