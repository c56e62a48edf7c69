import { execFileSync, spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { startProxy } from '../support/proxy.ts'

const test = suite('files')
let folder: string
let proxy: Awaited<ReturnType<typeof startProxy>>
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-up-files-'))
  // Nobody is behind it: it only writes down who called.
  proxy = await startProxy('http://127.0.0.1:9')
})
test.after(async () => {
  await proxy.stop()
  await rm(folder, { recursive: true })
})

async function refused(settings: Record<string, string | undefined>, words: RegExp): Promise<void> {
  proxy.forget()
  const script = fileURLToPath(new URL('../../cluster/bin/kube-up.js', import.meta.url))
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    USER: 'test',
    AWS_ENDPOINT_URL: proxy.endpoint,
    AWS_ACCESS_KEY_ID: 'a',
    AWS_SECRET_ACCESS_KEY: 'b',
    SSH_CIDR: '192.0.2.7/32',
    ...settings,
  }
  const child = spawn(process.execPath, [script], { env, cwd: folder })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += chunk))
  const code = await new Promise(resolve => child.on('close', resolve))
  assert.match(said, words)
  assert.is(code, 2, said)
  assert.not.match(said, /\n\s+at /)
  assert.equal(proxy.recorded, [], 'AWS was not called')
}

test('a directory where a file belongs', async () => {
  await mkdir(join(folder, 'directory'))
  await refused({ KUBERNETES_SERVER_TAR: join(folder, 'directory') }, /KUBERNETES_SERVER_TAR=.*directory is not a file/)
  await refused({ AWS_SSH_KEY: join(folder, 'directory') }, /The SSH key .*directory cannot be read \(EISDIR\)/)
})

test('a tarball that is not there', () =>
  refused({ KUBERNETES_SERVER_TAR: join(folder, 'nowhere.tar.gz') }, /nowhere\.tar\.gz is not a file/))

test('a key without its public half, which is no key', async () => {
  await writeFile(join(folder, 'broken'), 'not a key\n', { mode: 0o600 })
  await refused(
    { AWS_SSH_KEY: join(folder, 'broken') },
    /broken has no public half beside it, and it cannot be derived/,
  )
})

test('a key below a file', () =>
  refused({ AWS_SSH_KEY: '/dev/null/key' }, /The SSH key \/dev\/null\/key cannot be read \(ENOTDIR\)/))

test('no home directory, and none that could be made', () =>
  refused({ HOME: '/dev/null' }, /The SSH key \/dev\/null\/\.ssh\/kube_aws_rsa.* cannot be read \(ENOTDIR\)/))

// Mounting takes root; where tests run without, a full disk is tried by nobody.
if (process.getuid?.() === 0)
  for (const [what, options, words] of [
    ['a disk without room for a key', 'size=4k,nr_inodes=3', /No SSH key could be made at .*kube_aws_rsa: /],
    ['a home that cannot be written', 'ro', /No SSH key could be made at .*kube_aws_rsa: /],
  ] as const)
    test(what, async () => {
      const home = join(folder, options)
      await mkdir(home)
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', home])
      try {
        await refused({ HOME: home }, words)
      } finally {
        execFileSync('umount', [home])
      }
    })

test.run()
