import type { Ending } from '../command.ts'
import type { Cluster } from './cluster.ts'
import { boundsInWords, findGroups, findNodes, type Nodes } from './resources/group.ts'
import { findMaster, type Master } from './resources/master.ts'
import { activities } from './resources/nodes.ts'

/** How the machines are, with what was seen. */
export interface Validated extends Ending {
  readonly facts: { readonly master: Master | undefined; readonly nodes: readonly Nodes[] }
}

/** Whether the cluster's machines run as they should: the master, and as many nodes as its groups are to keep, or within the bounds that the autoscaler has. */
export async function validate(cluster: Cluster): Promise<Validated> {
  const [master, groups] = await Promise.all([findMaster(cluster), findGroups(cluster)])
  const nodes = (await Promise.all(groups.map(name => findNodes(cluster, name)))).filter(one => one !== undefined)
  const where = `Cluster ${cluster.name} in ${cluster.region}`
  const facts = { master, nodes }
  if (!master) return { words: `${where} has no master.`, facts, exitCode: 1 }
  if (master.state !== 'running')
    return { words: `${where} is broken: its master ${master.id} is ${master.state}.`, facts, exitCode: 1 }
  if (nodes.length === 0) return { words: `${where} is broken: it has no nodes' group.`, facts, exitCode: 1 }
  const weak = nodes.filter(group => group.inService < group.bounds.min || group.inService > group.bounds.max)
  if (weak.length > 0) {
    const said = await Promise.all(weak.map(group => activities(cluster, group.id)))
    const counts = weak.map(
      ({ id, inService, bounds }) => `${inService} of ${boundsInWords(bounds)} nodes of ${id} run`,
    )
    return { words: `${where} is weak: ${counts.join(', ')}.\n${said.join('\n')}`, facts, exitCode: 2 }
  }
  const running = nodes.reduce((sum, group) => sum + group.inService, 0)
  return { words: `${where} is ready: its master and ${running} nodes run.`, facts }
}
