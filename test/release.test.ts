import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../cluster/errors.ts'
import { keptRelease } from '../cluster/release/kept.ts'
import {
  componentsTar,
  givenFile,
  officialRelease,
  releaseForLocalMachines,
  serverTarball,
  standIns,
  supportedVersions,
} from '../cluster/release.ts'
import { gives, publish, sha256 } from './support/releases.ts'

const version = supportedVersions[0] ?? ''
let cache = ''
test.before.each(() => {
  cache = mkdtempSync(join(tmpdir(), 'kube-up-release-'))
})
test.after.each(() => rmSync(cache, { recursive: true, force: true }))

const notes: string[] = []
const telling = () => ({ cache, say: () => {}, note: (words: string) => notes.push(words) })
async function refusal(work: Promise<unknown>): Promise<UserError> {
  const error: unknown = await work.then(
    value => `came back with ${value}`,
    thrown => thrown,
  )
  assert.instance(error, UserError, `${error}`)
  return error as UserError
}

test('the files have names by architecture, the server tarball that of the project', () => {
  assert.is(serverTarball('arm64'), 'kubernetes-server-linux-arm64.tar.gz')
  assert.is(componentsTar('amd64'), 'components-linux-amd64.tar')
})

test('the newest supported version is the first', () => {
  const minor = (one: string) => Number(one.split('.')[1])
  assert.equal(
    supportedVersions,
    [...supportedVersions].sort((a, b) => minor(b) - minor(a)),
  )
})

test('the official release of two architectures is four files, less those that are not needed', async () => {
  const server = await publish()
  const older = 'v1.36.3'
  for (const arch of ['amd64', 'arm64'] as const) {
    server.answers[`/${older}/${serverTarball(arch)}`] = gives(arch)
    server.answers[`/${older}/${serverTarball(arch)}.sha256`] = gives(sha256(arch))
  }
  const release = officialRelease({ cache, say: () => {} }, server.url)
  const without = [componentsTar('amd64'), componentsTar('arm64')]
  const files = await release(older, ['amd64', 'arm64'], without)
  assert.equal(
    files.map(({ path }) => readFileSync(path ?? '', 'utf8')),
    ['amd64', 'arm64'],
  )
  await server.close()
})

test('local machines take what is in the cache, and ask nobody', async () => {
  const folder = await keptRelease(cache, version)
  for (const name of [serverTarball('amd64'), componentsTar('amd64')]) writeFileSync(join(folder, name), name)
  const server = await publish()
  notes.length = 0
  const files = await releaseForLocalMachines(telling(), server.url)(version, ['amd64'])
  assert.equal(files, [
    { name: serverTarball('amd64'), path: join(folder, serverTarball('amd64')) },
    { name: componentsTar('amd64'), path: join(folder, componentsTar('amd64')) },
  ])
  assert.equal(server.asked, [])
  assert.equal(notes, [])
  await server.close()
})

test('what was made of other pins is not taken, and goes', async () => {
  const folder = await keptRelease(cache, version)
  const stale = join(folder, componentsTar('amd64'))
  writeFileSync(stale, 'old')
  await keptRelease(cache, version)
  assert.ok(existsSync(stale), 'of the same pins it stays')
  writeFileSync(join(folder, 'pins'), 'of another day')
  await keptRelease(cache, version)
  assert.not.ok(existsSync(stale))
})

test('where the official release cannot be reached, it is built, and what cannot be built is told', async () => {
  const server = await publish()
  const { message } = await refusal(releaseForLocalMachines(telling(), server.url)(version, ['arm64']))
  assert.match(message, /can be built for amd64 .* and arm64 was asked for\. Use a computer that reaches/)
  assert.match(notes.at(-1) ?? '', /cannot be reached from here, so it was built from source/)
  await server.close()
})

test('instances that do not boot get stand-ins for all that the person did not give', async () => {
  notes.length = 0
  const release = standIns(telling())
  const names = (await release(version, ['amd64'])).map(({ name }) => name)
  assert.equal(names, [serverTarball('amd64'), componentsTar('amd64')])
  assert.is(notes.length, 1)
  assert.equal(await release(version, ['amd64'], names), [])
  assert.is(notes.length, 1)
})

test('a given file is taken as it is', async () => {
  const file = join(cache, 'mine.tar.gz')
  writeFileSync(file, 'x')
  assert.is(await givenFile('KUBERNETES_SERVER_TAR', file, 'server tarball'), file)
})

for (const [what, name] of [
  ['is not there', 'missing.tar.gz'],
  ['is a folder', '.'],
  ['is below a file', 'mine.tar.gz/x'],
])
  test(`a given file that ${what} is told before anything was attempted`, async () => {
    writeFileSync(join(cache, 'mine.tar.gz'), 'x')
    const file = join(cache, name ?? '')
    const { message, exitCode } = await refusal(givenFile('KUBERNETES_SERVER_TAR', file, 'server tarball'))
    assert.is(message, `KUBERNETES_SERVER_TAR=${file} is not a file; set it to a server tarball, or leave it out.`)
    assert.is(exitCode, 2)
  })

test.run()
