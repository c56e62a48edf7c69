import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { paginateListBuckets } from '@aws-sdk/client-s3'
import { UserError } from '../../errors.ts'
import { isAbsent, isForbidden, isOwnBucket, isTaken, isUntagged, orNothing } from '../aws-errors.ts'
import { type Cluster, ownerKey, tagsOf } from '../cluster.ts'
import { type Ensured, ensure, every, only } from '../steps.ts'

export interface Bucket {
  /** Its name, unique in all of AWS. */
  readonly id: string
  /** The user's own: used, and never deleted. */
  readonly shared: boolean
}

const common = 'kubernetes-staging-'
const nothing = Promise.resolve()

/**
 * The machines fetch everything they install from here, with the rights of their own role, so that a node that the
 * group adds next month still finds what the first one found. Private, and encrypted.
 */
export const ensureBucket = (cluster: Cluster): Promise<Bucket> =>
  ensure(cluster, 'S3 bucket', {
    find: () => findBucket(cluster),
    create: () => createBucket(cluster),
    repair: bucket =>
      bucket.shared ? nothing : Promise.all([blockPublicAccess(cluster, bucket), encrypt(cluster, bucket)]),
  })

/** The bucket by the name that this person and key give it, or by its tags, for keys change. */
export async function findBucket(cluster: Cluster): Promise<Bucket | undefined> {
  const { AWS_S3_BUCKET } = cluster.config
  const birthName = await nameAtBirth(cluster)
  const names = AWS_S3_BUCKET ? [AWS_S3_BUCKET] : await stagingBuckets(cluster)
  const buckets = await Promise.all(
    names.map(async id => {
      if (!AWS_S3_BUCKET && id === birthName) return [{ id, shared: false }]
      const owner = await ownerOf(cluster, id)
      return owner === 'us' || (owner === 'other' && AWS_S3_BUCKET) ? [{ id, shared: owner !== 'us' }] : []
    }),
  )
  return only(buckets.flat(), 'buckets', bucket => bucket.id)
}

/** Since 2025 S3 takes tags in the call that creates: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
async function createBucket(cluster: Cluster): Promise<Bucket> {
  const id = cluster.config.AWS_S3_BUCKET ?? (await nameAtBirth(cluster))
  const region = cluster.config.AWS_S3_REGION
  try {
    await cluster.s3.createBucket({
      Bucket: id,
      ObjectOwnership: 'BucketOwnerEnforced',
      CreateBucketConfiguration: {
        Tags: tagsOf(cluster, id),
        // S3 refuses us-east-1's own name here, and demands every other: kops#3337, cluster-api-provider-aws#4839.
        ...(region !== 'us-east-1' && { LocationConstraint: region as never }),
      },
    })
  } catch (error) {
    if (isTaken(error))
      throw new UserError(`The bucket name ${id} belongs to another AWS account; set AWS_S3_BUCKET to a free one.`)
    if (!isOwnBucket(error)) throw error
    await refuseElsewhere(cluster, id)
  }
  return { id, shared: false }
}

/** Bucket names know no regions: the same cluster name in a second region would find the first one's bucket. */
async function refuseElsewhere(cluster: Cluster, Bucket: string): Promise<void> {
  const { BucketRegion = cluster.config.AWS_S3_REGION } = await cluster.s3.headBucket({ Bucket })
  if (BucketRegion !== cluster.config.AWS_S3_REGION)
    throw new UserError(
      `The bucket ${Bucket} is already there in ${BucketRegion}, for a cluster of the same name; choose another KUBE_AWS_INSTANCE_PREFIX, or run kube-down there.`,
    )
}

async function blockPublicAccess(cluster: Cluster, { id: Bucket, isNew }: Ensured<Bucket>): Promise<void> {
  const wanted = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }
  const there = isNew ? undefined : await orNothing(cluster.s3.getPublicAccessBlock({ Bucket }))
  if (isDeepStrictEqual(there?.PublicAccessBlockConfiguration, wanted)) return
  await cluster.s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: wanted })
}

/** With keys that S3 manages: what is written here is encrypted, whoever writes it. */
async function encrypt(cluster: Cluster, { id: Bucket, isNew }: Ensured<Bucket>): Promise<void> {
  const there = isNew ? undefined : await orNothing(cluster.s3.getBucketEncryption({ Bucket }))
  if (there?.ServerSideEncryptionConfiguration?.Rules?.length) return
  const Rules = [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' as const } }]
  await cluster.s3.putBucketEncryption({ Bucket, ServerSideEncryptionConfiguration: { Rules } })
}

const stagingBuckets = async (cluster: Cluster) => {
  const pages = paginateListBuckets(
    { client: cluster.s3 },
    { Prefix: common, BucketRegion: cluster.config.AWS_S3_REGION },
  )
  return (await every(pages, page => page.Buckets)).map(bucket => bucket.Name ?? '')
}

async function ownerOf(cluster: Cluster, Bucket: string): Promise<'us' | 'other' | 'nobody'> {
  try {
    const { TagSet } = await cluster.s3.getBucketTagging({ Bucket })
    return TagSet?.some(tag => tag.Key === ownerKey(cluster) && tag.Value === 'owned') ? 'us' : 'other'
  } catch (error) {
    if (isForbidden(error)) return 'other'
    if (!isAbsent(error)) throw error
    return isUntagged(error) ? 'other' : 'nobody'
  }
}

/** Unique to person, key and cluster, as in the original; afterwards the tag is what finds it, since keys change. */
async function nameAtBirth(cluster: Cluster): Promise<string> {
  const { accessKeyId } = await cluster.s3.config.credentials()
  return `${common}${createHash('md5').update(`${cluster.user} ${accessKeyId} ${cluster.name}`).digest('hex')}`
}

/** Everything under this cluster's prefix goes; then the bucket, when it is ours. What the user brought stays, emptied of ours. */
export const deleteBucket = (cluster: Cluster, bucket: Bucket): Promise<void> =>
  cluster.journal.step('S3 bucket', async step => {
    step.id = bucket.id
    const Prefix = bucket.shared ? `${cluster.name}/` : ''
    for (;;) {
      const page = await orNothing(cluster.s3.listObjectsV2({ Bucket: bucket.id, Prefix }))
      const Objects = page?.Contents?.map(({ Key = '' }) => ({ Key }))
      if (!Objects?.length) break
      const { Errors } = await cluster.s3.deleteObjects({ Bucket: bucket.id, Delete: { Objects, Quiet: true } })
      if (Errors?.length)
        throw new UserError(`S3 would not delete ${Errors[0]?.Key} in ${bucket.id}: ${Errors[0]?.Message}.`)
      if (!page?.IsTruncated) break
    }
    if (!bucket.shared) await orNothing(cluster.s3.deleteBucket({ Bucket: bucket.id }))
    step.outcome = bucket.shared ? 'yours, kept' : 'deleted'
  })
