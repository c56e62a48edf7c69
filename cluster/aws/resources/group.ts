import { isDeepStrictEqual } from 'node:util'
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import { UserError } from '../../errors.ts'
import { type Cluster, ours, ownerKey, tagsOf } from '../cluster.ts'
import { knowingProfile, patiently } from '../patience.ts'
import * as sdk from '../sdk.ts'
import { ensure, every, remove } from '../steps.ts'
import { discoveryTags, isAutoscaled } from './autoscaler-tags.ts'
import { deleteLaunchConfigurations } from './launch-configuration.ts'
import type { Subnet } from './subnet.ts'

export interface Nodes {
  /** The Auto Scaling group's name. */
  readonly id: string
  readonly inService: number
  /** The ids of the machines that are in service. */
  readonly instances: readonly string[]
  /** How many it keeps now. */
  readonly size: number
  /** Within which an autoscaler may change that. */
  readonly bounds: { readonly min: number; readonly max: number }
  /** Whether the autoscaler takes it for one of its own. */
  readonly autoscaled: boolean
  /** What it launches from: the id of a template, or the name of a configuration. */
  readonly source: string
  readonly byConfiguration: boolean
  readonly subnet: string
}

/** What a group launches from. */
export type Source =
  | { LaunchConfigurationName: string }
  | { LaunchTemplate: { LaunchTemplateId: string; Version: string } }

/** The group is looked for while what it launches from is being made. */
export const ensureGroup = (
  cluster: Cluster,
  AutoScalingGroupName: string,
  subnet: Subnet,
  made: Promise<Source>,
): Promise<Nodes> => {
  const { NUM_NODES, KUBE_ENABLE_CLUSTER_AUTOSCALER: autoscaled } = cluster.config
  const bounds = boundsOf(cluster.config)
  const launched = async () => {
    const source = await made
    const byConfiguration = 'LaunchConfigurationName' in source
    return {
      wanted: { MinSize: bounds.min, MaxSize: bounds.max, VPCZoneIdentifier: subnet.id, ...source },
      byConfiguration,
      from: byConfiguration ? source.LaunchConfigurationName : source.LaunchTemplate.LaunchTemplateId,
    }
  }
  return ensure(cluster, 'nodes', {
    find: () => findNodes(cluster, AutoScalingGroupName),
    create: async () => {
      const { wanted, from, byConfiguration } = await launched()
      const role = { Key: 'Role', Value: `${cluster.name}-minion` }
      const born = [...tagsOf(cluster, `${cluster.name}-minion`), role].map(tag => ({
        ...tag,
        PropagateAtLaunch: true,
      }))
      const Tags = [...born, ...(autoscaled ? discoveryTags(cluster) : [])]
      await knowingProfile(cluster, () =>
        cluster.autoScaling.createAutoScalingGroup({
          AutoScalingGroupName,
          ...wanted,
          DesiredCapacity: NUM_NODES,
          Tags,
        }),
      )
      return {
        id: AutoScalingGroupName,
        inService: 0,
        instances: [],
        size: NUM_NODES,
        bounds,
        autoscaled,
        source: from,
        byConfiguration,
        subnet: subnet.id,
      }
    },
    repair: async group => {
      const { wanted, from } = await launched()
      if (autoscaled && !group.autoscaled) {
        const of = { ResourceId: AutoScalingGroupName, ResourceType: 'auto-scaling-group' }
        const Tags = discoveryTags(cluster).map(tag => ({ ...of, ...tag }))
        await cluster.autoScaling.createOrUpdateTags({ Tags })
      }
      // What the autoscaler has made of it stays, within the bounds; they are one number where there is none.
      const DesiredCapacity = Math.min(Math.max(group.size, bounds.min), bounds.max)
      const same = isDeepStrictEqual(group.bounds, bounds) && group.size === DesiredCapacity
      if (same && group.subnet === subnet.id && group.source === from) return
      await knowingProfile(cluster, () =>
        cluster.autoScaling.updateAutoScalingGroup({ AutoScalingGroupName, ...wanted, DesiredCapacity }),
      )
      if (group.byConfiguration && group.source !== from) await deleteLaunchConfigurations(cluster, [group.source])
    },
  })
}

/** How many nodes there may be: NUM_NODES, or what the autoscaler is allowed. */
export const boundsOf = (c: Cluster['config']) =>
  c.KUBE_ENABLE_CLUSTER_AUTOSCALER
    ? { min: c.KUBE_AUTOSCALER_MIN_NODES, max: c.KUBE_AUTOSCALER_MAX_NODES }
    : { min: c.NUM_NODES, max: c.NUM_NODES }

/** `2`, or with an autoscaler `1 to 3`. */
export const boundsInWords = ({ min, max }: Nodes['bounds']): string => (min === max ? `${min}` : `${min} to ${max}`)

export async function findNodes(cluster: Cluster, name: string): Promise<Nodes | undefined> {
  // A group that is being deleted keeps its name until its last instance is gone.
  const group = await patiently(cluster, { what: `the former group ${name} to be gone`, seconds: 300 }, async () => {
    const { AutoScalingGroups } = await cluster.autoScaling.describeAutoScalingGroups({ AutoScalingGroupNames: [name] })
    return AutoScalingGroups?.[0]?.Status ? undefined : { is: AutoScalingGroups?.[0] }
  })
  if (group.is && !group.is.Tags?.some(tag => tag.Key === ownerKey(cluster)))
    throw new UserError(
      `There is an Auto Scaling group ${name} that is not this cluster's; choose another KUBE_AWS_INSTANCE_PREFIX, or delete that group.`,
    )
  return group.is && toNodes(group.is)
}

const running = (group: AutoScalingGroup) =>
  (group.Instances ?? []).filter(({ LifecycleState }) => LifecycleState === 'InService')

const toNodes = (group: AutoScalingGroup): Nodes => ({
  id: group.AutoScalingGroupName ?? '',
  inService: running(group).length,
  instances: running(group).map(({ InstanceId = '' }) => InstanceId),
  size: group.DesiredCapacity ?? 0,
  bounds: { min: group.MinSize ?? 0, max: group.MaxSize ?? 0 },
  autoscaled: isAutoscaled(group),
  source: group.LaunchTemplate?.LaunchTemplateId ?? group.LaunchConfigurationName ?? '',
  byConfiguration: group.LaunchConfigurationName !== undefined,
  subnet: group.VPCZoneIdentifier ?? '',
})

/** The cluster's groups by tag, with or without instances: an idle group launches again (kubernetes#15088). */
export const findGroups = async (cluster: Cluster): Promise<string[]> => {
  const pages = sdk.autoScaling.paginateDescribeAutoScalingGroups(
    { client: cluster.autoScaling },
    { Filters: [ours(cluster)] },
  )
  return (await every(pages, page => page.AutoScalingGroups)).map(group => group.AutoScalingGroupName ?? '')
}

/** The group goes first, with its instances: it would replace each one that is terminated under it. */
export const deleteGroups = (cluster: Cluster, names: readonly string[]): Promise<void> =>
  remove(cluster, 'nodes', names, AutoScalingGroupName =>
    cluster.autoScaling.deleteAutoScalingGroup({ AutoScalingGroupName, ForceDelete: true }),
  )
