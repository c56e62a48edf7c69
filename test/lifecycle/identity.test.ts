import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { wallClock } from '../../cluster/aws/clock.ts'
import type { Cluster } from '../../cluster/aws/cluster.ts'
import { ensureBucket } from '../../cluster/aws/resources/bucket.ts'
import { ensureIdentity, existingIdentity, findAdmin } from '../../cluster/aws/resources/identity.ts'
import { UserError } from '../../cluster/errors.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { Answer } from '../support/proxy.ts'

const test = suite('identity')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

const addresses = { publicIp: '203.0.113.7', internalIp: '172.20.0.9' }
const prefix = 'kube-up/us-west-2/kubernetes/'
const object = async (cluster: Cluster, key: string) => {
  const { id: Bucket } = await ensureBucket(cluster)
  const { Body, ServerSideEncryption } = await cluster.s3.getObject({ Bucket, Key: `${prefix}${key}` })
  const text = (await Body?.transformToString()) ?? ''
  return { text, files: (JSON.parse(text) as { files: Record<string, string> }).files, ServerSideEncryption }
}
const ensure = async (cluster: Cluster, at = addresses) => ensureIdentity(cluster, await ensureBucket(cluster), at)
const outcome = (cluster: Cluster) => cluster.journal.steps.find(({ name }) => name === 'identity')?.outcome
const changes = () => aws.proxy.recorded.filter(call => call.changes).map(call => call.params.url?.split('?')[0])

test('the master’s secrets and what a node is told lie encrypted, each below its own prefix', async () => {
  const cluster = aws.cluster()
  const admin = await ensure(cluster)
  const master = await object(cluster, 'master/identity.json')
  const node = await object(cluster, 'node/identity.json')
  assert.equal(Object.keys(node.files).sort(), ['bootstrap-token', 'ca.crt'])
  for (const name of ['ca.crt', 'bootstrap-token']) assert.is(node.files[name], master.files[name])
  assert.equal(admin, {
    ca: master.files['ca.crt'],
    certificate: master.files['admin.crt'],
    key: master.files['admin.key'],
  })
  assert.equal([master.ServerSideEncryption, node.ServerSideEncryption], ['AES256', 'AES256'])
  assert.is(outcome(cluster), 'created')
})

test('a second time it is found, and nothing is changed', async () => {
  const first = await ensure(aws.cluster())
  aws.proxy.forget()
  const again = aws.cluster()
  assert.equal(await ensure(again), first)
  assert.equal(changes(), [])
  assert.is(outcome(again), 'already there')
  const cluster = aws.cluster()
  assert.equal(await findAdmin(cluster, await ensureBucket(cluster)), first)
})

test('another address has it signed anew, by the same authority, and the nodes’ part stays', async () => {
  const cluster = aws.cluster()
  const first = await ensure(cluster)
  const before = await object(cluster, 'master/identity.json')
  aws.proxy.forget()
  const again = aws.cluster()
  assert.equal(await ensure(again, { ...addresses, publicIp: '198.51.100.1' }), first)
  assert.equal(changes().length, 1)
  assert.is(outcome(again), 'mended')
  assert.match(again.journal.notes.join(), /signed anew/)
  const { files } = await object(cluster, 'master/identity.json')
  const different = Object.keys(files).filter(name => files[name] !== before.files[name])
  assert.equal(different, ['apiserver.crt', 'apiserver.key'])
})

test('two kube-ups at once end with one identity', async () => {
  const bucket = await ensureBucket(aws.cluster())
  let waiting: (() => void)[] = []
  // Neither writes before both have looked and found nothing.
  aws.proxy.before = async ({ action, params }) => {
    if (action !== 'PutObject' || !params.url?.includes('/master/')) return
    if (waiting.length === 2) return
    await new Promise<void>(resolve => {
      waiting.push(resolve)
      if (waiting.length === 2) for (const go of waiting) go()
    })
  }
  // Signing takes the time it takes, whatever the clock of the tests says.
  const [one, two] = [aws.cluster({}, { clock: wallClock }), aws.cluster({}, { clock: wallClock })]
  const [first, second] = await Promise.all([one, two].map(each => ensureIdentity(each, bucket, addresses)))
  assert.equal(first, second)
  const master = await object(one, 'master/identity.json')
  const node = await object(one, 'node/identity.json')
  assert.is(node.files['bootstrap-token'], master.files['bootstrap-token'])
  assert.is(first?.key, master.files['admin.key'])
  waiting = []
})

