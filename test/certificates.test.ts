import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket } from 'node:tls'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Files, identityFiles, outdated } from '../cluster/certificates.ts'

const day = 24 * 3600 * 1000
const reachedBy = ['kubernetes', 'kubernetes.default.svc.cluster.local', '203.0.113.7', '10.0.0.1', '127.0.0.1']
const files = await identityFiles(undefined, reachedBy)
const certificate = (name: string, of: Files = files) => new X509Certificate(of[`${name}.crt`] ?? '')
const key = (name: string) => files[`${name}.key`] ?? ''

const leaves: [file: string, signer: string, subject: string, usages: string[]][] = [
  ['apiserver', 'ca', 'CN=kube-apiserver', ['1']],
  ['apiserver-kubelet-client', 'ca', 'O=system:masters\nCN=kube-apiserver-kubelet-client', ['2']],
  ['controller-manager', 'ca', 'CN=system:kube-controller-manager', ['2']],
  ['scheduler', 'ca', 'CN=system:kube-scheduler', ['2']],
  ['admin', 'ca', 'O=system:masters\nCN=kubernetes-admin', ['2']],
  ['front-proxy-client', 'front-proxy-ca', 'CN=front-proxy-client', ['2']],
  ['etcd/server', 'etcd/ca', 'CN=etcd', ['1', '2']],
  ['apiserver-etcd-client', 'etcd/ca', 'CN=kube-apiserver-etcd-client', ['2']],
]
const names = leaves.map(([name]) => name)

for (const [name, signer, subject, usages] of leaves)
  test(`${name} is ${subject.replace('\n', ', ')}, signed by ${signer}, and has its own key`, () => {
    const leaf = certificate(name)
    assert.is(leaf.subject, subject)
    assert.ok(leaf.checkIssued(certificate(signer)))
    assert.ok(leaf.verify(certificate(signer).publicKey))
    assert.ok(leaf.checkPrivateKey(createPrivateKey(key(name))))
    assert.is(leaf.ca, false)
    // What Node calls keyUsage is the extended one.
    assert.equal(
      leaf.keyUsage,
      usages.map(usage => `1.3.6.1.5.5.7.3.${usage}`),
    )
    assert.is(createPrivateKey(key(name)).asymmetricKeyDetails?.namedCurve, 'prime256v1')
  })

test('the API server has the names it is reached by, etcd those of the loopback, and nobody else has any', () => {
  const shown = (name: string) => certificate(name).subjectAltName
  assert.is(
    shown('apiserver'),
    'DNS:kubernetes, DNS:kubernetes.default.svc.cluster.local, IP Address:203.0.113.7, IP Address:10.0.0.1, IP Address:127.0.0.1',
  )
  assert.is(shown('etcd/server'), 'DNS:localhost, IP Address:127.0.0.1')
  for (const name of ['admin', 'scheduler', 'ca', 'front-proxy-client']) assert.is(shown(name), undefined)
})

test('the authorities sign themselves, and the others cannot pass for one of them', () => {
  for (const name of ['ca', 'front-proxy-ca', 'etcd/ca']) {
    assert.is(certificate(name).ca, true)
    assert.ok(certificate(name).verify(certificate(name).publicKey))
  }
  assert.not.ok(certificate('admin').verify(certificate('etcd/ca').publicKey))
  assert.not.ok(certificate('apiserver-etcd-client').verify(certificate('ca').publicKey))
})

test('everything is valid since an hour ago, a year long, and the authorities ten', () => {
  for (const name of [...names, 'ca', 'front-proxy-ca', 'etcd/ca']) {
    const { validFrom, validTo } = certificate(name)
    const age = Date.now() - Date.parse(validFrom)
    assert.ok(age >= 3600_000 && age < 3600_000 + 300_000, `${name} is ${age} ms old`)
    const days = Math.round((Date.parse(validTo) - Date.now()) / day)
    assert.is(days, names.includes(name) ? 365 : 3650)
  }
})

test('the files are those that kubeadm has; only the cluster’s own authority keeps its key', () => {
  assert.equal(
    Object.keys(files).sort(),
    [
      ...names.flatMap(name => [`${name}.crt`, `${name}.key`]),
      ...['ca.crt', 'ca.key', 'front-proxy-ca.crt', 'etcd/ca.crt'],
      ...['sa.key', 'sa.pub', 'encryption-key', 'bootstrap-token'],
    ].sort(),
  )
  assert.match(files['bootstrap-token'] ?? '', /^[a-z0-9]{6}\.[a-z0-9]{16}$/)
  assert.is(Buffer.from(files['encryption-key'] ?? '', 'base64').length, 32)
  assert.match(files['sa.pub'] ?? '', /^-----BEGIN PUBLIC KEY-----\n/)
})

test('no two clusters share anything', async () => {
  const other = await identityFiles(undefined, reachedBy)
  for (const [name, text] of Object.entries(files)) assert.is.not(other[name], text)
})

