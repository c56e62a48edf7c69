import { UserError } from '../errors.ts'
import { whereAmI } from './caller-address.ts'
import type { Cluster } from './cluster.ts'
import { requireWhole } from './given-archives.ts'
import { architectureOf, findImage, type Image } from './images.ts'
import { type GivenFile, givenFiles } from './release-files.ts'
import { findIam, type Iam } from './resources/iam.ts'
import { localPublicKey } from './resources/key-pair.ts'
import { takeName } from './resources/name.ts'
import { together } from './steps.ts'

/** What the account and the region answered, before anything was made. */
export interface Site {
  readonly account: string
  /** aws, aws-cn or aws-us-gov: the second word of every ARN there. */
  readonly partition: string
  readonly masterImage: Image
  readonly nodeImage: Image
  /** Who may use SSH, and who may reach the API, as networks. */
  readonly ssh: readonly string[]
  readonly api: readonly string[]
  /** The cluster's roles and profiles, at least the one that holds its name. */
  readonly iam: Iam
  /** What the person brings of the release, read to its end. */
  readonly given: readonly GivenFile[]
}

/**
 * Asks everything that could stop the run half-way, while nothing exists yet, and takes the cluster's name.
 * @throws UserError for what cannot work.
 */
export async function preflight(cluster: Cluster): Promise<Site> {
  const given = await givenFiles(cluster)
  await localPublicKey(cluster)
  const { found, ...answers } = await ask(cluster, given)
  return { ...answers, iam: await takeName(cluster, answers, found) }
}

const ask = (cluster: Cluster, given: readonly GivenFile[]): Promise<Omit<Site, 'iam'> & { found: Iam }> =>
  cluster.journal.step('preflight', async step => {
    const { AWS_IMAGE, KUBE_NODE_IMAGE, MASTER_SIZE, NODE_SIZE } = cluster.config
    const master = architectureOf(MASTER_SIZE)
    const node = architectureOf(NODE_SIZE)
    const masterImage = findImage(cluster, { image: 'AWS_IMAGE', size: 'MASTER_SIZE' })
    const same = AWS_IMAGE === KUBE_NODE_IMAGE && master === node
    const [identity, , , image, nodeImage, [ssh, api], found, whole] = await together([
      whoAmI(cluster),
      checkZone(cluster),
      checkTypes(cluster, [MASTER_SIZE, NODE_SIZE]),
      masterImage,
      same ? masterImage : findImage(cluster, { image: 'KUBE_NODE_IMAGE', size: 'NODE_SIZE' }),
      allowed(cluster),
      findIam(cluster),
      together(given.map(requireWhole)),
    ])
    step.id = identity.arn
    return { ...identity, masterImage: image, nodeImage, ssh, api, found, given: whole }
  })

async function whoAmI(cluster: Cluster) {
  const { Account = '', Arn = '' } = await cluster.sts.getCallerIdentity()
  // The SDK reads AWS's clock off the first answer, and signs by it when this computer's is five minutes off or more.
  const minutes = Math.round(cluster.sts.config.systemClockOffset / 60_000)
  if (Math.abs(minutes) >= 5)
    cluster.journal.note(
      `This computer's clock is ${Math.abs(minutes)} minutes ${minutes > 0 ? 'behind' : 'ahead of'} AWS's. kube-up allows for that; kubectl and certificates will not. Set the clock.`,
    )
  return { account: Account, arn: Arn, partition: Arn.split(':')[1] || 'aws' }
}

/** All zones are asked for, not the one: then the answer says which there are. */
async function checkZone(cluster: Cluster): Promise<void> {
  const { KUBE_AWS_ZONE } = cluster.config
  const { AvailabilityZones = [] } = await cluster.ec2.describeAvailabilityZones({})
  const zones = AvailabilityZones.map(({ ZoneName }) => ZoneName)
  if (!zones.includes(KUBE_AWS_ZONE))
    throw new UserError(
      `KUBE_AWS_ZONE=${KUBE_AWS_ZONE} does not exist for this account; ${cluster.region} has ${zones.join(', ')}.`,
    )
}

/** Not every zone has every type (kubernetes/test-infra#2919, kops#1161). */
async function checkTypes(cluster: Cluster, types: readonly string[]): Promise<void> {
  const { KUBE_AWS_ZONE } = cluster.config
  const { InstanceTypeOfferings = [] } = await cluster.ec2.describeInstanceTypeOfferings({
    LocationType: 'availability-zone',
    Filters: [
      { Name: 'location', Values: [KUBE_AWS_ZONE] },
      { Name: 'instance-type', Values: [...new Set(types)] },
    ],
  })
  const offered = InstanceTypeOfferings.map(({ InstanceType }) => `${InstanceType}`)
  const missing = types.find(type => !offered.includes(type))
  if (missing)
    throw new UserError(
      `${missing === types[0] ? 'MASTER_SIZE' : 'NODE_SIZE'}=${missing} is not offered in ${KUBE_AWS_ZONE}; choose another type, or another zone.`,
    )
}

/** SSH_CIDR and HTTP_API_CIDR as networks; this computer's address is asked for once, and only where it is needed. */
async function allowed(cluster: Cluster): Promise<[readonly string[], readonly string[]]> {
  const { SSH_CIDR, HTTP_API_CIDR } = cluster.config
  const auto = [SSH_CIDR === 'auto' && 'SSH_CIDR', HTTP_API_CIDR === 'auto' && 'HTTP_API_CIDR'].filter(
    name => name !== false,
  )
  const here = auto.length > 0 ? [`${await whereAmI(cluster.checkIp, auto)}/32`] : []
  return [SSH_CIDR === 'auto' ? here : SSH_CIDR, HTTP_API_CIDR === 'auto' ? here : HTTP_API_CIDR]
}
