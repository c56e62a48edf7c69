import type { Cluster } from '../../cluster/aws/cluster.ts'
import type { Up } from '../../cluster/aws/up.ts'

type ByHand = (cluster: Cluster, made: Up) => Promise<unknown>

const minionGroup = 'kubernetes-minion-group'
const tableOf = async ({ ec2 }: Cluster) => {
  const { RouteTables } = await ec2.describeRouteTables({
    Filters: [{ Name: 'tag:KubernetesCluster', Values: ['kubernetes'] }],
  })
  return RouteTables?.[0]
}
const gatewayOf = async ({ ec2 }: Cluster) => {
  const { InternetGateways } = await ec2.describeInternetGateways({
    Filters: [{ Name: 'tag:KubernetesCluster', Values: ['kubernetes'] }],
  })
  return InternetGateways?.[0]?.InternetGatewayId ?? ''
}
const withoutMachines = async (cluster: Cluster, made: Up) => {
  await cluster.autoScaling.deleteAutoScalingGroup({ AutoScalingGroupName: minionGroup, ForceDelete: true })
  await cluster.ec2.terminateInstances({ InstanceIds: [made.master.id] })
}
const emptyBucket = async ({ s3 }: Cluster, { bucket: { id: Bucket } }: Up) => {
  const { Contents = [] } = await s3.listObjectsV2({ Bucket })
  await s3.deleteObjects({ Bucket, Delete: { Objects: Contents.map(({ Key }) => ({ Key })) } })
}

