import type { Instance } from '@aws-sdk/client-ec2'
import { UserError } from '../../errors.ts'
import { isInUse, isProfileUnknown } from '../aws-errors.ts'
import { bornAs, type Cluster, ours } from '../cluster.ts'
import { insistently } from '../patience.ts'
import { type Ensured, ensure, only } from '../steps.ts'
import { type Launch, rootDisk, tokensOnly } from './launch.ts'
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

/** @throws UserError when KUBE_USE_EXISTING_MASTER has none to use. */
export async function existingMaster(cluster: Cluster): Promise<Ensured<Master>> {
  const master = await findMaster(cluster)
  if (!master)
    throw new UserError(
      `KUBE_USE_EXISTING_MASTER is set, but cluster ${cluster.name} has no master in ${cluster.region}; run kube-up without it first.`,
    )
  return { ...master, isNew: false }
}
