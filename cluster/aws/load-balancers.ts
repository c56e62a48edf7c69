import { paginateDescribeLoadBalancers as paginateClassic } from '@aws-sdk/client-elastic-load-balancing'
import { paginateDescribeLoadBalancers, paginateDescribeTargetGroups } from '@aws-sdk/client-elastic-load-balancing-v2'
import { isInUse, orNothing } from './aws-errors.ts'
import type { Cluster } from './cluster.ts'
import { insistently } from './patience.ts'
import { every } from './steps.ts'

export interface LoadBalancer {
  /** A name for a classic one, an ARN for a newer one. */
  readonly id: string
  readonly classic: boolean
}

/**
 * The load balancers in the cluster's own VPCs: Kubernetes makes one for each Service of that type, and until it is gone
 * its network interfaces hold subnets and groups. Found by VPC, for newer controllers do not tag them with the cluster.
 */
export async function findLoadBalancers(cluster: Cluster, vpcs: readonly string[]): Promise<LoadBalancer[]> {
  if (vpcs.length === 0) return []
  const [classic, newer] = await Promise.all([
    every(paginateClassic({ client: cluster.elb }, {}), page => page.LoadBalancerDescriptions),
    every(paginateDescribeLoadBalancers({ client: cluster.elbv2 }, {}), page => page.LoadBalancers),
  ])
  return [
    ...classic
      .filter(one => vpcs.includes(one.VPCId ?? ''))
      .map(one => ({ id: one.LoadBalancerName ?? '', classic: true })),
    ...newer
      .filter(one => vpcs.includes(one.VpcId ?? ''))
      .map(one => ({ id: one.LoadBalancerArn ?? '', classic: false })),
  ]
}

export const deleteLoadBalancers = (
  cluster: Cluster,
  balancers: readonly LoadBalancer[],
  vpcs: readonly string[],
): Promise<void> =>
  cluster.journal.step('load balancers', async step => {
    step.id = balancers.map(one => one.id).join(', ')
    await Promise.all(
      balancers.map(({ id, classic }) =>
        classic
          ? orNothing(cluster.elb.deleteLoadBalancer({ LoadBalancerName: id }))
          : orNothing(cluster.elbv2.deleteLoadBalancer({ LoadBalancerArn: id })),
      ),
    )
    if (balancers.some(one => !one.classic)) await deleteTargetGroups(cluster, vpcs)
    step.outcome = 'deleted'
  })

/** Target groups hold nothing up, but stay behind when nobody deletes them (cluster-api-provider-aws#4175). */
async function deleteTargetGroups(cluster: Cluster, vpcs: readonly string[]): Promise<void> {
  const groups = await every(paginateDescribeTargetGroups({ client: cluster.elbv2 }, {}), page => page.TargetGroups)
  await Promise.all(
    groups
      .filter(group => vpcs.includes(group.VpcId ?? ''))
      .map(({ TargetGroupArn }) =>
        insistently(cluster, { what: `target group ${TargetGroupArn} to be let go`, seconds: 120 }, isInUse, () =>
          orNothing(cluster.elbv2.deleteTargetGroup({ TargetGroupArn })),
        ),
      ),
  )
}
