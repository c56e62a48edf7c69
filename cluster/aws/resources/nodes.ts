import type { Cluster } from '../cluster.ts'
import { patiently } from '../patience.ts'
import { together } from '../steps.ts'
import { boundsInWords, boundsOf, ensureGroup, findNodes, type Nodes, type Source } from './group.ts'
import type { Launch } from './launch.ts'
import { ensureLaunchConfiguration } from './launch-configuration.ts'
import { ensureLaunchTemplate } from './launch-template.ts'
import type { Subnet } from './subnet.ts'

/**
 * The machines that work: a group that keeps as many as were asked for, launching another whenever one is lost.
 * @param agreed is awaited before what they are launched from is changed: that the master goes by the same.
 */
export async function ensureNodes(
  cluster: Cluster,
  subnet: Subnet,
  launch: Launch,
  agreed: Promise<unknown>,
): Promise<Nodes> {
  const name = groupName(cluster)
  const source = launchedFrom(cluster, name, launch, agreed)
  const [nodes] = await together([ensureGroup(cluster, name, subnet, source), source])
  return awaitNodes(cluster, nodes)
}

async function launchedFrom(cluster: Cluster, name: string, launch: Launch, agreed: Promise<unknown>): Promise<Source> {
  if (cluster.config.KUBE_NODE_LAUNCH === 'configuration')
    return { LaunchConfigurationName: (await ensureLaunchConfiguration(cluster, name, launch, agreed)).id }
  const { id } = await ensureLaunchTemplate(cluster, name, launch, agreed)
  return { LaunchTemplate: { LaunchTemplateId: id, Version: '$Latest' } }
}

/** Nodes in a further zone have a group of their own, beside the one that came with the master. */
const groupName = ({ name, config }: Cluster) =>
  config.KUBE_USE_EXISTING_MASTER ? `${name}-minion-group-${config.KUBE_AWS_ZONE}` : `${name}-minion-group`

/** Waits until as many nodes run as the group keeps; when they do not come, its own words say why. */
const awaitNodes = (cluster: Cluster, nodes: Nodes): Promise<Nodes> =>
  cluster.journal.step('nodes running', async step => {
    const bounds = boundsOf(cluster.config)
    const all = ({ inService, size }: Nodes) => inService === size && inService >= bounds.min && inService <= bounds.max
    step.outcome = 'already there'
    if (all(nodes)) return nodes
    const evidence = () => activities(cluster, nodes.id)
    const what = `${boundsInWords(bounds)} nodes to run`
    const ready = await patiently(cluster, { what, seconds: 600, evidence }, async () => {
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
