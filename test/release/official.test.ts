import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../cluster/errors.ts'
import { fetchRelease } from '../../cluster/release/official.ts'
import { fileOf, parts } from '../../cluster/release/parts.ts'
import { imagesOf, lineOf, supportedVersions } from '../../cluster/release/pins.ts'
import { sourcesOf } from '../../cluster/release/sources.ts'
import { gives, publish, type Releases, sha256 } from '../support/releases.ts'

const version = supportedVersions[0] ?? ''
const all = parts.map(part => ({ part, arch: 'amd64' as const }))
const without = (name: string) => all.filter(({ part }) => part.name !== name)
const sources = sourcesOf(version, 'amd64')
const scratch = mkdtempSync(join(tmpdir(), 'kube-up-official-'))
test.after(() => rmSync(scratch, { recursive: true, force: true }))

/** An archive of such programs, as the projects lay them out. */
function archive(name: string, files: readonly string[]): Buffer {
  const folder = mkdtempSync(join(scratch, 'in-'))
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), `${name} ${file}`)
    chmodSync(join(folder, file), 0o755)
  }
  const packed = join(scratch, name)
  execFileSync('tar', ['-c', name.endsWith('xz') ? '-J' : '-z', '-f', packed, '-C', folder, '.'])
  return readFileSync(packed)
}

const contents: Record<string, Buffer> = {
  server: archive(
    'k.tar.gz',
    ['kubelet', 'kubectl', 'kubeadm', 'kube-proxy', 'kube-proxy.tar', 'kube-scheduler', 'kube-scheduler.tar']
      .concat('kube-apiserver', 'kube-apiserver.tar', 'kube-controller-manager.tar', 'kube-controller-manager')
      .map(name => `kubernetes/server/bin/${name}`),
  ),
  containerd: archive('c.tar.gz', [
    'bin/containerd',
    'bin/containerd-shim-runc-v2',
    'bin/ctr',
    'bin/containerd-stress',
  ]),
  runc: Buffer.from('runc'),
  cni: archive('n.tgz', ['bridge', 'host-local', 'loopback', 'portmap', 'ptp', 'vlan']),
  crictl: archive('r.tar.gz', ['crictl']),
  etcd: archive('e.tar.gz', [
    'etcd-v3/etcd',
    'etcd-v3/etcdctl',
    'etcd-v3/etcdutl',
    'etcd-v3/Documentation/etcd/README.md',
  ]),
  salt: archive('s.tar.xz', ['salt/salt-call', 'salt/bin/python3']),
}
const digests: Record<string, string> = {}
let server: Releases
let cache = ''

/** All that there is to fetch, with sums of its own: the real ones are pinned. */
test.before.each(async () => {
  cache = mkdtempSync(join(scratch, 'cache-'))
  server = await publish()
  for (const [part, { url, sums, name }] of Object.entries(sources)) {
    const bytes = contents[part] ?? Buffer.alloc(0)
    server.answers[new URL(url).pathname] = gives(bytes)
    server.answers[new URL(sums).pathname] = gives(`${sha256('another')}  another\n${sha256(bytes)}  ${name}\n`)
  }
  for (const name of Object.values(imagesOf(lineOf(version)))) digests[name] = image(name)
})
test.after.each(() => server.close())

/** An image of one layer for two architectures. @returns its digest. */
function image(name: string): string {
  const [, repository, tag] = /^registry\.k8s\.io\/(.*):(.*)$/.exec(name) ?? []
  const put = (kind: string, text: string) => {
    const digest = `sha256:${sha256(text)}`
    server.answers[`/v2/${repository}/${kind}/${digest}`] = gives(text)
    return { digest, size: text.length, mediaType: 'application/vnd.oci.image.manifest.v1+json' }
  }
  const manifest = (architecture: string) => {
    const layer = put('blobs', `layer of ${name} for ${architecture}`)
    const config = put('blobs', JSON.stringify({ architecture, os: 'linux' }))
    const text = JSON.stringify({ schemaVersion: 2, mediaType: layer.mediaType, config, layers: [layer] })
    return { ...put('manifests', text), platform: { os: 'linux', architecture } }
  }
  const text = JSON.stringify({ schemaVersion: 2, manifests: [manifest('arm64'), manifest('amd64')] })
  server.answers[`/v2/${repository}/manifests/${tag}`] = gives(text)
  return put('manifests', text).digest
}

const said: string[] = []
const fetchIt = (wanted = all, more = {}) =>
  fetchRelease(version, wanted, cache, words => said.push(words), {
    from: server.url,
    sums: {},
    digests,
    ...more,
  })
const listed = (path: string) => execFileSync('tar', ['-t', '-f', path]).toString().trim().split('\n')
const pathOf = (name: string, files: readonly { name: string; path: string }[]) =>
  files.find(file => file.name === `${name}-linux-amd64.tar.gz`)?.path ?? ''
const inside = (path: string, name: string) => execFileSync('tar', ['-x', '-O', '-f', path, name])
const refusal = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => 'it went well',
    thrown => thrown,
  )
  assert.instance(error, UserError, `${error}`)
  return (error as UserError).message
}

