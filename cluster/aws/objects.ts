import type { PutObjectCommandInput } from '@aws-sdk/client-s3'
import { orNothing } from './aws-errors.ts'
import type { Cluster } from './cluster.ts'
import { knowingBucket } from './patience.ts'

/** A text that lies in a bucket, and the sign by which S3 knows it as it was when it was read. */
export interface Found {
  readonly text: string
  readonly etag: string | undefined
}

interface Place {
  readonly Bucket: string
  readonly Key: string
}

/** @returns nothing where there is no such object. */
export async function readObject(cluster: Cluster, place: Place): Promise<Found | undefined> {
  const object = await orNothing(cluster.s3.getObject(place))
  const text = await object?.Body?.transformToString()
  return text === undefined ? undefined : { text, etag: object?.ETag }
}

/** What lets S3 write only over what was found, or only where nothing was: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export const over = (found: Pick<Found, 'etag'> | undefined): { IfMatch?: string | undefined; IfNoneMatch?: string } =>
  found ? { IfMatch: found.etag } : { IfNoneMatch: '*' }

/** Encrypted. @throws S3's refusal where the condition does not hold; `isChangedMeanwhile` knows it. */
export const writeObject = (cluster: Cluster, object: PutObjectCommandInput & Place) =>
  knowingBucket(cluster, object.Bucket, () => cluster.s3.putObject({ ...object, ServerSideEncryption: 'AES256' }))
