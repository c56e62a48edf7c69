import { UserError } from '../../errors.ts'
import { isTaken, orNothing } from '../aws-errors.ts'
import { contains } from '../cidr.ts'
import { bornAs, type Cluster, ours } from '../cluster.ts'
import { share } from '../shared.ts'
import { type Ensured, ensure, only, remove } from '../steps.ts'
import type { Vpc } from './vpc.ts'

export interface Subnet {
  readonly id: string
  /** The user's own: used, and never deleted. */
  readonly shared: boolean
}

/** The part of the VPC's addresses that lies in one Availability Zone: instances live in a subnet, never in a VPC as such. */
export const ensureSubnet = (cluster: Cluster, vpc: Ensured<Vpc>): Promise<Ensured<Subnet>> =>
  ensure(cluster, 'subnet', {
    within: vpc,
    find: () =>
      cluster.config.SUBNET_ID ? theUsersSubnet(cluster, vpc, cluster.config.SUBNET_ID) : findSubnet(cluster, vpc),
    create: async () => {
      const { Subnet } = await cluster.ec2.createSubnet({
        VpcId: vpc.id,
        CidrBlock: cluster.config.KUBE_SUBNET_CIDR,
        AvailabilityZone: cluster.config.KUBE_AWS_ZONE,
        TagSpecifications: bornAs(cluster, 'subnet', `${cluster.name}-${cluster.config.KUBE_AWS_ZONE}`),
      })
      return { id: Subnet?.SubnetId ?? '', shared: false }
    },
  }).catch(error => Promise.reject(isTaken(error) ? inTheWay(cluster, vpc) : error))

const inTheWay = ({ config }: Cluster, vpc: Vpc) =>
  new UserError(
    `KUBE_SUBNET_CIDR=${config.KUBE_SUBNET_CIDR} overlaps with another subnet of ${vpc.id}; set it to a free part of ${vpc.cidr}.`,
  )

async function findSubnet(cluster: Cluster, vpc: Vpc): Promise<Subnet | undefined> {
  const { Subnets } = await cluster.ec2.describeSubnets({
    Filters: [
      ours(cluster),
      { Name: 'vpc-id', Values: [vpc.id] },
      { Name: 'availability-zone', Values: [cluster.config.KUBE_AWS_ZONE] },
    ],
  })
  const subnet = only(Subnets, 'subnets', one => one.SubnetId)
  if (!subnet) return undefined
  const { KUBE_SUBNET_CIDR } = cluster.config
  if (subnet.CidrBlock !== KUBE_SUBNET_CIDR)
    throw new UserError(
      `The cluster's subnet ${subnet.SubnetId} has ${subnet.CidrBlock}, and a subnet's network cannot change; set KUBE_SUBNET_CIDR back to that, or run kube-down first.`,
    )
  return { id: subnet.SubnetId ?? '', shared: false }
}

async function theUsersSubnet(cluster: Cluster, vpc: Vpc, id: string): Promise<Subnet> {
  const { KUBE_AWS_ZONE, KUBE_SUBNET_CIDR } = cluster.config
  const answer = await orNothing(cluster.ec2.describeSubnets({ SubnetIds: [id] }))
  const subnet = answer?.Subnets?.[0]
  if (subnet?.VpcId !== vpc.id)
    throw new UserError(`SUBNET_ID=${id} is not a subnet of ${vpc.id}; set it to one that is, or leave it out.`)
  if (subnet.AvailabilityZone !== KUBE_AWS_ZONE)
    throw new UserError(
      `SUBNET_ID=${id} lies in ${subnet.AvailabilityZone}; set KUBE_AWS_ZONE=${subnet.AvailabilityZone}.`,
    )
  if (!contains(subnet.CidrBlock ?? '', KUBE_SUBNET_CIDR))
    throw new UserError(`SUBNET_ID=${id} has ${subnet.CidrBlock}; set KUBE_SUBNET_CIDR=${subnet.CidrBlock}.`)
  await share(cluster, id, subnet.Tags)
  return { id, shared: true }
}

export const deleteSubnets = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  remove(cluster, 'subnet', ids, SubnetId => cluster.ec2.deleteSubnet({ SubnetId }))