test('a crash between the two is healed', async () => {
  aws.proxy.before = ({ action, params }) => {
    if (action === 'PutObject' && params.url?.includes('/node/')) throw new Answer('AccessDenied', 'no', 403)
  }
  await ensure(aws.cluster()).then(
    () => assert.unreachable(),
    (error: Error) => assert.is(error.name, 'AccessDenied'),
  )
  aws.proxy.before = undefined
  const again = aws.cluster()
  const admin = await ensure(again)
  assert.is(outcome(again), 'mended')
  assert.is((await object(again, 'node/identity.json')).files['ca.crt'], admin.ca)
})

test('a bucket that S3 does not know everywhere yet is tried again', async () => {
  let refused = 0
  aws.proxy.before = ({ action }) => {
    if (action === 'PutObject' && refused++ === 0) throw new Answer('NoSuchBucket', 'not yet', 404)
  }
  await ensure(aws.cluster())
  assert.is(refused, 3)
})

test('what is not an identity is told in a sentence that names the object, and stays', async () => {
  const cluster = aws.cluster()
  await ensure(cluster)
  const { id: Bucket } = await ensureBucket(cluster)
  await cluster.s3.putObject({ Bucket, Key: `${prefix}master/identity.json`, Body: '{' })
  const error = await ensure(aws.cluster()).catch(caught => caught)
  assert.instance(error, UserError)
  assert.match(error.message, `s3://${Bucket}/${prefix}master/identity.json`)
})

test('nodes for a master elsewhere take its identity, and where there is none say so', async () => {
  const cluster = aws.cluster()
  const bucket = await ensureBucket(cluster)
  const error = await existingIdentity(cluster, bucket).catch(caught => caught)
  assert.instance(error, UserError)
  assert.match(error.message, /holds no identity of cluster kubernetes/)
  const admin = await ensure(cluster)
  assert.equal(await existingIdentity(cluster, bucket), admin)
})

test('a new master takes the address and the identity of the one that was lost', async () => {
  const first = await kubeUp(aws.cluster())
  await aws.cluster().ec2.terminateInstances({ InstanceIds: [first.master.id] })
  aws.proxy.forget()
  const second = await kubeUp(aws.cluster())
  assert.is.not(second.master.id, first.master.id)
  assert.equal([second.admin, second.publicIp, second.volume?.id], [first.admin, first.publicIp, first.volume?.id])
  const written = aws.proxy.recorded.filter(({ action }) => action === 'PutObject')
  assert.equal(written, [])
})

test('no secret reaches the journal, whoever reads it', async () => {
  const cluster = aws.cluster()
  await kubeUp(cluster)
  const again = aws.cluster()
  await kubeUp(again)
  const { files } = await object(cluster, 'master/identity.json')
  const secrets = Object.entries(files).filter(([name]) => /key|token/.test(name))
  assert.ok(secrets.length >= 10)
  const lines = secrets.flatMap(([name, text]) => text.split('\n').map(line => [name, line] as const))
  for (const { journal } of [cluster, again]) {
    const seen = new Set<unknown>()
    const everything = JSON.stringify([journal.steps, journal.notes], (_, value) => {
      if (typeof value !== 'object' || value === null) return value
      if (seen.has(value)) return undefined
      seen.add(value)
      return Buffer.isBuffer(value) || value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value
    })
    assert.ok(everything.includes('PutObject') || everything.includes('GetObject'))
    for (const [name, line] of lines)
      if (line && !line.startsWith('-----')) assert.not.ok(everything.includes(line), `${name} is in the journal`)
  }
})

test('kube-down takes it away, out of a bucket of the person’s too', async () => {
  const own = aws.cluster()
  await own.s3.createBucket({
    Bucket: 'mine',
    CreateBucketConfiguration: { LocationConstraint: 'us-west-2' },
  })
  await own.s3.putObject({ Bucket: 'mine', Key: 'letters/to-ada.txt', Body: 'dear Ada' })
  await kubeUp(aws.cluster({ AWS_S3_BUCKET: 'mine' }))
  const there = async () => (await own.s3.listObjectsV2({ Bucket: 'mine' })).Contents?.map(({ Key }) => Key) ?? []
  assert.ok((await there()).includes(`${prefix}master/identity.json`))
  await kubeDown(aws.cluster({ AWS_S3_BUCKET: 'mine' }))
  assert.equal(await there(), ['letters/to-ada.txt'])
})

test.run()
