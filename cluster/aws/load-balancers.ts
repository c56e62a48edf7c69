import type { Tag } from '@aws-sdk/client-ec2'
import { type Cluster, isOurs } from './cluster.ts'
import * as sdk from './sdk.ts'
import { every, remove, together } from './steps.ts'

export interface LoadBalancer {
  /** A name for a classic one, an ARN for a newer one or for a target group. */
  readonly id: string
  readonly kind: 'classic' | 'newer' | 'target group'
}

/** Where to look: the cluster's own VPCs; or, when it lives in a user's, everywhere, by tag. */
export interface Where {
  readonly vpcs: readonly string[]
  readonly byTag: boolean
}

/**
 * The load balancers that Kubernetes made for Services: until they are gone their network interfaces hold subnets and
 * groups. In a VPC of the cluster's own all of them are, for newer controllers do not tag them with the cluster; in a
 * user's VPC only those with the owner tag.
 */
export async function findLoadBalancers(cluster: Cluster, { vpcs, byTag }: Where): Promise<LoadBalancer[]> {
  if (vpcs.length === 0 && !byTag) return []
  const [classic, newer] = await Promise.all([
    every(sdk.elb.paginateDescribeLoadBalancers({ client: cluster.elb }, {}), page => page.LoadBalancerDescriptions),
    every(sdk.elbv2.paginateDescribeLoadBalancers({ client: cluster.elbv2 }, {}), page => page.LoadBalancers),
  ])
  const found: (LoadBalancer & { vpc: string })[] = [
    ...classic.map(one => ({ id: one.LoadBalancerName ?? '', vpc: one.VPCId ?? '', kind: 'classic' as const })),
    ...newer.map(one => ({ id: one.LoadBalancerArn ?? '', vpc: one.VpcId ?? '', kind: 'newer' as const })),
  ]
  // Without a newer one there is no need to ask for what they balance to, unless one was deleted half-way.
  if (newer.length > 0 || byTag) {
    const targets = await every(
      sdk.elbv2.paginateDescribeTargetGroups({ client: cluster.elbv2 }, {}),
      page => page.TargetGroups,
    )
    found.push(
      ...targets.map(one => ({ id: one.TargetGroupArn ?? '', vpc: one.VpcId ?? '', kind: 'target group' as const })),
    )
  }
  const inOurs = found.filter(one => vpcs.includes(one.vpc))
  return byTag
    ? [
        ...inOurs,
        ...(await tagged(
          cluster,
          found.filter(one => !inOurs.includes(one)),
        )),
      ]
    : inOurs
}

/** Those with the owner tag. Both services tell the tags of twenty at a time. */
async function tagged<T extends LoadBalancer>(cluster: Cluster, balancers: readonly T[]): Promise<T[]> {
  const twenties = <I>(items: readonly I[]) =>
    Array.from({ length: Math.ceil(items.length / 20) }, (_, i) => items.slice(i * 20, i * 20 + 20))
  const names = balancers.filter(one => one.kind === 'classic').map(one => one.id)
  const arns = balancers.filter(one => one.kind !== 'classic').map(one => one.id)
  const answers: { id: string | undefined; tags: Tag[] | undefined }[] = []
  for (const LoadBalancerNames of twenties(names))
    for (const one of (await cluster.elb.describeTags({ LoadBalancerNames })).TagDescriptions ?? [])
      answers.push({ id: one.LoadBalancerName, tags: one.Tags })
  for (const ResourceArns of twenties(arns))
    for (const one of (await cluster.elbv2.describeTags({ ResourceArns })).TagDescriptions ?? [])
      answers.push({ id: one.ResourceArn, tags: one.Tags })
  const owned = new Set(answers.filter(({ tags }) => isOurs(cluster, tags)).map(({ id }) => id))
  return balancers.filter(one => owned.has(one.id))
}

/** Balancers first, for a target group is in use until then (cluster-api-provider-aws#4175). */
export const deleteLoadBalancers = async (cluster: Cluster, balancers: readonly LoadBalancer[]): Promise<void> => {
  const of = (kind: LoadBalancer['kind']) => balancers.filter(one => one.kind === kind).map(one => one.id)
  await together([
    remove(cluster, 'load balancers', of('classic'), LoadBalancerName =>
      cluster.elb.deleteLoadBalancer({ LoadBalancerName }),
    ),
    remove(cluster, 'load balancers', of('newer'), LoadBalancerArn =>
      cluster.elbv2.deleteLoadBalancer({ LoadBalancerArn }),
    ),
  ])
  await remove(cluster, 'target groups', of('target group'), TargetGroupArn =>
    cluster.elbv2.deleteTargetGroup({ TargetGroupArn }),
  )
}
