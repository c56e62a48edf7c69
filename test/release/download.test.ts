import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../cluster/errors.ts'
import { download } from '../../cluster/release/download.ts'
import { breaksAfter, gives, publish, type Releases, says, sha256 } from '../support/releases.ts'

const bytes = randomBytes(300_000)
let folder = ''
let server: Releases
test.before.each(async () => {
  folder = mkdtempSync(join(tmpdir(), 'kube-up-download-'))
  server = await publish()
})
test.after.each(async () => {
  await server.close()
  rmSync(folder, { recursive: true, force: true })
})

const path = () => join(folder, 'file')
const fetchIt = (said: string[] = [], sum = sha256(bytes)) =>
  download([{ url: `${server.url}/file`, path: path(), sha256: sum }], words => said.push(words))
const refusal = async (work: Promise<unknown>) => {
  const error: unknown = await work.then(
    () => 'it went well',
    thrown => thrown,
  )
  assert.instance(error, UserError, `${error}`)
  return error as UserError
}
const whole = () => assert.ok(readFileSync(path()).equals(bytes))

test('a file arrives whole, how far it is is told, and nothing else is left', async () => {
  server.answers['/file'] = gives(bytes)
  const said: string[] = []
  await fetchIt(said)
  whole()
  assert.equal(readdirSync(folder), ['file'])
  assert.is(said.at(-1), 'downloaded 1 of 1 MiB')
})

test('a file that is there is not asked for again', async () => {
  server.answers['/file'] = gives(bytes)
  await fetchIt()
  await fetchIt()
  assert.is(server.asked.length, 1)
})

test('a connection that breaks again and again is taken up where it broke', async () => {
  server.answers['/file'] = breaksAfter(bytes, 100_000)
  await fetchIt()
  whole()
  assert.ok(server.asked.length >= 3)
  for (const { range } of server.asked.slice(1)) assert.match(range ?? '', /^bytes=\d+-$/)
})

test('what a run that died had is not fetched again', async () => {
  server.answers['/file'] = gives(bytes)
  // No process has this number: it is above what Linux gives.
  writeFileSync(`${path()}.part.999999999`, bytes.subarray(0, 200_000))
  await fetchIt()
  whole()
  assert.equal(
    server.asked.map(({ range }) => range),
    ['bytes=200000-'],
  )
  assert.equal(readdirSync(folder), ['file'])
})

test('what a run that died had whole is only checked', async () => {
  server.answers['/file'] = gives(bytes)
  writeFileSync(`${path()}.part.999999999`, bytes)
  await fetchIt()
  whole()
})

test('the part of a run that still goes on is left alone', async () => {
  server.answers['/file'] = gives(bytes)
  const theirs = `${path()}.part.${process.ppid}`
  writeFileSync(theirs, bytes.subarray(0, 10))
  await fetchIt()
  whole()
  assert.is(readFileSync(theirs).length, 10)
})

test('a server that knows no ranges sends it from the start', async () => {
  server.answers['/file'] = (_, answer) => void answer.end(bytes)
  writeFileSync(`${path()}.part.999999999`, bytes.subarray(0, 200_000))
  await fetchIt()
  whole()
})

test('a file that is not what was published is refused and not kept', async () => {
  server.answers['/file'] = gives(Buffer.concat([bytes.subarray(1), Buffer.from('x')]))
  assert.match(
    (await refusal(fetchIt())).message,
    new RegExp(`is not what was published: its SHA-256 is [0-9a-f]{64}, and ${sha256(bytes)} was announced`),
  )
  assert.equal(readdirSync(folder), [])
  server.answers['/file'] = gives(bytes)
  await fetchIt()
  whole()
})

for (const status of [403, 404, 500, 503])
  test(`status ${status} is told in a sentence`, async () => {
    server.answers['/file'] = says(status)
    const { message, exitCode } = await refusal(fetchIt())
    assert.is(
      message,
      `${server.url}/file could not be fetched (status ${status}); check the connection and run it again: what was fetched is kept.`,
    )
    assert.is(exitCode, 1)
  })

test('nobody there: the same sentence, with the reason', async () => {
  const { url } = server
  await server.close()
  const work = download([{ url: `${url}/file`, path: path(), sha256: '' }], () => {})
  assert.match((await refusal(work)).message, /could not be fetched \(.*ECONNREFUSED/)
})

test('a file cut off for good keeps what came, for the next run', async () => {
  let times = 0
  server.answers['/file'] = (request, answer) =>
    times++ === 0 ? breaksAfter(bytes, 100_000)(request, answer) : says(503)(request, answer)
  await refusal(fetchIt())
  assert.not.ok(existsSync(path()))
  assert.is(readdirSync(folder).length, 1)
  server.answers['/file'] = gives(bytes)
  await fetchIt()
  whole()
  assert.match(server.asked.at(-1)?.range ?? '', /^bytes=\d+-$/)
})

test('many files come side by side, and one that fails does not stop the rest', async () => {
  for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) server.answers[`/${name}`] = gives(bytes)
  server.answers['/b'] = says(404)
  const files = ['a', 'b', 'c', 'd', 'e', 'f'].map(name => ({
    url: `${server.url}/${name}`,
    path: join(folder, name),
    sha256: sha256(bytes),
  }))
  assert.match((await refusal(download(files, () => {}))).message, /\/b could not be fetched/)
  for (const name of ['a', 'c', 'd', 'e', 'f']) assert.ok(existsSync(join(folder, name)), name)
})

test.run()
