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
import { type Cluster, connect } from '../../cluster/aws/cluster.ts'
import type { Env } from '../../cluster/aws/config.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { givenFiles, releaseFiles } from '../../cluster/aws/release-files.ts'
import type { ReleaseFile } from '../../cluster/aws/resources/staged-files.ts'
import { UserError } from '../../cluster/errors.ts'
import { fileOf } from '../../cluster/release/parts.ts'
import type { Release } from '../../cluster/release.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'kube-up-files-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

const cluster = (env: Env = {}) => connect(config(env), new Journal(), { release: placed })
/** A release whose files say what they are. */
const placed: Release = async (version, pieces) =>
  pieces.map(piece => {
    const path = join(folder, fileOf(piece))
    writeFileSync(path, `${piece.part.name} of ${version} for ${piece.arch}\n`)
    return { name: fileOf(piece), path }
  })
const bytes = ({ content }: Pick<ReleaseFile, 'content'> = { content: [] }) =>
  Buffer.isBuffer(content) ? content : Buffer.concat(content.map(path => readFileSync(path)))
const named = (files: readonly ReleaseFile[], name: string) => files.find(file => file.name === name)
const filesOf = async (cluster: Cluster) => releaseFiles(cluster, await givenFiles(cluster))
const salt = async (from = filesOf) => bytes(named(await from(cluster()), 'kubernetes-salt.tar.gz'))

/** What each file is made of, to whom it goes, and where it is unpacked there. */
const told = async (env: Env = {}) =>
  Promise.all(
    (await filesOf(cluster(env)))
      .filter(({ name }) => name.includes('-linux-'))
      .map(async file => {
        const lines = (await bytes(file)).toString().trim().split('\n')
        assert.is(file.to, '/opt/kube-up/release')
        return [file.name, file.on, lines.map(line => line.replace(/ of v1\.37\.1 for \w+$/, ''))]
      }),
  )
const onEvery = ['kubernetes-node', 'containerd', 'salt', 'ebs-csi-node']
const onMaster = [
  'kubernetes-control-plane',
  'etcd',
  'cloud-controller-manager',
  'coredns',
  'metrics-server',
  'ebs-csi-controller',
]

test('machines of one architecture need four files: what a node runs, what the master runs besides, the states, the script', async () => {
  assert.equal(await told(), [
    ['node-linux-amd64.tar.gz', ['master', 'minion'], onEvery],
    ['control-plane-linux-amd64.tar.gz', ['master'], onMaster],
  ])
  const others = (await filesOf(cluster())).slice(2)
  assert.equal(
    others.map(({ name, to, on }) => [name, to, on]),
    [
      ['kubernetes-salt.tar.gz', '/srv', undefined],
      ['bootstrap.sh', undefined, undefined],
    ],
  )
})

test('a master and nodes of two architectures need their own files', async () => {
  assert.equal(await told({ MASTER_SIZE: 't4g.small', NODE_SIZE: 't3.small' }), [
    ['node-linux-arm64.tar.gz', ['master'], onEvery],
    ['control-plane-linux-arm64.tar.gz', ['master'], onMaster],
    ['node-linux-amd64.tar.gz', ['minion'], onEvery],
  ])
})

test('an addon that is switched off is in no file', async () => {
  const off = { KUBE_ENABLE_CLUSTER_DNS: 'false', KUBE_ENABLE_CLUSTER_MONITORING: 'none' }
  const [node, master] = await told({ ...off, KUBE_ENABLE_DEFAULT_STORAGE_CLASS: 'false' })
  assert.equal(node?.[2], ['kubernetes-node', 'containerd', 'salt'])
  assert.equal(master?.[2], ['kubernetes-control-plane', 'etcd', 'cloud-controller-manager'])
})

test('nodes beside a master that is there need only what nodes run', async () =>
  assert.equal(await told({ KUBE_USE_EXISTING_MASTER: 'true', MASTER_SIZE: 't4g.small' }), [
    ['node-linux-amd64.tar.gz', ['minion'], onEvery],
  ]))

test('where a dry run leaves a piece, the file it belongs to has no contents, and the other has', async () => {
  const someKept: Release = async (version, pieces) =>
    (await placed(version, pieces)).map(({ name, path }) => (/etcd/.test(name) ? { name } : { name, path: path ?? '' }))
  const files = await filesOf(connect(config({}), new Journal(), { release: someKept }))
  assert.equal(
    files.map(({ unfetched }) => unfetched),
    [undefined, true, undefined, undefined],
  )
})

test('every file can be opened twice, and is the same each time', async () => {
  for (const file of await filesOf(cluster())) {
    const first = await bytes(file)
    assert.ok(first.length > 0, file.name)
    assert.ok(first.equals(await bytes(file)), file.name)
  }
})

test('the bootstrap script is the template', async () => {
  const file = await bytes(named(await filesOf(cluster()), 'bootstrap.sh'))
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
  assert.ok((await salt(cluster => theirs(cluster, []))).equals(await salt()))

  writeFileSync(join(other, 'salt/top.sls'), '# changed\n')
  assert.not.ok(
    (await salt(cluster => theirs(cluster, []))).equals(await salt()),
    'and a change of a state makes other bytes',
  )
})

for (const [variable, name, others] of [
  ['KUBERNETES_SERVER_TAR', 'kubernetes-server-linux-amd64.tar.gz', [onEvery.slice(1), onMaster.slice(1)]],
  ['KUBE_COMPONENTS_TAR', 'components-linux-amd64.tar', [onEvery.slice(0, 1), onMaster.slice(0, 1)]],
] as const) {
  test(`${variable} is given to every machine as it is, and takes the place of its part of the release, and of that alone`, async () => {
    const mine = join(folder, 'mine')
    writeFileSync(mine, 'given')
    assert.equal(await told({ [variable]: mine }), [
      [name, undefined, ['given']],
      ['node-linux-amd64.tar.gz', ['master', 'minion'], others[0]],
      ['control-plane-linux-amd64.tar.gz', ['master'], others[1]],
    ])
  })

  test(`${variable} cannot serve two architectures`, async () => {
    const env = { [variable]: '/x', MASTER_SIZE: 't4g.small', NODE_SIZE: 't3.small' }
    const error: unknown = await filesOf(cluster(env)).catch(caught => caught)
    assert.instance(error, UserError)
    assert.is((error as UserError).exitCode, 2)
    assert.match((error as UserError).message, /is for one architecture, but t4g\.small and t3\.small have two/)
  })
}

test('with both given, that is all of the release', async () => {
  const mine = join(folder, 'mine')
  writeFileSync(mine, 'given')
  const files = await told({ KUBERNETES_SERVER_TAR: mine, KUBE_COMPONENTS_TAR: mine })
  assert.is(files.length, 2)
})

test.run()
