import type { Vpc as AwsVpc, VpcAttributeName } from '@aws-sdk/client-ec2'
import { UserError } from '../../errors.ts'
import { orNothing } from '../aws-errors.ts'
import { contains } from '../cidr.ts'
import { bornAs, type Cluster, ours } from '../cluster.ts'
import { share } from '../shared.ts'
import { type Ensured, ensure, only, remove } from '../steps.ts'
import { whatBlocks } from '../what-blocks.ts'

export interface Vpc {
  readonly id: string
  readonly cidr: string
  /** The user's own: used, and never deleted. */
  readonly shared: boolean
}

/** A network of the cluster's own, so that nothing here can touch what else runs in the account. */
export const ensureVpc = (cluster: Cluster): Promise<Ensured<Vpc>> =>
  ensure(cluster, 'VPC', {
    hasNoName: true,
    find: () => (cluster.config.VPC_ID ? theUsersVpc(cluster, cluster.config.VPC_ID) : findVpc(cluster)),
    create: () => createVpc(cluster),
  })

export async function findVpc(cluster: Cluster): Promise<Vpc | undefined> {
  const { Vpcs } = await cluster.ec2.describeVpcs({ Filters: [ours(cluster)] })
  return toVpc(
    only(Vpcs, 'VPCs', vpc => vpc.VpcId),
    false,
  )
}

async function theUsersVpc(cluster: Cluster, id: string): Promise<Vpc> {
  const answer = await orNothing(cluster.ec2.describeVpcs({ VpcIds: [id] }))
  const vpc = toVpc(answer?.Vpcs?.[0], true)
  const ranges = answer?.Vpcs?.[0]?.CidrBlockAssociationSet?.map(({ CidrBlock = '' }) => CidrBlock) ?? []
  if (!vpc)
    throw new UserError(`VPC_ID=${id} is not a VPC in ${cluster.region}; set VPC_ID to one that is, or leave it out.`)
  const subnet = cluster.config.KUBE_SUBNET_CIDR
  if (![vpc.cidr, ...ranges].some(range => contains(range, subnet)))
    throw new UserError(
      `KUBE_SUBNET_CIDR=${subnet} is not within ${id}, which has ${vpc.cidr}; set it to a free part of that.`,
    )
  // The master's role may make groups only in a VPC that says whose it is.
  await share(cluster, id, answer?.Vpcs?.[0]?.Tags)
  return vpc
}

const toVpc = (vpc: AwsVpc | undefined, shared: boolean): Vpc | undefined =>
  vpc && { id: vpc.VpcId ?? '', cidr: vpc.CidrBlock ?? '', shared }

async function createVpc(cluster: Cluster): Promise<Vpc> {
  const { KUBE_VPC_CIDR_BASE, VPC_NAME } = cluster.config
  const { Vpc } = await cluster.ec2.createVpc({
    CidrBlock: `${KUBE_VPC_CIDR_BASE}.0.0/16`,
    TagSpecifications: bornAs(cluster, 'vpc', VPC_NAME),
  })
  return { id: Vpc?.VpcId ?? '', cidr: Vpc?.CidrBlock ?? '', shared: false }
}

/** Nodes are known by the names AWS gives them, so the VPC must give and resolve names. The user's own is left as it is. */
export const ensureHostNames = (cluster: Cluster, vpc: Ensured<Vpc>): Promise<unknown> =>
  vpc.shared
    ? Promise.resolve()
    : cluster.journal.step('host names', async step => {
        step.id = vpc.id
        const changed = await resolveNames(cluster, vpc)
        step.outcome = vpc.isNew ? 'done' : changed > 0 ? 'mended' : 'already there'
      })

/** A new VPC resolves names but gives none. @returns how many of the two were off. */
async function resolveNames(cluster: Cluster, vpc: Ensured<Vpc>): Promise<number> {
  const attributes = ['enableDnsSupport', 'enableDnsHostnames'] as const
  const isOn = async (Attribute: VpcAttributeName) => {
    const answer = await cluster.ec2.describeVpcAttribute({ VpcId: vpc.id, Attribute })
    return (answer.EnableDnsSupport ?? answer.EnableDnsHostnames)?.Value
  }
  // AWS changes one attribute a call, and host names only once support is on.
  const off = vpc.isNew ? attributes.slice(1) : await filter(attributes, async name => !(await isOn(name)))
  for (const name of off)
    await cluster.ec2.modifyVpcAttribute({
      VpcId: vpc.id,
      [name === 'enableDnsSupport' ? 'EnableDnsSupport' : 'EnableDnsHostnames']: { Value: true },
    })
  return off.length
}

const filter = async <T>(items: readonly T[], keep: (item: T) => Promise<boolean>): Promise<T[]> => {
  const kept = await Promise.all(items.map(keep))
  return items.filter((_, i) => kept[i])
}

export const deleteVpcs = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  remove(
    cluster,
    'VPC',
    ids,
    VpcId => cluster.ec2.deleteVpc({ VpcId }),
    VpcId => whatBlocks(cluster, VpcId),
  )
