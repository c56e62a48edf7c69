import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from 'tar'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { requireWhole } from '../../cluster/aws/given-archives.ts'
import { UserError } from '../../cluster/errors.ts'
import { chance } from '../support/harsh/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'kube-up-archives-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

const random = chance(1)
mkdirSync(join(folder, 'kubernetes'))
writeFileSync(join(folder, 'kubernetes/kubelet'), Buffer.from(Array.from({ length: 100_000 }, () => random() * 256)))
const pack = (name: string, gzip: boolean) => {
  const file = join(folder, name)
  create({ cwd: folder, file, gzip, sync: true, portable: true }, ['kubernetes'])
  return file
}
const whole = pack('whole.tar.gz', true)
const plain = pack('plain.tar', false)
const bytes = readFileSync(whole)
const made = (name: string, content: Buffer | string) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const flipped = Buffer.from(bytes)
flipped[50_000] = (flipped[50_000] ?? 0) ^ 0xff

const server = (path: string) => requireWhole({ variable: 'KUBERNETES_SERVER_TAR', path })

test('a whole archive is taken, the components not gzipped, too, and summed as it is read', async () => {
  for (const given of [
    { variable: 'KUBERNETES_SERVER_TAR', path: whole },
    { variable: 'KUBE_COMPONENTS_TAR', path: plain },
  ]) {
    const { sha256, bytes } = (await requireWhole(given)).summed
    const content = readFileSync(given.path)
    assert.equal([sha256, bytes], [createHash('sha256').update(content).digest('hex'), content.length])
  }
})

for (const [what, path] of Object.entries({
  'an empty file': made('empty.tar.gz', ''),
  'a text': made('text.tar.gz', 'no archive at all\n'.repeat(100)),
  'a page that says 404': made('404.tar.gz', '<!doctype html><title>404</title>'),
  'random bytes': made('random.tar.gz', Buffer.from(Array.from({ length: 20_000 }, () => random() * 256))),
  'one cut off in its header': made('cut-5.tar.gz', bytes.subarray(0, 5)),
  'one cut off in the middle': made('cut-half.tar.gz', bytes.subarray(0, bytes.length / 2)),
  'one cut off one byte before its end': made('cut-1.tar.gz', bytes.subarray(0, -1)),
  'one with a byte changed': made('flipped.tar.gz', flipped),
  'a server tarball that is not gzipped': plain,
  'one that something else follows': made('more.tar.gz', Buffer.concat([bytes, Buffer.alloc(9_000_000)])),
}))
  test(`${what} is refused with what is wrong and what to do`, async () => {
    const error: unknown = await server(path).catch(caught => caught)
    assert.instance(error, UserError, what)
    const { message, exitCode } = error as UserError
    assert.is(exitCode, 2)
    assert.match(message, /^KUBERNETES_SERVER_TAR=\S+ cannot be unpacked: .+\. Fetch it again, or leave it out\.$/)
  })

test.run()
