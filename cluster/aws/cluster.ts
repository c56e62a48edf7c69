import { tmpdir } from 'node:os'
import type { ResourceType, Tag, TagSpecification } from '@aws-sdk/client-ec2'
import { officialRelease, type Release } from '../release.ts'
import { awaitBucket, awaitKnown } from './await-known.ts'
import { type Clock, wallClock } from './clock.ts'
import { type Config, regionOf } from './config-default.ts'
import type { Journal } from './journal.ts'
import { recordCalls } from './record-calls.ts'
import type { Rehearsal } from './rehearsal.ts'
import { tellLimits, tellLostAnswers } from './retries.ts'
import * as sdk from './sdk.ts'
import type { Turns } from './turns.ts'
import { leaveBodiesUnsigned } from './unsigned-bodies.ts'

/** What every step is given first: the settings, a client for each service, and the journal. Nothing is added to it later. */
export type Cluster = Readonly<ReturnType<typeof connect>>

/** How to reach AWS where the SDK's own ways (profile, environment, `AWS_ENDPOINT_URL`) are not what is wanted. */
export interface Connection {
  readonly endpoint?: string
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string }
  /** The person's name on this computer; part of the bucket's name. */
  readonly user?: string
  /** Where what was downloaded once is kept. */
  readonly cache?: string
  /** Where Kubernetes, and what it runs on, comes from; the official downloads when left out. */
  readonly release?: Release
  /** Where to ask for this computer's public address. */
  readonly checkIp?: string
  /** An HTTP proxy that leads to the machines' public addresses, where they exist on this computer only. */
  readonly proxy?: string
  readonly clock?: Clock
  /** Stands between the clients and AWS, so that nothing changes. */
  readonly rehearsal?: Rehearsal | undefined
}

/**
 * Clients for one cluster. Makes no call.
 * Retries are set here and not left to the SDK's defaults, which are about to change (`AWS_NEW_RETRIES_2026`).
 */
export function connect(config: Config, journal: Journal, connection: Connection = {}) {
  const {
    endpoint,
    credentials,
    proxy,
    user = '',
    cache = tmpdir(),
    checkIp = 'https://checkip.amazonaws.com',
    clock = wallClock,
    rehearsal,
  } = connection
  const { release = officialRelease({ cache, say: words => journal.waiting(words) }) } = connection
  const region = regionOf(config)
  // Without these the SDK waits for ever for an answer that never comes.
  const requestHandler = { connectionTimeout: 10_000, socketTimeout: 60_000 }
  const given = { ...(endpoint && { endpoint }), ...(credentials && { credentials }) }
  const options = { region, maxAttempts: 8, requestHandler, ...given }
  const cluster = {
    config,
    journal,
    user,
    cache,
    release,
    checkIp,
    proxy,
    clock,
    turns: {} as Turns,
    rehearsal,
    region,
    name: config.KUBE_AWS_INSTANCE_PREFIX,
    endpoint,
    ec2: new sdk.ec2.EC2(options),
    iam: new sdk.iam.IAM(options),
    // Virtual-hosted buckets need DNS that an endpoint of one's own does not have.
    s3: new sdk.s3.S3({
      ...options,
      region: config.AWS_S3_REGION,
      forcePathStyle: endpoint !== undefined,
      followRegionRedirects: true,
    }),
    sts: new sdk.sts.STS(options),
    autoScaling: new sdk.autoScaling.AutoScaling(options),
    elb: new sdk.elb.ElasticLoadBalancing(options),
    elbv2: new sdk.elbv2.ElasticLoadBalancingV2(options),
  }
  const { ec2, iam, s3, sts, autoScaling, elb, elbv2 } = cluster
  for (const client of [ec2, iam, s3, sts, autoScaling, elb, elbv2]) recordCalls(client, journal)
  for (const client of [ec2, iam]) awaitKnown(client, clock)
  awaitBucket(s3, clock)
  leaveBodiesUnsigned(s3)
  tellLostAnswers(ec2)
  tellLimits(iam)
  if (rehearsal) for (const client of [ec2, iam, s3, sts, autoScaling, elb, elbv2]) rehearsal.on(client)
  return Object.freeze(cluster)
}

/** The tag that says whose a resource is. The AWS cloud controller manager reads the same one. */
export const ownerKey = (cluster: Pick<Cluster, 'name'>): string => `kubernetes.io/cluster/${cluster.name}`

/** Whether these tags say that it is this cluster's own. */
export const isOurs = (
  cluster: Pick<Cluster, 'name'>,
  tags: readonly { Key?: string | undefined; Value?: string | undefined }[] = [],
): boolean => tags.some(tag => tag.Key === ownerKey(cluster) && tag.Value === 'owned')

/** Where a cluster's objects lie in its bucket, which may hold the user's own and other clusters' too. */
export const bucketPrefix = (cluster: Pick<Cluster, 'name' | 'region'>): string =>
  `kube-up/${cluster.region}/${cluster.name}/`

/** Where a bucket was named in AWS_S3_BUCKET, the tag of everything else that tells kube-down about it, which may be called without. */
export const bucketKey = (cluster: Pick<Cluster, 'name'>): string => `kube-up/${cluster.name}/bucket`

/** The owner tags, a name, and what the person asked for in KUBE_TAGS. */
export const tagsOf = (cluster: Pick<Cluster, 'name' | 'config'>, name: string): { Key: string; Value: string }[] => [
  { Key: 'Name', Value: name },
  { Key: 'KubernetesCluster', Value: cluster.name },
  { Key: ownerKey(cluster), Value: 'owned' },
  ...(cluster.config.AWS_S3_BUCKET ? [{ Key: bucketKey(cluster), Value: cluster.config.AWS_S3_BUCKET }] : []),
  ...cluster.config.KUBE_TAGS,
]

/** Tags in the call that creates, so that a crash right after it leaves nothing without an owner. */
export const bornAs = (cluster: Cluster, kind: ResourceType, name: string, more: Tag[] = []): TagSpecification[] => [
  { ResourceType: kind, Tags: [...tagsOf(cluster, name), ...more] },
]

/** The filter that finds what bornAs() tagged. */
export const ours = (cluster: Pick<Cluster, 'name'>) => ({ Name: `tag:${ownerKey(cluster)}`, Values: ['owned'] })
