import { isDeepStrictEqual } from 'node:util'
import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling'
import { UserError } from '../../errors.ts'
import { type Cluster, ours, ownerKey, tagsOf } from '../cluster.ts'
import { knowingProfile, patiently } from '../patience.ts'
import * as sdk from '../sdk.ts'
import { ensure, every, remove, together } from '../steps.ts'
import type { Launch } from './launch.ts'
import { deleteLaunchConfigurations, ensureLaunchConfiguration } from './launch-configuration.ts'
import { ensureLaunchTemplate } from './launch-template.ts'
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

/** The machines that work: a group that keeps as many as were asked for, launching another whenever one is lost. */
export async function ensureNodes(cluster: Cluster, subnet: Subnet, launch: Launch): Promise<Nodes> {
  const name = groupName(cluster)
  const source = launchedFrom(cluster, name, launch)
  const [nodes] = await together([ensureGroup(cluster, name, subnet, source), source])
  return awaitNodes(cluster, nodes)
}

async function launchedFrom(cluster: Cluster, name: string, launch: Launch): Promise<Source> {
  if (cluster.config.KUBE_NODE_LAUNCH === 'configuration')
    return { LaunchConfigurationName: (await ensureLaunchConfiguration(cluster, name, launch)).id }
  const { id } = await ensureLaunchTemplate(cluster, name, launch)
  return { LaunchTemplate: { LaunchTemplateId: id, Version: '$Latest' } }
}

/** Nodes in a further zone have a group of their own, beside the one that came with the master. */
const groupName = ({ name, config }: Cluster) =>
  config.KUBE_USE_EXISTING_MASTER ? `${name}-minion-group-${config.KUBE_AWS_ZONE}` : `${name}-minion-group`

type Source = { LaunchConfigurationName: string } | { LaunchTemplate: { LaunchTemplateId: string; Version: string } }

/** The group is looked for while what it launches from is being made. */
const ensureGroup = (
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
const boundsOf = (c: Cluster['config']) =>
  c.KUBE_ENABLE_CLUSTER_AUTOSCALER
    ? { min: c.KUBE_AUTOSCALER_MIN_NODES, max: c.KUBE_AUTOSCALER_MAX_NODES }
    : { min: c.NUM_NODES, max: c.NUM_NODES }

const discovery = 'k8s.io/cluster-autoscaler'

/** By which the autoscaler finds the groups that it may resize: https://github.com/kubernetes/autoscaler/tree/master/cluster-autoscaler/cloudprovider/aws */
const discoveryTags = ({ name }: Cluster) =>
  [
    { Key: `${discovery}/enabled`, Value: 'true' },
    { Key: `${discovery}/${name}`, Value: 'owned' },
  ].map(tag => ({ ...tag, PropagateAtLaunch: false }))

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
  autoscaled: group.Tags?.some(({ Key }) => Key === `${discovery}/enabled`) ?? false,
  source: group.LaunchTemplate?.LaunchTemplateId ?? group.LaunchConfigurationName ?? '',
  byConfiguration: group.LaunchConfigurationName !== undefined,
  subnet: group.VPCZoneIdentifier ?? '',
})

/** Waits until as many nodes run as the group keeps; when they do not come, its own words say why. */
const awaitNodes = (cluster: Cluster, nodes: Nodes): Promise<Nodes> =>
  cluster.journal.step('nodes running', async step => {
    const { min, max } = boundsOf(cluster.config)
    const all = ({ inService, size }: Nodes) => inService === size && inService >= min && inService <= max
    step.outcome = 'already there'
    if (all(nodes)) return nodes
    const evidence = () => activities(cluster, nodes.id)
    const many = min === max ? `${min}` : `${min} to ${max}`
    const ready = await patiently(cluster, { what: `${many} nodes to run`, seconds: 600, evidence }, async () => {
      const now = await findNodes(cluster, nodes.id)
      return now && all(now) ? now : undefined
    })
    step.outcome = 'done'
    return ready
  })

/** What the group tried last, and how it ended: a quota, no capacity, a type that is not for this account. */
export async function activities(cluster: Cluster, AutoScalingGroupName: string): Promise<string> {
  const { Activities = [] } = await cluster.autoScaling.describeScalingActivities({
    AutoScalingGroupName,
    MaxRecords: 5,
  })
  return (
    Activities.map(one => `  ${one.StatusCode}: ${one.StatusMessage ?? one.Description}`).join('\n') ||
    '  The group has not tried to launch anything.'
  )
}

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
