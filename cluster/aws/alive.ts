import { type Cluster, ours } from './cluster.ts'
import { livingInstances } from './resources/instances.ts'
import * as sdk from './sdk.ts'
import { every } from './steps.ts'

export interface Resource {
  /** The kind, in EC2's own words for resource types. */
  readonly kind: string
  readonly id: string
}

/** For each kind, the ids of those of the cluster's that live. */
const living: Record<string, (cluster: Cluster) => Promise<(string | undefined)[]>> = {
  instance: async c => (await livingInstances(c)).map(one => one.InstanceId),
  volume: async c =>
    (await every(sdk.ec2.paginateDescribeVolumes({ client: c.ec2 }, by(c)), p => p.Volumes)).map(one => one.VolumeId),
  snapshot: async c =>
    (
      await every(
        sdk.ec2.paginateDescribeSnapshots({ client: c.ec2 }, { ...by(c), OwnerIds: ['self'] }),
        p => p.Snapshots,
      )
    ).map(one => one.SnapshotId),
  vpc: async c =>
    (await every(sdk.ec2.paginateDescribeVpcs({ client: c.ec2 }, by(c)), p => p.Vpcs)).map(one => one.VpcId),
  subnet: async c =>
    (await every(sdk.ec2.paginateDescribeSubnets({ client: c.ec2 }, by(c)), p => p.Subnets)).map(one => one.SubnetId),
  'internet-gateway': async c =>
    (await every(sdk.ec2.paginateDescribeInternetGateways({ client: c.ec2 }, by(c)), p => p.InternetGateways)).map(
      one => one.InternetGatewayId,
    ),
  'route-table': async c =>
    (await every(sdk.ec2.paginateDescribeRouteTables({ client: c.ec2 }, by(c)), p => p.RouteTables)).map(
      one => one.RouteTableId,
    ),
  'security-group': async c =>
    (await every(sdk.ec2.paginateDescribeSecurityGroups({ client: c.ec2 }, by(c)), p => p.SecurityGroups)).map(
      one => one.GroupId,
    ),
  'network-interface': async c =>
    (await every(sdk.ec2.paginateDescribeNetworkInterfaces({ client: c.ec2 }, by(c)), p => p.NetworkInterfaces)).map(
      one => one.NetworkInterfaceId,
    ),
  'launch-template': async c =>
    (await every(sdk.ec2.paginateDescribeLaunchTemplates({ client: c.ec2 }, by(c)), p => p.LaunchTemplates)).map(
      one => one.LaunchTemplateId,
    ),
  'elastic-ip': async c => (await c.ec2.describeAddresses(by(c))).Addresses?.map(one => one.AllocationId) ?? [],
  'key-pair': async c => (await c.ec2.describeKeyPairs(by(c))).KeyPairs?.map(one => one.KeyPairId) ?? [],
}

const by = (cluster: Cluster) => ({ Filters: [ours(cluster)] })

/** Those that live. A kind that nobody here knows is taken at its tag's word. */
export async function alive(cluster: Cluster, tagged: readonly Resource[]): Promise<Resource[]> {
  const kinds = [...new Set(tagged.map(one => one.kind))]
  const ids = new Map(await Promise.all(kinds.map(async kind => [kind, await living[kind]?.(cluster)] as const)))
  return tagged.filter(({ kind, id }) => ids.get(kind)?.includes(id) ?? true)
}
