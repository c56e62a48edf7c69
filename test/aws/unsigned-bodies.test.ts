import { S3 } from '@aws-sdk/client-s3'
import type { HttpRequest } from '@smithy/types'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { leaveBodiesUnsigned } from '../../cluster/aws/unsigned-bodies.ts'

test('a file goes without its SHA-256 in the signature, but with its CRC-32; a request without a file is signed whole', async () => {
  const sent: Record<string, string>[] = []
  const requestHandler = {
    handle: async ({ headers }: HttpRequest) => {
      sent.push(headers)
      throw new Error('it goes nowhere')
    },
  }
  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' }
  const s3 = new S3({ region: 'us-west-2', credentials, requestHandler: requestHandler as never, maxAttempts: 1 })
  leaveBodiesUnsigned(s3)
  await s3
    .uploadPart({ Bucket: 'b', Key: 'k', UploadId: 'u', PartNumber: 1, Body: Buffer.from('bytes') })
    .catch(() => {})
  await s3.listObjectsV2({ Bucket: 'b' }).catch(() => {})
  const [file, request] = sent
  assert.is(file?.['x-amz-content-sha256'], 'UNSIGNED-PAYLOAD')
  assert.ok(file?.['x-amz-checksum-crc32'])
  assert.match(file?.authorization ?? '', /SignedHeaders=[^,]*x-amz-checksum-crc32/)
  assert.match(request?.['x-amz-content-sha256'] ?? '', /^[0-9a-f]{64}$/)
})

test.run()
