import { randomFillSync } from 'node:crypto'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { ensureBucket } from '../../cluster/aws/resources/bucket.ts'
import { stageFiles } from '../../cluster/aws/resources/staged-files.ts'
import { send } from '../../cluster/aws/send.ts'
import { sumOf } from '../../cluster/aws/sum.ts'
import { testAws } from '../support/aws.ts'
import { Answer, CutOff } from '../support/proxy.ts'

const aws = await testAws()
test.after(() => aws.stop())
test.after.each(async () => {
  aws.proxy.before = undefined
  aws.proxy.after = undefined
  await aws.reset()
})

const rejects = async (work: Promise<unknown>, words: RegExp) =>
  assert.match(
    String(
      await work.then(
        () => 'nothing',
        error => error.message,
      ),
    ),
    words,
  )

/** Two files that end within a part, and what is sent of them: three parts. */
const paths = ['one', 'another'].map(name => join(aws.folder, name))
const [one = '', another = ''] = paths
writeFileSync(one, randomFillSync(Buffer.alloc(7_000_001)))
writeFileSync(another, randomFillSync(Buffer.alloc(5_000_003)))
const both = Buffer.concat(paths.map(path => readFileSync(path)))

async function sending(content = paths) {
  const cluster = aws.cluster()
  const Bucket = (await ensureBucket(cluster)).id
  const place = { Bucket, Key: 'both' }
  const told: number[] = []
  return {
    told,
    send: () => send(cluster, place, content, bytes => told.push(bytes)),
    there: async () => Buffer.from((await cluster.s3.getObject(place).then(o => o.Body?.transformToByteArray())) ?? []),
    left: async () => [
      ...((await cluster.s3.listObjectsV2({ Bucket })).Contents ?? []),
      ...((await cluster.s3.listMultipartUploads({ Bucket })).Uploads ?? []),
    ],
  }
}
const parts = () => aws.proxy.recorded.filter(({ action }) => action === 'UploadPart').length

test('files are sent as one, in parts of which S3 knows the order', async () => {
  const it = await sending()
  await it.send()
  assert.ok((await it.there()).equals(both))
  assert.is(parts(), 3)
  assert.is(it.told.at(-1), both.length)
})

for (const action of ['CreateMultipartUpload', 'UploadPart'])
  test(`an answer to ${action} that is lost costs nothing`, async () => {
    const it = await sending()
    let lost = 0
    aws.proxy.after = call => {
      if (call.action === action && lost++ === 0) throw new CutOff()
    }
    await it.send()
    assert.ok(lost > 1, 'it was sent again')
    assert.ok((await it.there()).equals(both))
  })

test('an answer to CompleteMultipartUpload that is lost costs nothing where S3 has forgotten the upload by then', async () => {
  const it = await sending()
  const completes = () => aws.proxy.recorded.filter(({ action }) => action === 'CompleteMultipartUpload').length
  aws.proxy.before = call => {
    if (call.action === 'CompleteMultipartUpload' && completes() > 1) throw new Answer('NoSuchUpload', 'forgotten', 404)
  }
  aws.proxy.after = call => {
    if (call.action === 'CompleteMultipartUpload') throw new CutOff()
  }
  await it.send()
  assert.is(completes(), 2)
  assert.ok((await it.there()).equals(both))
})

test('an upload that somebody else has ended is not taken for complete', async () => {
  const it = await sending()
  aws.proxy.before = call => {
    if (call.action === 'CompleteMultipartUpload') throw new Answer('NoSuchUpload', 'forgotten', 404)
  }
  await rejects(it.send(), /forgotten/)
  assert.equal(await it.left(), [])
})

test('a part that S3 refuses ends the upload: no part is sent after those on their way, and none is left to be billed', async () => {
  const it = await sending([...paths, ...paths, ...paths])
  aws.proxy.before = call => {
    if (call.action === 'UploadPart') throw new Answer('AccessDenied', 'no', 403)
  }
  await rejects(it.send(), /no/)
  assert.is(parts(), 4)
  assert.equal(await it.left(), [])
})

test('a file that changes between its sum and its upload is told, and is not left under a sum that is not its own', async () => {
  const cluster = aws.cluster()
  const bucket = await ensureBucket(cluster)
  const path = join(aws.folder, 'changing.tar.gz')
  writeFileSync(path, 'half of it')
  const content = [path]
  const summed = await sumOf(content)
  for (const change of [() => writeFileSync(path, 'all of it, now'), () => writeFileSync(path, '')]) {
    change()
    await rejects(
      stageFiles(cluster, Promise.resolve(bucket), async () => [{ name: 'server.tar.gz', content, summed }]),
      /^server\.tar\.gz was changed while it was uploaded; let it be complete, and run kube-up again\.$/,
    )
    assert.equal((await cluster.s3.listObjectsV2({ Bucket: bucket.id })).Contents ?? [], [])
  }
  rmSync(path)
})

test.run()
