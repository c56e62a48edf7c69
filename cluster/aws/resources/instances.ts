import { orNothing } from '../aws-errors.ts'
import { type Cluster, ours } from '../cluster.ts'
import { patiently } from '../patience.ts'

/** Terminates the cluster's machines, and waits until they are gone: nearly everything else is in use until then. */
export const terminateInstances = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  cluster.journal.step('instances', async step => {
    step.id = ids.join(', ')
    await terminate(cluster, ids)
    const states = ['pending', 'running', 'shutting-down', 'stopping', 'stopped']
    await patiently(
      cluster,
      { what: 'the machines to be gone', seconds: 600, evidence: () => `Still there: ${step.id}` },
      async () => {
        const { Reservations } = await cluster.ec2.describeInstances({
          Filters: [ours(cluster), { Name: 'instance-state-name', Values: states }],
        })
        const alive = Reservations?.flatMap(({ Instances = [] }) => Instances) ?? []
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

/** One unknown id makes EC2 refuse them all; those that are alive are then found by their tag. */
const terminate = async (cluster: Cluster, ids: readonly string[]) =>
  ids.length > 0 && orNothing(cluster.ec2.terminateInstances({ InstanceIds: [...ids] }))
