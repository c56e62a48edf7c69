import type { Cluster } from '../../cluster/aws/cluster.ts'

const ids = <T>(items: readonly T[] | undefined, of: (item: T) => string | undefined): string[] =>
  (items ?? []).map(item => of(item) ?? '').sort()

/** Everything that the account holds, whoever made it: what must be the same before kube-up and after kube-down. */
export async function account({ ec2, iam, s3, autoScaling, elb, elbv2 }: Cluster): Promise<Record<string, string[]>> {
  const states = ['pending', 'running', 'shutting-down', 'stopping', 'stopped']
  const [vpcs, subnets, gateways, tables, groups, interfaces, volumes, addresses, instances, keys, templates] =
    await Promise.all([
      ec2.describeVpcs({}),
      ec2.describeSubnets({}),
      ec2.describeInternetGateways({}),
      ec2.describeRouteTables({}),
      ec2.describeSecurityGroups({}),
      ec2.describeNetworkInterfaces({}),
      ec2.describeVolumes({}),
      ec2.describeAddresses({}),
      ec2.describeInstances({ Filters: [{ Name: 'instance-state-name', Values: states }] }),
      ec2.describeKeyPairs({}),
      ec2.describeLaunchTemplates({}),
    ])
  const [scaling, configurations, roles, profiles, buckets, classic, newer, targets] = await Promise.all([
    autoScaling.describeAutoScalingGroups({}),
    autoScaling.describeLaunchConfigurations({}),
    iam.listRoles({}),
    iam.listInstanceProfiles({}),
    s3.listBuckets({}),
    elb.describeLoadBalancers({}),
    elbv2.describeLoadBalancers({}),
    elbv2.describeTargetGroups({}),
  ])
  return {
    vpcs: ids(vpcs.Vpcs, one => `${one.VpcId} ${JSON.stringify(one.Tags)}`),
    subnets: ids(subnets.Subnets, one => `${one.SubnetId} ${JSON.stringify(one.Tags)}`),
    gateways: ids(gateways.InternetGateways, one => `${one.InternetGatewayId} ${one.Attachments?.[0]?.VpcId}`),
    tables: ids(tables.RouteTables, one => `${one.RouteTableId} ${JSON.stringify([one.Routes, one.Tags])}`),
    groups: ids(groups.SecurityGroups, one => one.GroupId),
    interfaces: ids(interfaces.NetworkInterfaces, one => one.NetworkInterfaceId),
    volumes: ids(volumes.Volumes, one => one.VolumeId),
    addresses: ids(addresses.Addresses, one => one.PublicIp),
    instances: ids(
      instances.Reservations?.flatMap(one => one.Instances ?? []),
      one => one.InstanceId,
    ),
    keys: ids(keys.KeyPairs, one => one.KeyName),
    templates: ids(templates.LaunchTemplates, one => one.LaunchTemplateName),
    scaling: ids(scaling.AutoScalingGroups, one => one.AutoScalingGroupName),
    configurations: ids(configurations.LaunchConfigurations, one => one.LaunchConfigurationName),
    roles: ids(roles.Roles, one => one.RoleName),
    profiles: ids(profiles.InstanceProfiles, one => one.InstanceProfileName),
    buckets: ids(buckets.Buckets, one => one.Name),
    balancers: [
      ...ids(classic.LoadBalancerDescriptions, one => one.LoadBalancerName),
      ...ids(newer.LoadBalancers, one => one.LoadBalancerName),
    ],
    targets: ids(targets.TargetGroups, one => one.TargetGroupName),
  }
}

/** How many there are of each kind. */
export const counts = (held: Readonly<Record<string, readonly string[]>>): Record<string, number> =>
  Object.fromEntries(Object.entries(held).map(([kind, all]) => [kind, all.length]))