/** What a person may take away behind kube-up's back, piece by piece. */
export const removals: Record<string, ByHand> = {
  'the staged files': emptyBucket,
  'the bucket': async (cluster, made) => {
    await emptyBucket(cluster, made)
    await cluster.s3.deleteBucket({ Bucket: made.bucket.id })
  },
  "the bucket's public access block": ({ s3 }, { bucket }) => s3.deletePublicAccessBlock({ Bucket: bucket.id }),
  "the bucket's tags": ({ s3 }, { bucket }) => s3.deleteBucketTagging({ Bucket: bucket.id }),
  "the master's policy": ({ iam }) =>
    iam.deleteRolePolicy({ RoleName: 'kubernetes-master', PolicyName: 'kubernetes-master' }),
  "the role in the nodes' profile": ({ iam }) =>
    iam.removeRoleFromInstanceProfile({ InstanceProfileName: 'kubernetes-minion', RoleName: 'kubernetes-minion' }),
  "the nodes' profile": async ({ iam }) => {
    await iam.removeRoleFromInstanceProfile({ InstanceProfileName: 'kubernetes-minion', RoleName: 'kubernetes-minion' })
    await iam.deleteInstanceProfile({ InstanceProfileName: 'kubernetes-minion' })
  },
  "the nodes' role": async ({ iam }) => {
    await iam.removeRoleFromInstanceProfile({ InstanceProfileName: 'kubernetes-minion', RoleName: 'kubernetes-minion' })
    await iam.deleteRolePolicy({ RoleName: 'kubernetes-minion', PolicyName: 'kubernetes-minion' })
    await iam.deleteRole({ RoleName: 'kubernetes-minion' })
  },
  'the key pair': async ({ ec2 }) => {
    const { KeyPairs } = await ec2.describeKeyPairs({})
    await ec2.deleteKeyPair({ KeyName: KeyPairs?.[0]?.KeyName })
  },
  'host names in the VPC': ({ ec2 }, { vpc }) =>
    ec2.modifyVpcAttribute({ VpcId: vpc.id, EnableDnsHostnames: { Value: false } }),
  "the gateway's attachment": async (cluster, { vpc }) =>
    cluster.ec2.detachInternetGateway({ InternetGatewayId: await gatewayOf(cluster), VpcId: vpc.id }),
  'the gateway': async (cluster, { vpc }) => {
    const InternetGatewayId = await gatewayOf(cluster)
    await cluster.ec2.detachInternetGateway({ InternetGatewayId, VpcId: vpc.id })
    await cluster.ec2.deleteInternetGateway({ InternetGatewayId })
  },
  'the route to the internet': async cluster =>
    cluster.ec2.deleteRoute({
      RouteTableId: (await tableOf(cluster))?.RouteTableId,
      DestinationCidrBlock: '0.0.0.0/0',
    }),
  "the route to the master's pods": async cluster =>
    cluster.ec2.deleteRoute({
      RouteTableId: (await tableOf(cluster))?.RouteTableId,
      DestinationCidrBlock: '10.246.0.0/24',
    }),
  "the table's association": async cluster =>
    cluster.ec2.disassociateRouteTable({
      AssociationId: (await tableOf(cluster))?.Associations?.[0]?.RouteTableAssociationId,
    }),
  'the route table': async cluster => {
    const table = await tableOf(cluster)
    await cluster.ec2.disassociateRouteTable({ AssociationId: table?.Associations?.[0]?.RouteTableAssociationId })
    await cluster.ec2.deleteRouteTable({ RouteTableId: table?.RouteTableId })
  },
  'the rule that lets SSH in': ({ ec2 }, { groups }) =>
    ec2.revokeSecurityGroupIngress({
      GroupId: groups.master,
      IpPermissions: [
        { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: '192.0.2.7/32', Description: 'kube-up' }] },
      ],
    }),
  'all machines': withoutMachines,
  'all machines and the security groups': async (cluster, made) => {
    await withoutMachines(cluster, made)
    const Vpc = [{ Name: 'vpc-id', Values: [made.vpc.id] }]
    for (const group of (await cluster.ec2.describeSecurityGroups({ Filters: Vpc })).SecurityGroups ?? [])
      if (group.GroupName !== 'default')
        await cluster.ec2.revokeSecurityGroupIngress({ GroupId: group.GroupId, IpPermissions: group.IpPermissions })
    await cluster.ec2.deleteSecurityGroup({ GroupId: made.groups.master })
    await cluster.ec2.deleteSecurityGroup({ GroupId: made.groups.minion })
  },
  'the master': ({ ec2 }, { master }) => ec2.terminateInstances({ InstanceIds: [master.id] }),
  'the power of the master': ({ ec2 }, { master }) => ec2.stopInstances({ InstanceIds: [master.id] }),
  "the master's address": async ({ ec2 }, { address }) => {
    const { Addresses } = await ec2.describeAddresses({})
    await ec2.disassociateAddress({ AssociationId: Addresses?.[0]?.AssociationId })
    await ec2.releaseAddress({ AllocationId: address?.id })
  },
  "the address's association": async ({ ec2 }) =>
    ec2.disassociateAddress({ AssociationId: (await ec2.describeAddresses({})).Addresses?.[0]?.AssociationId }),
  "the volume's attachment": ({ ec2 }, { volume, master }) =>
    ec2.detachVolume({ VolumeId: volume?.id, InstanceId: master.id }),
  'the volume': async ({ ec2 }, { volume, master }) => {
    await ec2.detachVolume({ VolumeId: volume?.id, InstanceId: master.id })
    await ec2.deleteVolume({ VolumeId: volume?.id })
  },
  'a node': async ({ autoScaling, ec2 }) => {
    const { AutoScalingGroups } = await autoScaling.describeAutoScalingGroups({})
    await ec2.terminateInstances({ InstanceIds: [AutoScalingGroups?.[0]?.Instances?.[0]?.InstanceId ?? ''] })
  },
  "the nodes' group": ({ autoScaling }) =>
    autoScaling.deleteAutoScalingGroup({ AutoScalingGroupName: minionGroup, ForceDelete: true }),
  'the launch template alone': ({ ec2 }) => ec2.deleteLaunchTemplate({ LaunchTemplateName: minionGroup }),
  'the group and its launch template': async ({ autoScaling, ec2 }) => {
    await autoScaling.deleteAutoScalingGroup({ AutoScalingGroupName: minionGroup, ForceDelete: true })
    await ec2.deleteLaunchTemplate({ LaunchTemplateName: minionGroup })
  },
}
