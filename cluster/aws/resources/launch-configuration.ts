import { createHash } from 'node:crypto'
import type { CreateLaunchConfigurationType } from '@aws-sdk/client-auto-scaling'
import { isTaken, unless } from '../aws-errors.ts'
import type { Cluster } from '../cluster.ts'
import { knowingProfile } from '../patience.ts'
import * as sdk from '../sdk.ts'
import { ensure, every, remove } from '../steps.ts'
import { type Launch, rootDisk, tokensOnly } from './launch.ts'

/**
 * What launch templates replaced; only for those who ask for it, and AWS refuses it to accounts made since October 2024.
 * It can be neither changed nor tagged: so its name carries the owner and what it is made of.
 */
export const ensureLaunchConfiguration = (
  cluster: Cluster,
  group: string,
  launch: Launch,
  agreed: Promise<unknown>,
): Promise<{ readonly id: string }> => {
  const data = launchConfigurationData(cluster, launch)
  const hash = createHash('sha256').update(JSON.stringify(data)).digest('hex').slice(0, 8)
  const id = `${group}-${hash}`
  return ensure(cluster, 'launch configuration', {
    find: async () => {
      const { LaunchConfigurations } = await cluster.autoScaling.describeLaunchConfigurations({
        LaunchConfigurationNames: [id],
      })
      return LaunchConfigurations?.[0] && { id }
    },
    create: async () => {
      await agreed
      await leaveTrace(cluster, launch.group)
      await knowingProfile(cluster, () =>
        unless(isTaken, cluster.autoScaling.createLaunchConfiguration({ LaunchConfigurationName: id, ...data })),
      )
      return { id }
    },
  })
}

/** The tag by which kube-down learns that there may be launch configurations: they cannot be tagged themselves. */
export const traceKey = (cluster: Pick<Cluster, 'name'>): string => `kube-up/${cluster.name}/launch-configurations`

const leaveTrace = (cluster: Cluster, group: string) =>
  cluster.ec2.createTags({ Resources: [group], Tags: [{ Key: traceKey(cluster), Value: 'made' }] })

/** Pure. */
export function launchConfigurationData(
  cluster: Cluster,
  { image, profile, keyPair, group, userData }: Launch,
): Omit<CreateLaunchConfigurationType, 'LaunchConfigurationName'> {
  const { NODE_SIZE, NODE_ROOT_DISK_SIZE, NODE_ROOT_DISK_TYPE, NODE_SPOT_PRICE, KUBE_ENABLE_NODE_PUBLIC_IP } =
    cluster.config
  return {
    ImageId: image.id,
    InstanceType: NODE_SIZE,
    KeyName: keyPair.id,
    IamInstanceProfile: profile,
    UserData: userData.toString('base64'),
    SecurityGroups: [group],
    AssociatePublicIpAddress: KUBE_ENABLE_NODE_PUBLIC_IP,
    MetadataOptions: tokensOnly,
    BlockDeviceMappings: rootDisk(image, NODE_ROOT_DISK_SIZE, NODE_ROOT_DISK_TYPE),
    ...(NODE_SPOT_PRICE && { SpotPrice: NODE_SPOT_PRICE }),
  }
}

/** The cluster's launch configurations, by the form of their names; a cluster whose name merely begins alike has other ones. */
export async function findLaunchConfigurations(cluster: Cluster): Promise<string[]> {
  const form = new RegExp(`^${cluster.name}-minion-group(-${cluster.region}(-[a-z]+-\\d+)?[a-z])?-[0-9a-f]{8}$`)
  const all = await every(
    sdk.autoScaling.paginateDescribeLaunchConfigurations({ client: cluster.autoScaling }, {}),
    page => page.LaunchConfigurations,
  )
  return all.map(one => one.LaunchConfigurationName ?? '').filter(name => form.test(name))
}

export const deleteLaunchConfigurations = (cluster: Cluster, names: readonly string[]): Promise<void> =>
  remove(cluster, 'launch configuration', names, LaunchConfigurationName =>
    cluster.autoScaling.deleteLaunchConfiguration({ LaunchConfigurationName }),
  )