test('each part is a file of what it consists of and no more, whatever the projects call their folders', async () => {
  const files = await fetchIt()
  assert.equal(
    files.map(({ name }) => name),
    all.map(fileOf),
  )
  for (const { part } of all) {
    const { kubernetes = [], bin = [], cni = [], images = [], salt } = part
    const expected = [
      ...bin.map(name => `bin/${name}`),
      ...cni.map(name => `cni/${name}`),
      ...images.map(name => `images/${name}.tar`),
      ...kubernetes.map(name => `kubernetes/server/bin/${name}`),
      ...(salt ? ['salt/bin/python3', 'salt/salt-call'] : []),
    ]
    assert.equal(listed(pathOf(part.name, files)), expected.sort(), part.name)
  }
  const kubelet = 'kubernetes/server/bin/kubelet'
  assert.is(`${inside(pathOf('kubernetes-node', files), kubelet)}`, `k.tar.gz ${kubelet}`)
})

test('all of them unpack into one folder, as one file after another', async () => {
  const files = await fetchIt()
  const together = Buffer.concat(files.map(({ path }) => readFileSync(path)))
  const folder = mkdtempSync(join(scratch, 'together-'))
  execFileSync('tar', ['--extract', '--gzip', '--ignore-zeros', '--directory', folder], { input: together })
  const there = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  assert.is(there.length, files.flatMap(({ path }) => listed(path)).length)
})

test('an image is the one of the architecture, under its full name', async () => {
  const tar = join(cache, 'pause.tar')
  writeFileSync(tar, inside(pathOf('containerd', await fetchIt()), 'images/pause.tar'))
  const index = JSON.parse(inside(tar, 'index.json').toString())
  const name = imagesOf(lineOf(version)).pause
  assert.is(index.manifests[0].annotations['io.containerd.image.name'], name)
  const blob = (digest: string) => inside(tar, `blobs/sha256/${digest.slice(7)}`).toString()
  const manifest = JSON.parse(blob(index.manifests[0].digest))
  assert.is(JSON.parse(blob(manifest.config.digest)).architecture, 'amd64')
  assert.is(blob(manifest.layers[0].digest), `layer of ${name} for amd64`)
})

test('the second time nobody is asked', async () => {
  await fetchIt()
  const requests = server.asked.length
  await fetchIt()
  assert.is(server.asked.length, requests)
})

test('fetched into another cache, every file is the same byte for byte', async () => {
  const first = await fetchIt()
  cache = mkdtempSync(join(scratch, 'cache-'))
  const second = await fetchIt()
  for (const [i, { path, name }] of first.entries())
    assert.ok(readFileSync(path).equals(readFileSync(second[i]?.path ?? '')), name)
})

test('nothing is fetched for a part that nobody asked for', async () => {
  await fetchIt(all.filter(({ part }) => !part.kubernetes && part.name !== 'coredns'))
  assert.ok(server.asked.some(({ path }) => path.includes('metrics-server')))
  assert.not.ok(server.asked.some(({ path }) => /kubernetes-server|coredns/.test(path)))
})

test('an addon that is switched on later is all that is fetched then', async () => {
  await fetchIt(without('coredns'))
  server.asked.length = 0
  await fetchIt()
  assert.ok(server.asked.length > 0)
  for (const { path } of server.asked) assert.match(path, /coredns/)
})

test('a pinned sum counts, not the one beside the file', async () => {
  const sums = { [sources.crictl?.name ?? '']: sha256('the real crictl') }
  assert.match(await refusal(fetchIt(all, { sums })), /crictl.*is not what was published: .* was announced/)
})

test('an image that is not what its digest says is refused', async () => {
  const name = imagesOf(lineOf(version)).coredns
  const digest = digests[name]
  server.answers[`/v2/coredns/coredns/manifests/${digest}`] = gives('{}')
  assert.match(await refusal(fetchIt()), /coredns.* is not what was published: its digest is sha256:/)
})

test('an image without a pinned digest is taken by its tag', async () => {
  const name = imagesOf(lineOf(version))['cloud-controller-manager']
  await fetchIt(all, { digests: { ...digests, [name]: undefined } })
  assert.ok(server.asked.some(({ path }) => path.endsWith(`/manifests/${name.split(':').at(-1)}`)))
})

test('what was fetched before a failure is not fetched again', async () => {
  const path = new URL(sources.etcd?.url ?? '').pathname
  const answer = server.answers[path]
  delete server.answers[path]
  assert.match(await refusal(fetchIt()), /etcd.*could not be fetched \(status 404\)/)
  server.asked.length = 0
  if (answer) server.answers[path] = answer
  await fetchIt()
  assert.not.ok(server.asked.some(({ path }) => path === new URL(sources.containerd?.url ?? '').pathname))
})

test('every supported version has addresses that are encrypted, and pins of its own', () => {
  for (const supported of supportedVersions)
    for (const arch of ['amd64', 'arm64'] as const)
      for (const { url, sums, sha256: pinned } of Object.values(sourcesOf(supported, arch))) {
        assert.match(url, /^https:\/\//)
        assert.match(sums, /^https:\/\//)
        assert.match(pinned ?? sha256(''), /^[0-9a-f]{64}$/)
      }
})

test.run()
