import type { CompletedPart } from '@aws-sdk/client-s3'
import { isAbsent, orNothing } from './aws-errors.ts'
import type { Cluster } from './cluster.ts'
import { type Content, type Reader, reading } from './content.ts'
import { together } from './steps.ts'

const mebibyte = 1024 ** 2

/** S3 takes no smaller parts, save the last, and no more than 10,000: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
const partOf = (bytes: number) => Math.max(5 * mebibyte, Math.ceil(bytes / 10_000))

/** So many parts are on their way at a time, each in memory of its own. */
const atOnce = 4

interface Place {
  readonly Bucket: string
  readonly Key: string
}

/**
 * Sends content to S3, large content in parts. Not by `@aws-sdk/lib-storage`, which copies each part out of the pieces of a
 * stream: that took 50 MiB more, and all of it must not take 200.
 * @param sent is told how many bytes S3 has.
 */
export const send = (cluster: Cluster, place: Place, content: Content, sent: (bytes: number) => void): Promise<void> =>
  reading(content, async reader => {
    if (reader.bytes > partOf(reader.bytes)) return sendInParts(cluster, place, reader, sent)
    await cluster.s3.putObject({ ...place, Body: await reader.read(0, Buffer.allocUnsafe(reader.bytes)) })
    sent(reader.bytes)
  })

async function sendInParts({ s3 }: Cluster, place: Place, { bytes, read }: Reader, sent: (bytes: number) => void) {
  const { UploadId } = await s3.createMultipartUpload(place)
  const size = partOf(bytes)
  const Parts: CompletedPart[] = []
  let next = 0
  let done = 0
  const inTurn = async () => {
    const memory = Buffer.allocUnsafe(size)
    while (next * size < bytes) {
      const at = next++
      const Body = await read(at * size, memory)
      const { ETag, ChecksumCRC32 } = await s3.uploadPart({ ...place, UploadId, PartNumber: at + 1, Body })
      Parts[at] = { PartNumber: at + 1, ETag, ChecksumCRC32 }
      done += Body.length
      sent(done)
    }
  }
  const orStop = (error: unknown) => {
    next = Infinity
    throw error
  }
  try {
    await together(Array.from({ length: atOnce }, () => inTurn().catch(orStop)))
    await s3.completeMultipartUpload({ ...place, UploadId, MultipartUpload: { Parts } }).catch(async error => {
      // S3 forgets an upload that is complete: as this one is where that answer was lost, and the SDK asked again.
      const there = isAbsent(error) && (await orNothing(s3.headObject(place)))
      if (!there || there.ContentLength !== bytes) throw error
    })
  } catch (error) {
    // Its parts would be billed. Where even this fails, the first failure is what is told, and kube-down ends it.
    await Promise.allSettled([s3.abortMultipartUpload({ ...place, UploadId })])
    throw error
  }
}
