import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { UserError } from '../../errors.ts'
import { isAbsent, isForbidden, isOwnBucket, isTaken, isUntagged, orNothing } from '../aws-errors.ts'
import { type Cluster, isOurs, tagsOf } from '../cluster.ts'
import { knowingBucket } from '../patience.ts'
import * as sdk from '../sdk.ts'
import { type Ensured, ensure, every, only } from '../steps.ts'

export interface Bucket {
  /** Its name, unique in all of AWS. */
  readonly id: string
  /** The user's own: used, and never deleted. */
  readonly shared: boolean
}

const common = 'kubernetes-staging-'

/**
 * The machines fetch everything they install from here, with the rights of their own role, so that a node that the
 * group adds next month still finds what the first one found. Private, and encrypted.
 */
export const ensureBucket = (cluster: Cluster): Promise<Ensured<Bucket>> =>
  ensure(cluster, 'S3 bucket', {
    find: () => findBucket(cluster),
    create: () => createBucket(cluster),
    repair: async bucket => {
      // S3 makes every bucket with public access blocked, and encrypts all that is written, whoever writes it:
      // https://docs.aws.amazon.com/AmazonS3/latest/userguide/default-bucket-encryption.html and access-control-block-public-access.html
      if (!bucket.shared && !bucket.isNew) await blockPublicAccess(cluster, bucket)
    },
  })

/** AWS_S3_BUCKET, or the bucket by the name that this person and key give it, or by its tags, for keys change. */
export async function findBucket(cluster: Cluster): Promise<Bucket | undefined> {
  const { AWS_S3_BUCKET, AWS_S3_REGION } = cluster.config
  if (AWS_S3_BUCKET) return namedBucket(cluster, AWS_S3_BUCKET, AWS_S3_REGION)
  const birthName = await nameAtBirth(cluster)
  const ours = await Promise.all(
    (await stagingBuckets(cluster)).map(async id =>
      id === birthName || (await isTaggedOurs(cluster, id)) ? [{ id, shared: false }] : [],
    ),
  )
  return only(ours.flat(), 'buckets', bucket => bucket.id)
}

/** @param region where it has to be, if anywhere. @throws UserError when it is another account's, or in another region. */
export async function namedBucket(cluster: Cluster, id: string, region?: string): Promise<Bucket | undefined> {
  try {
    const { BucketRegion = region } = await cluster.s3.headBucket({ Bucket: id })
    if (region && BucketRegion !== region)
      throw new UserError(`AWS_S3_BUCKET=${id} is in ${BucketRegion}; set AWS_S3_REGION=${BucketRegion}.`)
  } catch (error) {
    if (isForbidden(error))
      throw new UserError(`AWS_S3_BUCKET=${id} is not yours to use; set it to another name, or leave it out.`)
    if (isAbsent(error)) return undefined
    throw error
  }
  return { id, shared: !(await isTaggedOurs(cluster, id)) }
}

/** Since 2025 S3 takes tags in the call that creates: https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html */
async function createBucket(cluster: Cluster): Promise<Bucket> {
  const id = cluster.config.AWS_S3_BUCKET ?? (await nameAtBirth(cluster))
  const region = cluster.config.AWS_S3_REGION
  const create = () =>
    cluster.s3.createBucket({
      Bucket: id,
      ObjectOwnership: 'BucketOwnerEnforced',
      CreateBucketConfiguration: {
        Tags: tagsOf(cluster, id),
        // S3 refuses us-east-1's own name here, and demands every other: kops#3337, cluster-api-provider-aws#4839.
        ...(region !== 'us-east-1' && { LocationConstraint: region as never }),
      },
    })
  try {
    // A name that was just deleted is busy for a while.
    await knowingBucket(cluster, id, create)
  } catch (error) {
    if (isTaken(error))
      throw new UserError(`The bucket name ${id} belongs to another AWS account; set AWS_S3_BUCKET to a free one.`)
    if (!isOwnBucket(error)) throw error
  }
  return { id, shared: false }
}

async function blockPublicAccess(cluster: Cluster, { id: Bucket }: Bucket): Promise<void> {
  const wanted = { BlockPublicAcls: true, IgnorePublicAcls: true, BlockPublicPolicy: true, RestrictPublicBuckets: true }
  const there = await orNothing(cluster.s3.getPublicAccessBlock({ Bucket }))
  if (isDeepStrictEqual(there?.PublicAccessBlockConfiguration, wanted)) return
  await knowingBucket(cluster, Bucket, () =>
    cluster.s3.putPublicAccessBlock({ Bucket, PublicAccessBlockConfiguration: wanted }),
  )
}

const stagingBuckets = async (cluster: Cluster) => {
  const filter = { Prefix: common, BucketRegion: cluster.config.AWS_S3_REGION }
  return (await every(sdk.s3.paginateListBuckets({ client: cluster.s3 }, filter), page => page.Buckets)).map(
    bucket => bucket.Name ?? '',
  )
}

async function isTaggedOurs(cluster: Cluster, Bucket: string): Promise<boolean> {
  try {
    return isOurs(cluster, (await cluster.s3.getBucketTagging({ Bucket })).TagSet)
  } catch (error) {
    // A bucket whose tags we may not read is not ours, and one that has none is not either.
    if (isForbidden(error) || isUntagged(error) || isAbsent(error)) return false
    throw error
  }
}

/** Unique to person, key, cluster and region; afterwards the tag is what finds it too, since keys change with every login. */
async function nameAtBirth({ s3, user, name, region }: Cluster): Promise<string> {
  const { accessKeyId } = await s3.config.credentials()
  return `${common}${createHash('md5').update(`${user} ${accessKeyId} ${name} ${region}`).digest('hex')}`
}
