import type { Instance } from '@aws-sdk/client-ec2'
import { UserError } from '../../errors.ts'
import { isInUse, isProfileUnknown, orNothing } from '../aws-errors.ts'
import { bornAs, type Cluster, ours } from '../cluster.ts'
import { insistently, patiently } from '../patience.ts'
import { type Ensured, ensure, only, together } from '../steps.ts'
import { type Launch, rootDisk, tokensOnly } from './launch.ts'
import type { MasterAddress } from './master-address.ts'
import type { MasterVolume } from './master-volume.ts'
import { ensureRoute, type RouteTable } from './route-table.ts'
import type { Subnet } from './subnet.ts'

export interface Master {
  readonly id: string
  readonly state: string
  /** Its private address, by which the nodes know it. */
  readonly ip: string
  /** Its public address as it was when it was looked up, if it had one. */
  readonly publicIp: string | undefined
  /** Whether EC2 drops what is not addressed to it, and so all that is for its pods. */
  readonly dropsForeign: boolean
}

/** The machine that thinks: API server, scheduler and controllers. Launched by itself and at a known address, for there is one. */
export const ensureMaster = (cluster: Cluster, subnet: Ensured<Subnet>, launch: Launch): Promise<Ensured<Master>> =>
  ensure(cluster, 'master', {
    within: subnet,
    find: () => findMaster(cluster),
    create: () => runMaster(cluster, subnet, launch),
    repair: async master => {
      if (master.state === 'stopped' || master.state === 'stopping') await startAgain(cluster, master)
    },
  })

/** The master that is there in any living state. A stopped one is there too: it is started, not replaced. */
export async function findMaster(cluster: Cluster): Promise<Master | undefined> {
  const { Reservations } = await cluster.ec2.describeInstances({
    Filters: [
      ours(cluster),
      { Name: 'tag:Role', Values: [`${cluster.name}-master`] },
      { Name: 'instance-state-name', Values: ['pending', 'running', 'stopping', 'stopped'] },
    ],
  })
  const instances = Reservations?.flatMap(reservation => reservation.Instances ?? [])
  return toMaster(only(instances, 'masters', instance => instance.InstanceId))
}

const toMaster = (instance: Instance | undefined): Master | undefined =>
  instance && {
    id: instance.InstanceId ?? '',
    state: instance.State?.Name ?? '',
    ip: instance.PrivateIpAddress ?? '',
    publicIp: instance.PublicIpAddress,
    dropsForeign: instance.SourceDestCheck ?? true,
  }

async function runMaster(
  cluster: Cluster,
  subnet: Subnet,
  { image, profile, keyPair, group, userData }: Launch,
): Promise<Master> {
  const { MASTER_SIZE, MASTER_INTERNAL_IP, MASTER_ROOT_DISK_SIZE, MASTER_ROOT_DISK_TYPE } = cluster.config
  const name = `${cluster.name}-master`
  const role = { Key: 'Role', Value: name }
  const run = () =>
    cluster.ec2.runInstances({
      MinCount: 1,
      MaxCount: 1,
      ImageId: image.id,
      InstanceType: MASTER_SIZE as never,
      KeyName: keyPair.id,
      IamInstanceProfile: { Name: profile },
      UserData: userData.toString('base64'),
      NetworkInterfaces: [
        {
          DeviceIndex: 0,
          SubnetId: subnet.id,
          Groups: [group],
          PrivateIpAddress: MASTER_INTERNAL_IP,
          AssociatePublicIpAddress: true,
        },
      ],
      MetadataOptions: tokensOnly,
      BlockDeviceMappings: rootDisk(image, MASTER_ROOT_DISK_SIZE, MASTER_ROOT_DISK_TYPE),
      TagSpecifications: [
        ...bornAs(cluster, 'instance', name, [role]),
        ...bornAs(cluster, 'volume', `${name}-root`),
        ...bornAs(cluster, 'network-interface', name),
      ],
    })
  // The profile may not have reached EC2 yet, and a master that was just lost may still hold the address.
  const mended = (error: unknown) => isProfileUnknown(error) || isInUse(error)
  const wait = { what: 'EC2 to accept the master', seconds: 180 }
  return insistently(cluster, wait, mended, async () => {
    try {
      const master = toMaster((await run()).Instances?.[0])
      if (master) return master
    } catch (error) {
      // Or a master has the address that EC2 did not show yet when it was looked for.
      const there = isInUse(error) && (await findMaster(cluster))
      if (there) return there
      throw error
    }
    throw new Error('RunInstances answered without an instance')
  })
}

async function startAgain(cluster: Cluster, master: Master): Promise<void> {
  await insistently(cluster, { what: `${master.id} to have stopped`, seconds: 300 }, isInUse, () =>
    cluster.ec2.startInstances({ InstanceIds: [master.id] }),
  )
}

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

/** @throws UserError when KUBE_USE_EXISTING_MASTER has none to use. */
export async function existingMaster(cluster: Cluster): Promise<Master> {
  const master = await findMaster(cluster)
  if (!master)
    throw new UserError(
      `KUBE_USE_EXISTING_MASTER is set, but cluster ${cluster.name} has no master in ${cluster.region}; run kube-up without it first.`,
    )
  return master
}