test('what is good is let be', async () => {
  assert.equal(outdated(files, reachedBy), [])
  assert.equal(outdated(files, [...reachedBy].reverse()), [])
  assert.is(await identityFiles(files, reachedBy), files)
})

const unlike = (changed: Files) => Object.keys(files).filter(name => changed[name] !== files[name])

test('another address has the API server’s certificate signed anew, and nothing else', async () => {
  const moved = ['198.51.100.1', ...reachedBy.slice(1)]
  assert.equal(outdated(files, moved), ['apiserver'])
  const changed = await identityFiles(files, moved)
  assert.equal(unlike(changed).sort(), ['apiserver.crt', 'apiserver.key'])
  assert.ok(certificate('apiserver', changed).verify(certificate('ca').publicKey))
  assert.equal(outdated(changed, moved), [])
})

test('less than 30 days before they end all but the authority and the secrets are new, and the old kubelets still trusted', async () => {
  const in335 = new Date(Date.now() + 336 * day)
  assert.equal(outdated(files, reachedBy, new Date(Date.now() + 334 * day)), [])
  const changed = await identityFiles(files, reachedBy, in335)
  const kept = ['ca.crt', 'ca.key', 'sa.key', 'sa.pub', 'encryption-key', 'bootstrap-token']
  assert.equal(
    unlike(changed).sort(),
    Object.keys(files)
      .filter(name => !kept.includes(name))
      .sort(),
  )
  assert.equal(outdated(changed, reachedBy, in335), [])
})

for (const [lost, expected] of [
  ['admin.key', ['admin']],
  ['scheduler.crt', ['scheduler']],
  ['etcd/server.key', ['etcd/ca', 'etcd/server', 'apiserver-etcd-client']],
  ['front-proxy-ca.crt', ['front-proxy-ca', 'front-proxy-client']],
  ['ca.key', ['ca', 'apiserver', 'apiserver-kubelet-client', 'controller-manager', 'scheduler', 'admin']],
] as const)
  test(`without ${lost}, made anew is: ${expected.join(', ')}`, async () => {
    const left = { ...files, [lost]: '' }
    assert.equal(outdated(left, reachedBy), expected)
    assert.equal(outdated(await identityFiles(left, reachedBy), reachedBy), [])
  })

test('a key of another certificate is noticed', () =>
  assert.equal(outdated({ ...files, 'admin.key': key('scheduler') }, reachedBy), ['admin']))

/** What client and server make of each other, by the API server's own rules. */
async function handshake(client: { cert?: string; key?: string; servername?: string }, ca = files['ca.crt']) {
  const server = createServer(
    {
      cert: files['apiserver.crt'],
      key: key('apiserver'),
      ca: files['ca.crt'],
      requestCert: true,
      // Let in for long enough to be told what is wrong with it.
      rejectUnauthorized: false,
    },
    (socket: TLSSocket) =>
      socket.end(
        socket.authorized
          ? JSON.stringify(socket.getPeerCertificate().subject)
          : `refused: ${socket.authorizationError}`,
      ),
  )
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    return await new Promise<string>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, ca, ...client })
      let said = ''
      socket.on('data', bytes => (said += bytes))
      socket.on('end', () => resolve(said))
      socket.on('error', reject)
    })
  } finally {
    server.close()
  }
}
const notBelieved = (work: Promise<string>) =>
  work.then(
    said => `was believed: ${said}`,
    (error: NodeJS.ErrnoException) => `${error.code}`,
  )

test('over TLS the administrator is let in, and is known by name and group', async () =>
  assert.equal(JSON.parse(await handshake({ cert: files['admin.crt'] ?? '', key: key('admin') })), {
    O: 'system:masters',
    CN: 'kubernetes-admin',
  }))

test('over TLS nobody is let in with a certificate of another authority, of another cluster, or without one', async () => {
  const etcds = { cert: files['apiserver-etcd-client.crt'] ?? '', key: key('apiserver-etcd-client') }
  const other = await identityFiles(undefined, reachedBy)
  const others = { cert: other['admin.crt'] ?? '', key: other['admin.key'] ?? '' }
  for (const client of [etcds, others])
    assert.match(await handshake(client), /^refused: .*UNABLE_TO_VERIFY_LEAF_SIGNATURE/)
  assert.match(await handshake({}), /^refused: .*UNABLE_TO_GET_ISSUER_CERT/)
})

test('over TLS a server of another cluster, or by a name it does not have, is not believed', async () => {
  const other = await identityFiles(undefined, reachedBy)
  const admin = { cert: files['admin.crt'] ?? '', key: key('admin') }
  assert.match(await notBelieved(handshake(admin, other['ca.crt'])), /UNABLE_TO_VERIFY|SELF_SIGNED|CERT_/)
  assert.is(await notBelieved(handshake({ ...admin, servername: 'example.org' })), 'ERR_TLS_CERT_ALTNAME_INVALID')
})

test.run()
