import type { V1Node, V1Pod } from '@kubernetes/client-node'
import type { ApiServer } from './api-server.ts'
import type { Told } from './aws/told.ts'

/** What there should be. */
export interface Expected {
  readonly master: string
  /** The nodes' instance ids. */
  readonly nodes: readonly string[]
  readonly dns: boolean
  readonly metrics: boolean
  readonly storage: boolean
  readonly autoscaler: boolean
}

/** What a master that was told this runs, with these machines. Pure. */
export const expectedOf = (told: Told, master: string, nodes: readonly string[]): Expected => ({
  master,
  nodes,
  dns: told.clusterDns,
  metrics: told.monitoring === 'metrics-server',
  storage: told.defaultStorageClass,
  autoscaler: told.clusterAutoscaler,
})

/** What the API server says. */
export interface Seen {
  readonly ready: boolean
  /** What /readyz?verbose said. */
  readonly checks: string
  readonly nodes: readonly V1Node[]
  /** Those of kube-system. */
  readonly pods: readonly V1Pod[]
}

export interface Health {
  /** Broken: nothing new can be started. Weak: what runs does run, with something missing. */
  readonly state: 'ready' | 'weak' | 'broken'
  /** What is missing, a sentence each. */
  readonly lacks: readonly string[]
  readonly nodes: readonly { name: string; instance: string; ready: boolean }[]
}

/** Asks the API server all that judging needs, at once. @throws when it does not answer. */
export async function look({ core, readyz }: ApiServer): Promise<Seen> {
  const [{ ready, said }, nodes, pods] = await Promise.all([
    readyz(),
    core.listNode(),
    core.listNamespacedPod({ namespace: 'kube-system' }),
  ])
  return { ready, checks: said, nodes: nodes.items, pods: pods.items }
}

/** What of a cluster is as it should be. Pure. */
export function judge(seen: Seen, expected: Expected): Health {
  const nodes = [expected.master, ...expected.nodes].map(instance => nodeOf(seen.nodes, instance))
  const failing = seen.checks.split('\n').filter(line => line.startsWith('[-]'))
  const broken = [
    ...(seen.ready
      ? []
      : [`The API server is not ready: ${failing.join(', ') || seen.checks.trim() || 'it does not say why'}.`]),
    ...['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].flatMap(name => lackOf(seen.pods, name)),
    ...(expected.nodes.length > 0 && !nodes.slice(1).some(({ ready }) => ready) ? ['No node is Ready.'] : []),
  ]
  const addons = [
    'cloud-controller-manager',
    // Without a node there is nowhere they could run.
    ...(expected.dns && expected.nodes.length > 0 ? ['coredns'] : []),
    ...(expected.metrics && expected.nodes.length > 0 ? ['metrics-server'] : []),
    ...(expected.storage && expected.nodes.length > 0 ? ['ebs-csi-controller', 'ebs-csi-node'] : []),
    ...(expected.autoscaler ? ['cluster-autoscaler'] : []),
  ]
  const weak = [...nodes.flatMap(({ lacks }) => lacks), ...addons.flatMap(name => lackOf(seen.pods, name))]
  return {
    state: broken.length > 0 ? 'broken' : weak.length > 0 ? 'weak' : 'ready',
    lacks: [...broken, ...weak],
    nodes: nodes.map(({ name, instance, ready }) => ({ name, instance, ready })),
  }
}

/** A node is known by the instance in its provider id, `aws:///us-west-2a/i-0123`. */
function nodeOf(nodes: readonly V1Node[], instance: string) {
  const node = nodes.find(({ spec }) => spec?.providerID?.endsWith(`/${instance}`))
  if (!node) return { name: '', instance, ready: false, lacks: [`${instance} has not joined the cluster.`] }
  const name = node.metadata?.name ?? ''
  const condition = node.status?.conditions?.find(({ type }) => type === 'Ready')
  const ready = condition?.status === 'True'
  const why = condition?.message ?? 'its kubelet has not said anything'
  return { name, instance, ready, lacks: ready ? [] : [`Node ${name} (${instance}) is not Ready: ${why}.`] }
}

/** What keeps every pod of this name from running, if there is none that runs. */
function lackOf(pods: readonly V1Pod[], name: string): string[] {
  const its = pods.filter(({ metadata }) => metadata?.name?.startsWith(`${name}-`))
  if (its.some(isReady)) return []
  if (its.length === 0) return [`${name} is not there.`]
  // One that has failed for good is left to be looked at when another takes its place.
  const trying = its.filter(({ status }) => status?.phase !== 'Failed')
  const reasons = (trying.length > 0 ? trying : its).map(whyNot)
  return [`${name} does not run: ${[...new Set(reasons)].join(', ')}.`]
}

const isReady = ({ metadata, status }: V1Pod) =>
  !metadata?.deletionTimestamp && status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')

function whyNot({ status }: V1Pod): string {
  const container = status?.containerStatuses?.find(({ ready }) => !ready)
  const { waiting, terminated } = container?.state ?? {}
  const unscheduled = status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'False')
  return (
    waiting?.reason ??
    terminated?.reason ??
    unscheduled?.message ??
    (container ? 'it is not ready yet' : `${status?.phase}`)
  )
}
