import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { packImage } from '../../cluster/release/image.ts'
import { packFolder } from '../../cluster/release/pack.ts'
import { sha256 } from '../support/releases.ts'

const folder = mkdtempSync(join(tmpdir(), 'kube-up-image-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

/** A root file system with one program, touched at such a time, with such a mode. */
function rootOf(name: string, seconds: number, mode: number): string {
  const root = join(folder, name)
  mkdirSync(join(root, 'bin'), { recursive: true })
  writeFileSync(join(root, 'bin', 'pause'), 'a program')
  chmodSync(join(root, 'bin', 'pause'), mode)
  utimesSync(join(root, 'bin', 'pause'), seconds, seconds)
  return root
}
async function packed(name: string, seconds = 1, mode = 0o755): Promise<string> {
  const path = join(folder, `${name}.tar`)
  const image = { name: 'registry.k8s.io/pause:3.10.2', architecture: 'amd64', entrypoint: ['/bin/pause'] } as const
  await packImage({ ...image, user: '65535:65535', root: rootOf(name, seconds, mode) }, path)
  return path
}
const inside = (path: string, name: string) => execFileSync('tar', ['-x', '-O', '-f', path, name])

test('an image names itself, its one layer, and what it runs as whom', async () => {
  const path = await packed('image')
  const [manifest] = JSON.parse(inside(path, 'manifest.json').toString())
  const config = JSON.parse(inside(path, manifest.Config).toString())
  assert.equal(manifest.RepoTags, ['registry.k8s.io/pause:3.10.2'])
  assert.equal(config.config.Entrypoint, ['/bin/pause'])
  assert.is(config.config.User, '65535:65535')
  assert.is(config.architecture, 'amd64')
  const layer = inside(path, manifest.Layers[0])
  assert.equal(config.rootfs.diff_ids, [`sha256:${sha256(layer)}`])
  writeFileSync(join(folder, 'layer'), layer)
  assert.is(inside(join(folder, 'layer'), 'bin/pause').toString(), 'a program')
})

test('another time and another mode make the same bytes', async () => {
  const [one, other] = [await packed('one', 1, 0o755), await packed('other', 1_000_000, 0o700)]
  assert.ok(readFileSync(one).equals(readFileSync(other)))
})

test('a program that may not be run makes others', async () => {
  const [one, other] = [await packed('may', 1, 0o755), await packed('may-not', 1, 0o644)]
  assert.not.ok(readFileSync(one).equals(readFileSync(other)))
})

test('nothing but the image is left beside it', async () => {
  await packed('alone')
  assert.equal(
    readdirSync(folder).filter(name => name.startsWith('.') || /\.\d+$/.test(name)),
    [],
  )
})

test('a folder packed with gzip is the same again, too', async () => {
  const root = rootOf('zipped', 5, 0o755)
  await packFolder(root, join(folder, 'a.tar.gz'), { gzip: true })
  await packFolder(root, join(folder, 'b.tar.gz'), { gzip: true })
  assert.ok(readFileSync(join(folder, 'a.tar.gz')).equals(readFileSync(join(folder, 'b.tar.gz'))))
})

test.run()
