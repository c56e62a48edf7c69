import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../../cluster/aws/cluster.ts'
import type { Env } from '../../cluster/aws/config.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { releaseFiles } from '../../cluster/aws/release-files.ts'
import type { ReleaseFile } from '../../cluster/aws/resources/staged-files.ts'
import { UserError } from '../../cluster/errors.ts'
import { componentsTar, type Release, serverTarball } from '../../cluster/release.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'kube-up-files-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

const cluster = (env: Env = {}) => connect(config(env), new Journal(), { release: placed })
/** A release whose files say what they are. */
const placed: Release = async (version, architectures, without = []) => {
  const names = architectures.flatMap(arch => [serverTarball(arch), componentsTar(arch)])
  return names
    .filter(name => !without.includes(name))
    .map(name => {
      const path = join(folder, name)
      writeFileSync(path, `${name} of ${version}`)
      return { name, path }
    })
}
async function bytes(file: ReleaseFile | undefined): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of file?.open() ?? []) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}
const named = (files: readonly ReleaseFile[], name: string) => files.find(file => file.name === name)
const salt = async (from = releaseFiles) => bytes(named(await from(cluster()), 'kubernetes-salt.tar.gz'))

test('machines of one architecture need four files', async () => {
  const files = await releaseFiles(cluster())
  assert.equal(
    files.map(({ name }) => name),
    ['kubernetes-server-linux-amd64.tar.gz', 'components-linux-amd64.tar', 'kubernetes-salt.tar.gz', 'bootstrap.sh'],
  )
})

test('a master and nodes of two architectures need their own files', async () => {
  const files = await releaseFiles(cluster({ MASTER_SIZE: 't4g.small', NODE_SIZE: 't3.small' }))
  assert.equal(files.map(({ name }) => name).slice(0, 4), [
    'kubernetes-server-linux-arm64.tar.gz',
    'components-linux-arm64.tar',
    'kubernetes-server-linux-amd64.tar.gz',
    'components-linux-amd64.tar',
  ])
})

test('every file can be opened twice, and is the same each time', async () => {
  for (const file of await releaseFiles(cluster())) {
    const first = await bytes(file)
    assert.ok(first.length > 0, file.name)
    assert.ok(first.equals(await bytes(file)), file.name)
  }
})

test('the bootstrap script is the template', async () => {
  const file = await bytes(named(await releaseFiles(cluster()), 'bootstrap.sh'))
  assert.is(file.toString(), readFileSync(join(root, 'cluster/aws/templates/bootstrap.sh'), 'utf8'))
})

test('the Salt states unpack as bootstrap.sh unpacks them, each file as it was', async () => {
  const there = join(folder, 'srv')
  mkdirSync(there)
  execFileSync('tar', ['--extract', '--gzip', '--directory', there, '--strip-components', '1'], { input: await salt() })
  const files = (of: string) =>
    readdirSync(of, { recursive: true, withFileTypes: true })
      .filter(entry => entry.isFile())
      .map(entry => join(entry.parentPath, entry.name).slice(of.length))
      .sort()
  assert.equal(files(`${there}/`), files(join(root, 'salt/')))
  for (const file of files(`${there}/`))
    assert.is(readFileSync(join(there, file), 'utf8'), readFileSync(join(root, 'salt', file), 'utf8'), file)
})

test('packed twice, they are the same byte for byte', async () => assert.ok((await salt()).equals(await salt())))

test('they carry nothing of this computer: no time, no owner, no mode of its own', async () => {
  const list = ['--list', '--verbose', '--gzip', '--numeric-owner', '--utc']
  const lines = execFileSync('tar', list, { input: await salt() })
    .toString()
    .trim()
    .split('\n')
  assert.ok(lines.length > 1)
  for (const line of lines) assert.match(line, /^-rw-r--r-- 0\/0 +\d+ 1970-01-01 00:00 salt\//)
})

test('another checkout, with other times, modes and owners, packs the same bytes', async () => {
  const other = join(folder, 'checkout')
  for (const part of ['cluster', 'salt', 'package.json'])
    cpSync(join(root, part), join(other, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(other, 'node_modules'))
  for (const entry of readdirSync(join(other, 'salt'), { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    chmodSync(path, 0o700)
    utimesSync(path, 1, 1)
  }
  const { releaseFiles: theirs } = (await import(pathToFileURL(join(other, 'cluster/aws/release-files.ts')).href)) as {
    releaseFiles: typeof releaseFiles
  }
  assert.ok((await salt(theirs)).equals(await salt()))

  writeFileSync(join(other, 'salt/top.sls'), '# changed\n')
  assert.not.ok((await salt(theirs)).equals(await salt()), 'and a change of a state makes other bytes')
})

for (const [variable, name] of [
  ['KUBERNETES_SERVER_TAR', 'kubernetes-server-linux-amd64.tar.gz'],
  ['KUBE_COMPONENTS_TAR', 'components-linux-amd64.tar'],
] as const) {
  test(`${variable} takes the place of the official file, and of that alone`, async () => {
    const mine = join(folder, 'mine')
    writeFileSync(mine, 'given')
    const files = await releaseFiles(cluster({ [variable]: mine }))
    assert.is(files.length, 4)
    for (const file of files.filter(one => /linux-amd64/.test(one.name)))
      assert.is((await bytes(file)).toString(), file.name === name ? 'given' : `${file.name} of v1.37.1`)
  })

  test(`${variable} cannot serve two architectures`, async () => {
    const env = { [variable]: '/x', MASTER_SIZE: 't4g.small', NODE_SIZE: 't3.small' }
    const error: unknown = await releaseFiles(cluster(env)).catch(caught => caught)
    assert.instance(error, UserError)
    assert.is((error as UserError).exitCode, 2)
    assert.match((error as UserError).message, /is for one architecture, but t4g\.small and t3\.small have two/)
  })
}

test.run()
