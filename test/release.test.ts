import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { config } from '../cluster/aws/config-default.ts'
import { UserError } from '../cluster/errors.ts'
import { keptRelease } from '../cluster/release/kept.ts'
import { fileOf, type Part, type Piece, wantedParts } from '../cluster/release/parts.ts'
import { componentsTar, pins, serverTarball } from '../cluster/release/pins.ts'
import {
  givenFile,
  officialRelease,
  onlyKept,
  releaseForLocalMachines,
  requireRelease,
  standIns,
  supportedVersions,
} from '../cluster/release.ts'
import { gives, publish } from './support/releases.ts'

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

/** A part that is one published file, and nothing that a test would have to pack first. */
const one: Part = { name: 'one', on: 'node', bin: ['runc'] }
const piece: Piece = { part: one, arch: 'amd64' }

test('of the official release only what the pieces consist of is fetched, for their architectures', async () => {
  const server = await publish()
  for (const arch of ['amd64', 'arm64']) {
    const path = `/opencontainers/runc/releases/download/v${pins.runc}`
    server.answers[`${path}/runc.${arch}`] = gives(arch)
  }
  const release = officialRelease({ cache, say: () => {} }, server.url)
  const asked = release(version, [piece, { ...piece, arch: 'arm64' }])
  assert.match((await refusal(asked)).message, /runc\.\w+ is not what was published/, 'what is pinned counts')
  assert.equal(server.asked.map(({ path }) => path.split('/').at(-1)).sort(), ['runc.amd64', 'runc.arm64'])
  await server.close()
})

test('local machines take what is in the cache, and ask nobody', async () => {
  const folder = await keptRelease(cache, version)
  writeFileSync(join(folder, fileOf(piece)), '')
  const server = await publish()
  notes.length = 0
  const files = await releaseForLocalMachines(telling(), server.url)(version, [piece])
  assert.equal(files, [{ name: 'one-linux-amd64.tar.gz', path: join(folder, 'one-linux-amd64.tar.gz') }])
  assert.equal(server.asked, [])
  assert.equal(notes, [])
  await server.close()
})

test('what was made of other pins is not taken, and goes', async () => {
  const folder = await keptRelease(cache, version)
  const stale = join(folder, fileOf(piece))
  writeFileSync(stale, 'old')
  await keptRelease(cache, version)
  assert.ok(existsSync(stale), 'of the same pins it stays')
  writeFileSync(join(folder, 'pins'), 'of another day')
  await keptRelease(cache, version)
  assert.not.ok(existsSync(stale))
})

test('where the official release cannot be reached, it is built, and what cannot be built is told', async () => {
  const server = await publish()
  const { message } = await refusal(
    releaseForLocalMachines(telling(), server.url)(version, [{ ...piece, arch: 'arm64' }]),
  )
  assert.match(message, /can be built for amd64 .* and arm64 was asked for\. Use a computer that reaches/)
  assert.match(notes.at(-1) ?? '', /cannot be reached from here, so it was built from source/)
  await server.close()
})

test('instances that do not boot get stand-ins for all that the person did not give', async () => {
  notes.length = 0
  const release = standIns(telling())
  const [file] = await release(version, [piece])
  assert.is(file?.name, fileOf(piece))
  assert.match(readFileSync(file?.path ?? '', 'utf8'), /takes the place of Kubernetes/)
  assert.is(notes.length, 1)
  assert.equal(await release(version, []), [])
  assert.is(notes.length, 1)
})

test('a dry run takes what is kept, and says once what is not', async () => {
  const other: Piece = { part: { ...one, name: 'other' }, arch: 'amd64' }
  const folder = await keptRelease(cache, version)
  writeFileSync(join(folder, fileOf(piece)), '')
  notes.length = 0
  const files = await onlyKept(telling())(version, [piece, other, { ...other, arch: 'arm64' }])
  assert.equal(
    files.map(({ path }) => path),
    [join(folder, fileOf(piece)), undefined, undefined],
  )
  assert.equal(notes.length, 1)
  assert.match(notes[0] ?? '', /: other-linux-amd64\.tar\.gz, other-linux-arm64\.tar\.gz\.$/)
})

test('what cannot be built is told before anything is created, where it can be had from nobody', async () => {
  const server = await publish()
  const autoscaled = config({ KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true' })
  const words = /^Nothing was created\. KUBE_ENABLE_CLUSTER_AUTOSCALER=true needs the official downloads/
  const error = await refusal(requireRelease(autoscaled, cache, server.url))
  assert.match(error.message, words)
  assert.is(error.exitCode, 2)
  await requireRelease(config({}), cache, server.url)
  await requireRelease({ ...autoscaled, KUBE_COMPONENTS_TAR: '/mine.tar' }, cache, server.url)
  server.answers[`/${version}/${serverTarball('amd64')}.sha256`] = gives('a sum')
  await requireRelease(autoscaled, cache, server.url)
  await server.close()
})

test('an addon is a part of its own, and comes with its switch', () => {
  const names = (env: object) => wantedParts(config({ ...env })).map(({ name }) => name)
  const off = {
    KUBE_ENABLE_CLUSTER_DNS: 'false',
    KUBE_ENABLE_CLUSTER_MONITORING: 'none',
    KUBE_ENABLE_DEFAULT_STORAGE_CLASS: 'false',
  }
  assert.equal(
    names({}).filter(name => !names(off).includes(name)),
    ['coredns', 'metrics-server', 'ebs-csi-node', 'ebs-csi-controller'],
  )
  assert.equal(
    names(off).filter(name => !names({}).includes(name)),
    [],
  )
})

test('every file of a part is in no other part: they are unpacked into one folder', () => {
  const all = wantedParts(config({})).flatMap(({ kubernetes = [], bin = [], cni = [], images = [] }) => [
    ...kubernetes,
    ...bin,
    ...cni,
    ...images,
  ])
  assert.is(new Set(all).size, all.length)
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
