import { createHash } from 'node:crypto'
import type { RequestLaunchTemplateData } from '@aws-sdk/client-ec2'
import { bornAs, type Cluster, ours, tagsOf } from '../cluster.ts'
import { ensure, only, remove } from '../steps.ts'
import { type Launch, rootDisk, tokensOnly } from './launch.ts'

export interface LaunchTemplate {
  readonly id: string
}

/** What a node is made of, written down once, so that the group can launch another at any time. */
export const ensureLaunchTemplate = (
  cluster: Cluster,
  name: string,
  launch: Launch,
  agreed: Promise<unknown>,
): Promise<LaunchTemplate> => {
  const data = launchTemplateData(cluster, launch)
  // A version cannot be read back in the form it was written in, so its description says what it was made from.
  const VersionDescription = createHash('sha256').update(JSON.stringify(data)).digest('hex')
  const version = { LaunchTemplateData: data, VersionDescription }
  return ensure(cluster, 'launch template', {
    find: () => findLaunchTemplate(cluster, name),
    create: async () => {
      const { LaunchTemplate } = await cluster.ec2.createLaunchTemplate({
        LaunchTemplateName: name,
        ...version,
        TagSpecifications: bornAs(cluster, 'launch-template', name),
      })
      return { id: LaunchTemplate?.LaunchTemplateId ?? '' }
    },
    repair: async ({ id, isNew }) => {
      if (isNew || (await latestDescription(cluster, id)) === VersionDescription) return
      await agreed
      await cluster.ec2.createLaunchTemplateVersion({ LaunchTemplateId: id, ...version })
      cluster.journal.note(
        'What nodes are launched from has changed. Those that run stay as they are: terminate one, and the group launches another of the new kind.',
      )
    },
  })
}

async function findLaunchTemplate(cluster: Cluster, name: string): Promise<LaunchTemplate | undefined> {
  const { LaunchTemplates } = await cluster.ec2.describeLaunchTemplates({
    Filters: [ours(cluster), { Name: 'launch-template-name', Values: [name] }],
  })
  const found = only(LaunchTemplates, 'launch templates', one => one.LaunchTemplateId)
  return found && { id: found.LaunchTemplateId ?? '' }
}

const latestDescription = async (cluster: Cluster, LaunchTemplateId: string) => {
  const { LaunchTemplateVersions } = await cluster.ec2.describeLaunchTemplateVersions({
    LaunchTemplateId,
    Versions: ['$Latest'],
  })
  return LaunchTemplateVersions?.[0]?.VersionDescription
}

/** Pure. Tags are repeated here for what the group cannot tag: the volume and the network interface of each node (kops#17773). */
export function launchTemplateData(
  cluster: Cluster,
  { image, profile, keyPair, group, userData }: Launch,
): RequestLaunchTemplateData {
  const { NODE_SIZE, NODE_ROOT_DISK_SIZE, NODE_ROOT_DISK_TYPE, NODE_SPOT_PRICE, KUBE_ENABLE_NODE_PUBLIC_IP } =
    cluster.config
  const name = `${cluster.name}-minion`
  return {
    ImageId: image.id,
    InstanceType: NODE_SIZE as never,
    KeyName: keyPair.id,
    IamInstanceProfile: { Name: profile },
    UserData: userData.toString('base64'),
    NetworkInterfaces: [
      {
        DeviceIndex: 0,
        AssociatePublicIpAddress: KUBE_ENABLE_NODE_PUBLIC_IP,
        Groups: [group],
        DeleteOnTermination: true,
      },
    ],
    MetadataOptions: tokensOnly,
    BlockDeviceMappings: rootDisk(image, NODE_ROOT_DISK_SIZE, NODE_ROOT_DISK_TYPE),
    ...(NODE_SPOT_PRICE && {
      InstanceMarketOptions: { MarketType: 'spot', SpotOptions: { MaxPrice: NODE_SPOT_PRICE } },
    }),
    TagSpecifications: (['instance', 'volume', 'network-interface'] as const).map(ResourceType => ({
      ResourceType,
      Tags: tagsOf(cluster, name),
    })),
  }
}

export const deleteLaunchTemplates = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  remove(cluster, 'launch template', ids, LaunchTemplateId => cluster.ec2.deleteLaunchTemplate({ LaunchTemplateId }))
