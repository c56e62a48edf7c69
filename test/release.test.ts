import { createHash, randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../cluster/errors.ts'
import { fetchServerTarball, givenServerTarball, officialReleases, serverTarball } from '../cluster/release.ts'

const tarball = randomBytes(300_000)
const sum = createHash('sha256').update(tarball).digest('hex')
const version = 'v1.37.1'
const path = `/${version}/kubernetes-server-linux-amd64.tar.gz`

let cache = ''
let server: Server | undefined
const asked: string[] = []
test.before.each(() => {
  cache = mkdtempSync(join(tmpdir(), 'kube-up-release-'))
  asked.length = 0
})
test.after.each(() => {
  server?.close()
  server?.closeAllConnections()
  server = undefined
  rmSync(cache, { recursive: true, force: true })
})

/** A place of releases on this machine that answers so. */
async function publish(answers: Record<string, RequestListener>): Promise<string> {
  server = createServer((request, answer) => {
    asked.push(request.url ?? '')
    const listener = answers[request.url ?? '']
    if (listener) return listener(request, answer)
    answer.statusCode = 404
    answer.end('not here')
  })
  const listening = server
  await new Promise<void>(ready => listening.listen(0, '127.0.0.1', ready))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
const says =
  (body: string | Buffer, status = 200): RequestListener =>
  (_, answer) => {
    answer.statusCode = status
    answer.end(body)
  }
const fetched = (from: string) => fetchServerTarball(version, 'amd64', cache, from)
async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error: unknown = await work.then(
    value => `came back with ${value}`,
    thrown => thrown,
  )
  assert.instance(error, UserError, `${error}`)
  return error as UserError
}
const kept = () => readdirSync(cache, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())

for (const [what, announced] of [
  ['alone', sum],
  ['with a line end', `${sum}\n`],
  ['with the name of the file', `${sum}  kubernetes-server-linux-amd64.tar.gz\n`],
])
  test(`a tarball whose sum is published ${what} is fetched, and whole`, async () => {
    const from = await publish({ [path]: says(tarball), [`${path}.sha256`]: says(announced ?? '') })
    const file = await fetched(from)
    assert.ok(readFileSync(file).equals(tarball))
    assert.equal(
      kept().map(entry => join(entry.parentPath, entry.name)),
      [file],
    )
  })

test('the second time nobody is asked', async () => {
  const from = await publish({ [path]: says(tarball), [`${path}.sha256`]: says(sum) })
  const first = await fetched(from)
  const requests = asked.length
  assert.is(requests, 2)
  assert.is(await fetched(from), first)
  assert.is(asked.length, requests)
})

test('each version and each architecture is a file of its own', async () => {
  const arm = path.replace('amd64', 'arm64')
  const older = path.replace('v1.37.1', 'v1.36.0')
  const all = [path, arm, older].flatMap(one => [[one, says(tarball)] as const, [`${one}.sha256`, says(sum)] as const])
  const from = await publish(Object.fromEntries(all))
  const files = await Promise.all([
    fetchServerTarball('v1.37.1', 'amd64', cache, from),
    fetchServerTarball('v1.37.1', 'arm64', cache, from),
    fetchServerTarball('v1.36.0', 'amd64', cache, from),
  ])
  assert.is(new Set(files).size, 3)
})

const failures: [what: string, answers: Record<string, RequestListener>, said: RegExp][] = [
  [
    'a tarball that is not what was published',
    { [path]: says(Buffer.concat([tarball.subarray(1), Buffer.from('x')])), [`${path}.sha256`]: says(sum) },
    new RegExp(`is not what was published: its SHA-256 is [0-9a-f]{64}, and ${sum} was announced`),
  ],
  ['a version that was never released', {}, /\.sha256 could not be fetched \(status 404\)/],
  [
    'a sum without its tarball',
    { [`${path}.sha256`]: says(sum) },
    /amd64\.tar\.gz could not be fetched \(status 404\)/,
  ],
  ['a tarball without its sum', { [path]: says(tarball) }, /\.sha256 could not be fetched \(status 404\)/],
  ['an empty sum', { [path]: says(tarball), [`${path}.sha256`]: says('') }, /is not what was published/],
  ['an empty tarball', { [path]: says(''), [`${path}.sha256`]: says(sum) }, /is not what was published/],
  [
    'a server in trouble',
    { [path]: says(tarball), [`${path}.sha256`]: says('oops', 503) },
    /could not be fetched \(status 503\)/,
  ],
  [
    'a tarball that is cut off half-way',
    {
      [`${path}.sha256`]: says(sum),
      [path]: (_, answer) => {
        answer.setHeader('content-length', tarball.length)
        answer.write(tarball.subarray(0, tarball.length / 2), () => answer.destroy())
      },
    },
    /amd64\.tar\.gz could not be fetched \(.+\)/,
  ],
  [
    'a sum that is cut off half-way',
    {
      [path]: says(tarball),
      [`${path}.sha256`]: (_, answer) => {
        answer.setHeader('content-length', sum.length)
        answer.write(sum.slice(0, 10), () => answer.destroy())
      },
    },
    /\.sha256 could not be fetched \(.+\)/,
  ],
]
for (const [what, answers, said] of failures)
  test(`${what}: a plain sentence that names the way out, and nothing is left behind`, async () => {
    const { message, exitCode } = await refusal(fetched(await publish(answers)))
    assert.match(message, said)
    assert.match(message, /set KUBERNETES_SERVER_TAR to a (file you trust|server tarball on disk)\.$/)
    assert.is(exitCode, 1)
    assert.equal(kept(), [])
  })

test('nobody there: the same sentence, with the reason', async () => {
  const from = await publish({})
  await new Promise(closed => server?.close(closed))
  assert.match(
    (await refusal(fetched(from))).message,
    /could not be fetched \(.*ECONNREFUSED.*\); check the connection/,
  )
  assert.equal(kept(), [])
})

test('after a failure the next run fetches it whole', async () => {
  const answers: Record<string, RequestListener> = { [path]: says('tampered'), [`${path}.sha256`]: says(sum) }
  const from = await publish(answers)
  await refusal(fetched(from))
  answers[path] = says(tarball)
  assert.ok(readFileSync(await fetched(from)).equals(tarball))
})

test('releases come from the Kubernetes project, encrypted', () => assert.is(officialReleases, 'https://dl.k8s.io'))

test('the tarballs have the names of the project', () =>
  assert.equal(
    [serverTarball('amd64'), serverTarball('arm64')],
    ['kubernetes-server-linux-amd64.tar.gz', 'kubernetes-server-linux-arm64.tar.gz'],
  ))

test('a given tarball is taken as it is', async () => {
  const file = join(cache, 'mine.tar.gz')
  writeFileSync(file, 'x')
  assert.is(await givenServerTarball(file), file)
})

for (const [what, name] of [
  ['is not there', 'missing.tar.gz'],
  ['is a folder', '.'],
  ['is below a file', 'mine.tar.gz/x'],
])
  test(`a given tarball that ${what} is told before anything was attempted`, async () => {
    writeFileSync(join(cache, 'mine.tar.gz'), 'x')
    const file = join(cache, name ?? '')
    const { message, exitCode } = await refusal(givenServerTarball(file))
    assert.is(message, `KUBERNETES_SERVER_TAR=${file} is not a file; set it to a server tarball, or leave it out.`)
    assert.is(exitCode, 2)
  })

test.run()
