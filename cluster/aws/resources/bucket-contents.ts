import { UserError } from '../../errors.ts'
import { orNothing } from '../aws-errors.ts'
import { bucketPrefix, type Cluster } from '../cluster.ts'
import { letGo } from '../steps.ts'
import { type Bucket, findBucket, namedBucket } from './bucket.ts'

/**
 * The buckets that kube-down has to deal with: one of our own, and those of the user's that hold something of ours.
 * @param told the names that the cluster's tags tell, for when AWS_S3_BUCKET is not set any more.
 */
export async function findBucketsInUse(cluster: Cluster, told: Promise<readonly string[]>): Promise<Bucket[]> {
  const set = cluster.config.AWS_S3_BUCKET
  const others = async () =>
    Promise.all((await told).filter(name => name !== set).map(name => namedBucket(cluster, name)))
  const [own, rest] = await Promise.all([findBucket(cluster), others()])
  const found = [own, ...rest].filter(one => one !== undefined)
  const used = await Promise.all(found.map(async bucket => !bucket.shared || (await holdsOurs(cluster, bucket))))
  return found.filter((_, at) => used[at])
}

async function holdsOurs(cluster: Cluster, bucket: Bucket): Promise<boolean> {
  const ours = { Bucket: bucket.id, Prefix: bucketPrefix(cluster) }
  const [objects, uploads] = await Promise.all([
    cluster.s3.listObjectsV2({ ...ours, MaxKeys: 1 }),
    cluster.s3.listMultipartUploads({ ...ours, MaxUploads: 1 }),
  ])
  return Boolean(objects.Contents?.length || uploads.Uploads?.length)
}

/** Of the user's bucket only what lies below the cluster's prefix goes; a bucket of ours goes whole. */
export const deleteBucket = (cluster: Cluster, bucket: Bucket): Promise<void> =>
  cluster.journal.step('S3 bucket', async step => {
    step.id = bucket.id
    const ours = { Bucket: bucket.id, Prefix: bucket.shared ? bucketPrefix(cluster) : '' }
    const empty = async () => {
      for (;;) {
        const page = await orNothing(cluster.s3.listObjectsV2(ours))
        const Objects = page?.Contents?.map(({ Key = '' }) => ({ Key }))
        if (!Objects?.length) return
        const { Errors } = await cluster.s3.deleteObjects({ Bucket: bucket.id, Delete: { Objects, Quiet: true } })
        if (Errors?.length)
          throw new UserError(`S3 would not delete ${Errors[0]?.Key} in ${bucket.id}: ${Errors[0]?.Message}.`)
        if (!page?.IsTruncated) return
      }
    }
    await empty()
    if (bucket.shared) await abortUploads(cluster, ours)
    // A machine's last word may have come in between.
    else
      await letGo(cluster, bucket.id, () =>
        cluster.s3.deleteBucket({ Bucket: bucket.id }).catch(error => empty().then(() => Promise.reject(error))),
      )
    step.outcome = bucket.shared ? 'yours, kept' : 'deleted'
  })

/** The parts of an upload that was cut off are seen by nobody, and billed for ever. A bucket that is deleted takes them along. */
async function abortUploads(cluster: Cluster, ours: { Bucket: string; Prefix: string }): Promise<void> {
  const { Uploads = [] } = await cluster.s3.listMultipartUploads(ours)
  await Promise.all(
    Uploads.map(({ Key, UploadId }) =>
      orNothing(cluster.s3.abortMultipartUpload({ Bucket: ours.Bucket, Key, UploadId })),
    ),
  )
}
