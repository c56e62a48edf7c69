import type { Volume } from '@aws-sdk/client-ec2'
import { UserError } from '../../errors.ts'
import { bornAs, type Cluster, ours } from '../cluster.ts'
import { type Ensured, ensure, only, remove } from '../steps.ts'

export interface MasterVolume {
  readonly id: string
  /** The instance it is attached to, if any. */
  readonly attachedTo: string | undefined
}

/** The cluster's memory: etcd lives here, so that a new master can take over where a lost one stopped. */
export const ensureMasterVolume = (cluster: Cluster): Promise<Ensured<MasterVolume>> => {
  const name = `${cluster.name}-master-pd`
  const { KUBE_AWS_ZONE, MASTER_DISK_SIZE, MASTER_DISK_TYPE } = cluster.config
  return ensure(cluster, 'master volume', {
    hasNoName: true,
    find: async () => {
      const { Volumes } = await cluster.ec2.describeVolumes({
        Filters: [ours(cluster), { Name: 'tag:Name', Values: [name] }],
      })
      const volume = only(
        Volumes?.filter(({ State }) => State !== 'deleting' && State !== 'deleted'),
        'master volumes',
        one => one.VolumeId,
      )
      // A volume cannot leave its zone, and a second one would be an empty cluster.
      if (volume && volume.AvailabilityZone !== KUBE_AWS_ZONE)
        throw new UserError(
          `The master's volume ${volume.VolumeId} is in ${volume.AvailabilityZone}; set KUBE_AWS_ZONE to that, or run kube-down there first.`,
        )
      return volume && toVolume(volume)
    },
    create: async () =>
      toVolume(
        await cluster.ec2.createVolume({
          AvailabilityZone: KUBE_AWS_ZONE,
          Size: MASTER_DISK_SIZE,
          VolumeType: MASTER_DISK_TYPE,
          Encrypted: true,
          TagSpecifications: bornAs(cluster, 'volume', name),
        }),
      ),
  })
}

const toVolume = ({ VolumeId = '', Attachments = [] }: Volume): MasterVolume => ({
  id: VolumeId,
  attachedTo: Attachments.find(({ State }) => State !== 'detached')?.InstanceId,
})

/** Volumes the cluster made, the master's and those its pods asked for. They stay in use for a moment after their machine. */
export const deleteVolumes = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  remove(cluster, 'volumes', ids, VolumeId => cluster.ec2.deleteVolume({ VolumeId }))
