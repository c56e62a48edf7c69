import type { Instance } from '@aws-sdk/client-ec2'
import { orNothing } from '../aws-errors.ts'
import { type Cluster, ours } from '../cluster.ts'
import { patiently } from '../patience.ts'
import * as sdk from '../sdk.ts'
import { every } from '../steps.ts'

/** Terminates the cluster's machines, and waits until they are gone: nearly everything else is in use until then. */
export const terminateInstances = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  cluster.journal.step('instances', async step => {
    step.id = ids.join(', ')
    await terminate(cluster, ids)
    await patiently(
      cluster,
      { what: 'the machines to be gone', seconds: 600, evidence: () => `Still there: ${step.id}` },
      async () => {
        const alive = await livingInstances(cluster)
        if (alive.length === 0) return true
        step.id = alive.map(instance => instance.InstanceId).join(', ')
        // The group may have launched one more before it heard that it is over.
        await terminate(
          cluster,
          alive.filter(({ State }) => State?.Name !== 'shutting-down').map(({ InstanceId = '' }) => InstanceId),
        )
        return undefined
      },
    )
    step.id = ids.join(', ')
    step.outcome = 'deleted'
  })

/** The cluster's machines that are not gone; a terminated one is shown for another hour. */
export async function livingInstances(cluster: Cluster): Promise<Instance[]> {
  const states = ['pending', 'running', 'shutting-down', 'stopping', 'stopped']
  const Filters = [ours(cluster), { Name: 'instance-state-name', Values: states }]
  const reservations = await every(
    sdk.ec2.paginateDescribeInstances({ client: cluster.ec2 }, { Filters }),
    page => page.Reservations,
  )
  return reservations.flatMap(({ Instances = [] }) => Instances)
}

/**
 * One unknown id makes EC2 refuse a whole call; those that are alive are then found by their tag. EC2 advises against
 * more than some hundreds in a call.
 */
async function terminate(cluster: Cluster, ids: readonly string[]): Promise<void> {
  for (let i = 0; i < ids.length; i += 500)
    await orNothing(cluster.ec2.terminateInstances({ InstanceIds: ids.slice(i, i + 500) }))
}
