import type { Cluster } from './cluster.ts'
import { findOwned, list } from './owned.ts'
import * as sdk from './sdk.ts'
import { every } from './steps.ts'

export interface Held {
  readonly kind: string
  readonly id: string
}

/** What an account holds of one cluster. */
export interface Holding {
  readonly cluster: string
  /** When its oldest machine that lives was started. */
  readonly since?: string
  /** How many nodes run. */
  readonly nodes: number
  readonly held: readonly Held[]
  /** Whether something carries the cluster's tag though there is neither a master nor a group of nodes. */
  readonly orphaned: boolean
}

/** What AWS bills by the hour, or by the month, whether anyone uses it or not. */
export const bills = ({ kind }: Held): boolean =>
  /^(instance|volume|snapshot|elastic-ip|load-balancer|natgateway|bucket|objects)$/.test(kind)

const key = /^kubernetes\.io\/cluster\/(.+)$/

/** Every cluster of which the account holds something in this region, by the owner tag, and for IAM by the path. Changes nothing. */
export async function holdings(cluster: Cluster): Promise<Holding[]> {
  const names = await namesOf(cluster)
  const machines = await machinesOf(cluster)
  const found: Holding[] = []
  // One after another: an account with many clusters would be throttled.
  for (const name of names) {
    const owned = await findOwned({ ...cluster, name }, { sure: true })
    const held = list(owned)
    if (held.length === 0) continue
    const own = machines.filter(one => one.cluster === name)
    const since = own.map(one => one.since).sort()[0]
    found.push({
      cluster: name,
      ...(since && { since }),
      nodes: own.filter(one => !one.isMaster).length,
      held,
      orphaned: own.length === 0 && owned.groups.length === 0,
    })
  }
  return found
}

/** The names in the owner tags of EC2 and of Auto Scaling, and in the paths of IAM: a crash may have left any of them alone. */
async function namesOf(cluster: Cluster): Promise<string[]> {
  const { ec2, autoScaling, iam, region } = cluster
  const [tags, groups, roles] = await Promise.all([
    every(
      sdk.ec2.paginateDescribeTags(
        { client: ec2 },
        { Filters: [{ Name: 'key', Values: ['kubernetes.io/cluster/*'] }] },
      ),
      page => page.Tags,
    ),
    every(
      sdk.autoScaling.paginateDescribeAutoScalingGroups({ client: autoScaling }, {}),
      page => page.AutoScalingGroups,
    ),
    every(sdk.iam.paginateListRoles({ client: iam }, { PathPrefix: `/kube-up/${region}/` }), page => page.Roles),
  ])
  const keys = [...tags, ...groups.flatMap(group => group.Tags ?? [])].map(tag => key.exec(tag.Key ?? '')?.[1])
  const paths = roles.map(role => new RegExp(`^/kube-up/${region}/([^/]+)/$`).exec(role.Path ?? '')?.[1])
  return [...new Set([...keys, ...paths].filter(name => name !== undefined))].sort()
}

async function machinesOf({ ec2 }: Cluster) {
  const Filters = [
    { Name: 'tag-key', Values: ['kubernetes.io/cluster/*'] },
    { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
  ]
  const reservations = await every(
    sdk.ec2.paginateDescribeInstances({ client: ec2 }, { Filters }),
    page => page.Reservations,
  )
  return reservations.flatMap(({ Instances = [] }) =>
    Instances.map(({ Tags = [], LaunchTime }) => {
      const cluster = Tags.map(tag => key.exec(tag.Key ?? '')?.[1]).find(Boolean)
      const isMaster = Tags.some(tag => tag.Key === 'Role' && tag.Value === `${cluster}-master`)
      return { cluster, isMaster, since: LaunchTime?.toISOString() ?? '' }
    }),
  )
}
