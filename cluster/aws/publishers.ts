import type { Config } from './config-default.ts'
import type { Architecture } from './images.ts'

type Distribution = Config['KUBE_OS_DISTRIBUTION']

interface Publisher {
  /** The account that publishes, by partition: an account exists in one only, and so do its images. */
  readonly owners: Readonly<Record<string, string>>
  /** What the images are called. */
  readonly name: (arch: Architecture) => string
}

/** Who publishes each distribution's images, and how they are named. */
export const publishers: Readonly<Record<Distribution, Publisher>> = {
  // https://wiki.debian.org/Cloud/AmazonEC2Image, which tells of one account, that of the usual partition
  debian: { owners: { aws: '136693071363' }, name: arch => `debian-13-${arch}-*` },
  // https://documentation.ubuntu.com/aws/aws-how-to/instances/find-ubuntu-images/
  ubuntu: {
    owners: { aws: '099720109477', 'aws-cn': '837727238323', 'aws-us-gov': '513442679011' },
    name: arch => `ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-${arch}-server-*`,
  },
  // https://www.flatcar.org/docs/latest/installing/cloud/aws-ec2/; nothing for GovCloud, and for China only what others
  // publish, behind the releases: flatcar/Flatcar#257, flatcar-archive/flatcar-docs#80
  flatcar: { owners: { aws: '075585003325' }, name: () => 'Flatcar-stable-*' },
}

/**
 * The part of AWS that a region belongs to; nothing is shared between two of them.
 * https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html
 */
export const partitionOf = (region: string): string => {
  if (region.startsWith('us-gov-')) return 'aws-us-gov'
  return { cn: 'aws-cn', eusc: 'aws-eusc' }[region.split('-')[0] ?? ''] ?? 'aws'
}

/** What to do where a distribution has no publisher that is known here. */
export function noPublisher(distribution: Distribution, region: string): string {
  const partition = partitionOf(region)
  const there = Object.entries(publishers).find(([, { owners }]) => owners[partition])?.[0]
  const instead = there ? `, or KUBE_OS_DISTRIBUTION=${there}` : ''
  return `No publisher of ${distribution} images is known in ${region}, for AWS's partition ${partition} has accounts of its own; set AWS_IMAGE to an image there${instead}.`
}
