import type { TagDescription } from '@aws-sdk/client-ec2'
import { alive } from './alive.ts'
import { bucketKey, type Cluster, ownerKey } from './cluster.ts'
import { findLoadBalancers } from './load-balancers.ts'
import { findBucketsInUse } from './resources/bucket-contents.ts'
import { findGroups } from './resources/group.ts'
import { findIam } from './resources/iam.ts'
import { findLaunchConfigurations, traceKey } from './resources/launch-configuration.ts'
import * as sdk from './sdk.ts'
import { every } from './steps.ts'

/** Everything that is the cluster's, wherever a crash left it. */
export type Owned = Awaited<ReturnType<typeof findOwned>>

/**
 * Asks AWS what carries the cluster's tag. EC2 answers for all of its kinds at once, those kube-up never makes included.
 * Tags outlive what they were on, a terminated machine's for an hour; so unless the cluster's own VPC is there, and with
 * `sure`, each kind is asked which of its members live.
 */
export async function findOwned(cluster: Cluster, { sure = false, configured = false } = {}) {
  const tags = tagged(cluster)
  const told = tags.then(all => all.filter(tag => tag.Key === bucketKey(cluster)).map(tag => tag.Value ?? ''))
  const [{ owned, shared, balancers, configurations }, groups, iam, buckets] = await Promise.all([
    tags.then(all => inEc2(cluster, all, sure, configured)),
    findGroups(cluster),
    findIam(cluster),
    findBucketsInUse(
      cluster,
      told.then(names => [...new Set(names)]),
    ),
  ])
  const of = (kind: string) => owned.filter(one => one.kind === kind).map(one => one.id)
  return { ec2: owned, of, shared, balancers, configurations, groups, iam, buckets }
}

const tagged = (cluster: Cluster) =>
  every(
    sdk.ec2.paginateDescribeTags(
      { client: cluster.ec2 },
      { Filters: [{ Name: 'key', Values: [ownerKey(cluster), traceKey(cluster), bucketKey(cluster)] }] },
    ),
    page => page.Tags,
  )

/** Of what kinds in EC2 the cluster owns something, as the tags say; a kind for each thing. */
export const ownedKinds = async (cluster: Cluster): Promise<string[]> =>
  having(cluster, await tagged(cluster), 'owned').map(({ kind }) => kind)

const having = (cluster: Cluster, tags: TagDescription[], value: 'owned' | 'shared') =>
  tags
    .filter(tag => tag.Key === ownerKey(cluster) && tag.Value === value)
    .map(tag => ({ kind: kindOf(tag), id: tag.ResourceId ?? '' }))

async function inEc2(cluster: Cluster, tags: TagDescription[], sure: boolean, configured: boolean) {
  const all = having(cluster, tags, 'owned')
  const owned = sure || !all.some(one => one.kind === 'vpc') ? await alive(cluster, all) : all
  const shared = having(cluster, tags, 'shared').map(one => one.id)
  const vpcs = owned.filter(one => one.kind === 'vpc').map(one => one.id)
  const [balancers, configurations] = await Promise.all([
    findLoadBalancers(cluster, { vpcs, byTag: vpcs.length === 0 && (owned.length > 0 || shared.length > 0) }),
    configured || tags.some(tag => tag.Key === traceKey(cluster)) ? findLaunchConfigurations(cluster) : [],
  ])
  return { owned, shared, balancers, configurations }
}

/** Some endpoints have a word of their own for an Elastic IP; its id is the same everywhere. */
const kindOf = ({ ResourceType, ResourceId }: TagDescription) =>
  ResourceId?.startsWith('eipalloc-') ? 'elastic-ip' : `${ResourceType}`

/** All of it as kind and id, one by one: what a person is shown. */
export const list = (owned: Owned): { kind: string; id: string }[] => [
  ...owned.groups.map(id => ({ kind: 'auto-scaling-group', id })),
  ...owned.configurations.map(id => ({ kind: 'launch-configuration', id })),
  ...owned.balancers.map(({ id }) => ({ kind: 'load-balancer', id })),
  ...owned.ec2,
  ...owned.iam.profiles.map(one => ({ kind: 'instance-profile', id: one.InstanceProfileName ?? '' })),
  ...owned.iam.roles.map(one => ({ kind: 'role', id: one.RoleName ?? '' })),
  ...owned.buckets.map(({ id, shared }) => (shared ? { kind: 'objects', id: `s3://${id}/…` } : { kind: 'bucket', id })),
  ...owned.shared.map(id => ({ kind: 'tag', id: `shared on ${id}` })),
]
