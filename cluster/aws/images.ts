import type { Image as Ami } from '@aws-sdk/client-ec2'
import { UserError } from '../errors.ts'
import { isAbsent, unless } from './aws-errors.ts'
import type { Cluster } from './cluster.ts'
import { noPublisher, partitionOf, publishers } from './publishers.ts'

export type Architecture = 'amd64' | 'arm64'

export interface Image {
  readonly id: string
  readonly name: string
  /** The device name of its root volume, by which a launch gives that volume its size. */
  readonly rootDevice: string
}

/**
 * What an instance type runs, by its name: a g among the letters behind the generation is Graviton.
 * https://docs.aws.amazon.com/ec2/latest/instancetypes/instance-type-names.html
 */
export const architectureOf = (instanceType: string): Architecture =>
  /^(a1|[a-z]+\d+[a-z]*-?g[a-z0-9]*(-[a-z0-9]+)?)\./.test(instanceType) ? 'arm64' : 'amd64'

/** The settings that an image follows from. */
export interface Wanted {
  readonly image: 'AWS_IMAGE' | 'KUBE_NODE_IMAGE'
  readonly size: 'MASTER_SIZE' | 'NODE_SIZE'
}

/** The image by id, or the newest of the distribution. @throws UserError when there is none, or it is for other machines. */
export async function findImage(cluster: Cluster, wanted: Wanted): Promise<Image> {
  const { KUBE_OS_DISTRIBUTION, AWS_IMAGE } = cluster.config
  const id = cluster.config[wanted.image]
  // KUBE_NODE_IMAGE follows from AWS_IMAGE: what is wrong with it is told of the one that was set.
  const setting = id === AWS_IMAGE ? 'AWS_IMAGE' : wanted.image
  const arch = architectureOf(cluster.config[wanted.size])
  const { owners, name } = publishers[KUBE_OS_DISTRIBUTION]
  const owner = owners[partitionOf(cluster.region)]
  if (!id && !owner) throw new UserError(noPublisher(KUBE_OS_DISTRIBUTION, cluster.region))
  const request = id
    ? { ImageIds: [id] }
    : {
        Owners: [owner ?? ''],
        Filters: [
          { Name: 'name', Values: [name(arch)] },
          { Name: 'architecture', Values: [architectures[arch]] },
          { Name: 'state', Values: ['available'] },
        ],
      }
  const answer = await unless(isAbsent, cluster.ec2.describeImages(request))
  const newest = answer?.Images?.sort(byDate).at(-1)
  if (!newest?.RootDeviceName)
    throw new UserError(
      id
        ? `There is no image ${id} in ${cluster.region}; images differ by region, so set ${setting} to one of this region, or leave it out.`
        : `No ${KUBE_OS_DISTRIBUTION} image for ${arch} is published in ${cluster.region}; set AWS_IMAGE to one, or KUBE_OS_DISTRIBUTION to another.`,
    )
  if (newest.Architecture && newest.Architecture !== architectures[arch])
    throw new UserError(
      `${setting}=${id} is an image for ${newest.Architecture}, and ${wanted.size}=${cluster.config[wanted.size]} is ${architectures[arch]}; change one of them.`,
    )
  return { id: newest.ImageId ?? '', name: newest.Name ?? '', rootDevice: newest.RootDeviceName }
}

/** In EC2's words. */
const architectures = { amd64: 'x86_64', arm64: 'arm64' } as const

const byDate = (a: Ami, b: Ami) => (a.CreationDate ?? '').localeCompare(b.CreationDate ?? '')
