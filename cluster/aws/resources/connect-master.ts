import { UserError } from '../../errors.ts'
import { isInUse, orNothing } from '../aws-errors.ts'
import type { Cluster } from '../cluster.ts'
import { insistently, patiently } from '../patience.ts'
import { together } from '../steps.ts'
import type { Master } from './master.ts'
import type { MasterAddress } from './master-address.ts'
import type { MasterVolume } from './master-volume.ts'
import { ensureRoute, type RouteTable } from './route-table.ts'

/**
 * Gives the running master what outlives it, its volume and its address, and the route to the pods it runs, which
 * EC2 would drop as not addressed to the machine itself.
 */
export const connectMaster = (
  cluster: Cluster,
  master: Master,
  { volume, address, table }: { volume: MasterVolume; address: MasterAddress; table: RouteTable },
): Promise<void> =>
  cluster.journal.step('master connected', async step => {
    step.id = address.ip
    if (master.state !== 'running') await awaitRunning(cluster, master)
    const before = step.calls.length
    const { ec2, config } = cluster
    await together([
      // A lost master may still seem to have our address; the user's is never taken from another machine.
      address.leadsTo === master.id ||
        ec2.associateAddress({ AllocationId: address.id, InstanceId: master.id, AllowReassociation: !address.shared }),
      volume.attachedTo === master.id || attach(cluster, master, volume),
      ensureRoute(cluster, table, config.MASTER_IP_RANGE, { InstanceId: master.id }),
      master.dropsForeign && ec2.modifyInstanceAttribute({ InstanceId: master.id, SourceDestCheck: { Value: false } }),
    ])
    step.outcome = step.calls.length > before ? 'done' : 'already there'
  })

/** @throws UserError with EC2's reason when the machine dies while it starts. */
const awaitRunning = (cluster: Cluster, { id }: Master): Promise<true> =>
  patiently(cluster, { what: 'the master to run', seconds: 300 }, async () => {
    const answer = await orNothing(cluster.ec2.describeInstances({ InstanceIds: [id] }))
    const instance = answer?.Reservations?.[0]?.Instances?.[0]
    const state = instance?.State?.Name
    if (state === 'shutting-down' || state === 'terminated')
      throw new UserError(`The master ${id} ended while it started: ${instance?.StateReason?.Message ?? state}.`)
    return state === 'running' || undefined
  })

/**
 * The device name is a formality: on current instances the volume appears as an NVMe disk with its id for a serial
 * number. It may still be leaving a master that was lost; or it is here, and only AWS's answer was lost.
 */
const attach = (cluster: Cluster, { id: InstanceId }: Master, { id: VolumeId }: MasterVolume) =>
  insistently(cluster, { what: `volume ${VolumeId} to be free`, seconds: 300 }, isInUse, async () => {
    try {
      await cluster.ec2.attachVolume({ VolumeId, InstanceId, Device: '/dev/sdb' })
    } catch (error) {
      const { Volumes } = await cluster.ec2.describeVolumes({ VolumeIds: [VolumeId] })
      if (!Volumes?.[0]?.Attachments?.some(one => one.InstanceId === InstanceId && one.State !== 'detaching'))
        throw error
    }
  })
