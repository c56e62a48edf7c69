import { type ApiServer, apiServer, unanswered } from './api-server.ts'
import type { Cluster } from './aws/cluster.ts'
import { inWords } from './aws/patience.ts'
import { findNodes } from './aws/resources/group.ts'
import { consoleOf, type Status, statusReader } from './aws/status.ts'
import type { Told } from './aws/told.ts'
import type { Up } from './aws/up.ts'
import { UserError } from './errors.ts'
import { expectedOf, type Health, judge, look } from './health.ts'

interface Machine {
  readonly role: 'master' | 'node'
  readonly id: string
  readonly status: Status | undefined
}

const firstDelay = 2_000
const longestDelay = 15_000

/**
 * Waits until Kubernetes is what it should be, and shows meanwhile what each machine does.
 * @throws UserError as soon as a machine says that it failed, with its stage and its last lines; and when KUBE_WAIT is over,
 * with what is missing.
 */
export const awaitReady = (cluster: Cluster, made: Up): Promise<Health> =>
  cluster.journal.step('Kubernetes', async step => {
    const { KUBE_WAIT } = cluster.config
    const api = await apiServer(cluster)
    if (!api) throw new Error('kube-up wrote no context to reach the API server with')
    step.id = api.server
    const read = statusReader(cluster, made.bucket)
    const { clock } = cluster
    const until = clock.now() + KUBE_WAIT * 1000
    for (let delay = firstDelay; ; delay = Math.min(delay * 1.3, longestDelay)) {
      // The group replaces what it loses, also while it is waited for.
      const [statuses, nodes] = await Promise.all([read(), findNodes(cluster, made.nodes.id)])
      const machines: Machine[] = [
        { role: 'master', id: made.master.id, status: statuses.get(made.master.id) },
        ...(nodes?.instances ?? []).map(id => ({ role: 'node' as const, id, status: statuses.get(id) })),
      ]
      const health = await healthOf(made.told, api, machines)
      // What a lost master left in etcd may look ready while its successor still boots.
      if (health.state === 'ready' && machines.every(({ status }) => status?.state !== 'working')) return health
      const failed = machines.find(({ status }) => status?.state === 'failed')
      if (failed) throw new UserError(await told(cluster, failed))
      cluster.journal.waiting(words(machines, health))
      const left = until - clock.now()
      if (left <= 0) throw new UserError(await timeIsUp(cluster, machines, health))
      await clock.sleep(Math.min(delay * (0.75 + Math.random() / 2), left))
    }
  })

/** As long as the API server does not answer, that is what is missing. */
async function healthOf(told: Told, api: ApiServer, machines: readonly Machine[]): Promise<Health> {
  const [master, ...nodes] = machines.map(({ id }) => id)
  try {
    return judge(await look(api), expectedOf(told, master ?? '', nodes))
  } catch (error) {
    return { state: 'broken', lacks: [unanswered(api, error)], nodes: [] }
  }
}

/** A line is as wide as a terminal, so of many nodes only the number is told. */
const fewNodes = 3

/** What everybody does now: `master states, i-0123 release, i-4567 done`; and when all are done, what is still missing. */
function words(machines: readonly Machine[], { lacks: [lack = ''] }: Health): string {
  if (machines.every(({ status }) => status?.state === 'done')) return lack
  const stage = ({ status }: Machine) => status?.stage ?? 'boots'
  const one = (machine: Machine) => `${machine.role === 'master' ? 'master' : machine.id} ${stage(machine)}`
  if (machines.length <= 1 + fewNodes) return machines.map(one).join(', ')
  const [master, ...nodes] = machines
  const stages = [...new Set(nodes.map(stage))]
  const counted = stages.map(name => `${nodes.filter(node => stage(node) === name).length} ${name}`)
  return `${master && one(master)}, nodes: ${counted.join(', ')}`
}

/** A machine's failure in its own words, and its console's. */
async function told(cluster: Cluster, { role, id, status }: Machine): Promise<string> {
  const state = !status
    ? 'has not reported anything since it was launched'
    : status.state === 'failed'
      ? `failed in the stage "${status.stage}"`
      : `is in the stage "${status.stage}" since ${status.at}`
  const shown = await consoleOf(cluster, id)
  return [
    `The ${role} ${id} ${state}.`,
    ...(status?.log ? ['Its last lines:', indented(status.log)] : []),
    ...(shown ? ['Its console:', indented(shown)] : ['Its console is empty.']),
  ].join('\n')
}

const indented = (text: string) => text.trimEnd().replace(/^/gm, '  ')

/** What is missing, and of the machines that are not through the first, which is the master where it is one of them. */
async function timeIsUp(cluster: Cluster, machines: readonly Machine[], { lacks }: Health): Promise<string> {
  const { KUBE_WAIT, HTTP_API_CIDR } = cluster.config
  const late = machines.find(({ status }) => status?.state !== 'done')
  const why = late
    ? await told(cluster, late)
    : `All machines say that they are done; the API is open to HTTP_API_CIDR=${HTTP_API_CIDR}.`
  return [
    `Kubernetes was not ready after KUBE_WAIT, ${inWords(KUBE_WAIT)}:`,
    ...lacks.map(lack => `  ${lack}`),
    why,
  ].join('\n')
}
