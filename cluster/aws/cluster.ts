import { tmpdir } from 'node:os'
import { AutoScaling } from '@aws-sdk/client-auto-scaling'
import { EC2, type ResourceType, type Tag, type TagSpecification } from '@aws-sdk/client-ec2'
import { ElasticLoadBalancing } from '@aws-sdk/client-elastic-load-balancing'
import { ElasticLoadBalancingV2 } from '@aws-sdk/client-elastic-load-balancing-v2'
import { IAM } from '@aws-sdk/client-iam'
import { S3 } from '@aws-sdk/client-s3'
import { STS } from '@aws-sdk/client-sts'
import { awaitKnown } from './await-known.ts'
import { type Config, regionOf } from './config-default.ts'
import type { Journal } from './journal.ts'
import { recordCalls } from './record-calls.ts'
import type { Rehearsal } from './rehearsal.ts'

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
  /** Where to ask for this computer's public address. */
  readonly checkIp?: string
  /** Stands between the clients and AWS, so that nothing changes. */
  readonly rehearsal?: Rehearsal | undefined
}

/**
 * Clients for one cluster. Makes no call.
 * Retries are set here and not left to the SDK's defaults, which are about to change (`AWS_NEW_RETRIES_2026`).
 */
export function connect(
  config: Config,
  journal: Journal,
  {
    endpoint,
    credentials,
    user = '',
    cache = tmpdir(),
    checkIp = 'https://checkip.amazonaws.com',
    rehearsal,
  }: Connection = {},
) {
  const region = regionOf(config)
  const options = { region, maxAttempts: 8, ...(endpoint && { endpoint }), ...(credentials && { credentials }) }
  const cluster = {
    config,
    journal,
    user,
    cache,
    checkIp,
    rehearsal,
    region,
    name: config.KUBE_AWS_INSTANCE_PREFIX,
    endpoint,
    ec2: new EC2(options),
    iam: new IAM(options),
    // Virtual-hosted buckets need DNS that an endpoint of one's own does not have.
    s3: new S3({
      ...options,
      region: config.AWS_S3_REGION,
      forcePathStyle: endpoint !== undefined,
      followRegionRedirects: true,
    }),
    sts: new STS(options),
    autoScaling: new AutoScaling(options),
    elb: new ElasticLoadBalancing(options),
    elbv2: new ElasticLoadBalancingV2(options),
  }
  const { ec2, iam, s3, sts, autoScaling, elb, elbv2 } = cluster
  for (const client of [ec2, iam, s3, sts, autoScaling, elb, elbv2]) recordCalls(client, journal)
  awaitKnown(ec2)
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

/** The owner tags, a name, and what the person asked for in KUBE_TAGS. */
export const tagsOf = (cluster: Pick<Cluster, 'name' | 'config'>, name: string): { Key: string; Value: string }[] => [
  { Key: 'Name', Value: name },
  { Key: 'KubernetesCluster', Value: cluster.name },
  { Key: ownerKey(cluster), Value: 'owned' },
  ...cluster.config.KUBE_TAGS,
]

/** Tags in the call that creates, so that a crash right after it leaves nothing without an owner. */
export const bornAs = (cluster: Cluster, kind: ResourceType, name: string, more: Tag[] = []): TagSpecification[] => [
  { ResourceType: kind, Tags: [...tagsOf(cluster, name), ...more] },
]

/** The filter that finds what bornAs() tagged. */
export const ours = (cluster: Pick<Cluster, 'name'>) => ({ Name: `tag:${ownerKey(cluster)}`, Values: ['owned'] })
