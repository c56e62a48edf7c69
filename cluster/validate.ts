import { apiServer, unanswered } from './api-server.ts'
import type { Cluster } from './aws/cluster.ts'
import { machinesBoot } from './aws/config-default.ts'
import { toldMaster } from './aws/told.ts'
import { validate } from './aws/validate.ts'
import type { Ending } from './command.ts'
import { expectedOf, type Health, judge, look } from './health.ts'

/** Whether the cluster is ready: first what AWS says of its machines, then what Kubernetes says of itself. */
export async function validateCluster(cluster: Cluster): Promise<Ending> {
  const machines = await validate(cluster)
  const { master, nodes } = machines.facts
  if (!master || machines.exitCode === 1 || !machinesBoot(cluster.config)) return machines
  const instances = nodes.flatMap(group => group.instances)
  const { server, ...health } = await cluster.journal.step('Kubernetes', () => ask(cluster, master.id, instances))
  const exitCode = health.state === 'broken' ? 1 : health.state === 'weak' ? 2 : machines.exitCode
  const where = `Cluster ${cluster.name} in ${cluster.region}`
  const facts = { ...machines.facts, server, kubernetes: health }
  if (health.state === 'ready')
    return exitCode
      ? { ...machines, facts }
      : { words: `${where} is ready: its master and ${instances.length} nodes are Ready at ${server}.`, facts }
  const lacks = health.lacks.map(lack => `\n  ${lack}`).join('')
  const also = machines.exitCode ? `${machines.words}\n` : ''
  return { words: `${also}${where} is ${health.state}:${lacks}`, facts, exitCode: exitCode ?? 1 }
}

async function ask(cluster: Cluster, master: string, nodes: readonly string[]): Promise<Health & { server?: string }> {
  const broken = (lack: string, server?: string) => ({
    state: 'broken' as const,
    lacks: [lack],
    nodes: [],
    ...(server && { server }),
  })
  const [api, told] = await Promise.all([apiServer(cluster), toldMaster(cluster, { id: master })])
  if (!api)
    return broken(
      `Neither KUBECONFIG=${cluster.config.KUBECONFIG} knows the context ${cluster.config.KUBE_CONFIG_CONTEXT}, nor does the cluster's bucket hold its identity.`,
    )
  try {
    return { ...judge(await look(api), expectedOf(told, master, nodes)), server: api.server }
  } catch (error) {
    return broken(unanswered(api, error), api.server)
  }
}
