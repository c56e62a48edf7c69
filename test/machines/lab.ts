import { readFileSync } from 'node:fs'
import {
  AutoScalingClient,
  CreateAutoScalingGroupCommand,
  DeleteAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
} from '@aws-sdk/client-auto-scaling'
import * as ec2 from '@aws-sdk/client-ec2'
import * as iam from '@aws-sdk/client-iam'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'

const region = 'us-west-2'
const credentials = { accessKeyId: 'test', secretAccessKey: 'test' }

/** A small VPC with a way out, a bucket, and a role that may read one object of it: what the suite's machines live in. */
export const lab = async (endpoint: string, publicKeyFile: string) => {
  const common = { endpoint, region, credentials }
  const api = new ec2.EC2Client(common)
  const s3 = new S3Client({ ...common, forcePathStyle: true })
  const scaling = new AutoScalingClient(common)
  const roles = new iam.IAMClient(common)

  const named = { Filters: [{ Name: 'name', Values: ['debian-13-amd64-*'] }] }
  const image = (await api.send(new ec2.DescribeImagesCommand(named))).Images?.[0]?.ImageId ?? ''
  const { Vpc } = await api.send(new ec2.CreateVpcCommand({ CidrBlock: '172.20.0.0/16' }))
  const vpc = Vpc?.VpcId ?? ''
  const { Subnet } = await api.send(
    new ec2.CreateSubnetCommand({ VpcId: vpc, CidrBlock: '172.20.0.0/24', AvailabilityZone: `${region}a` }),
  )
  const subnet = Subnet?.SubnetId ?? ''
  const { InternetGateway } = await api.send(new ec2.CreateInternetGatewayCommand({}))
  const gateway = InternetGateway?.InternetGatewayId ?? ''
  await api.send(new ec2.AttachInternetGatewayCommand({ VpcId: vpc, InternetGatewayId: gateway }))
  const { RouteTable } = await api.send(new ec2.CreateRouteTableCommand({ VpcId: vpc }))
  const routeTable = RouteTable?.RouteTableId ?? ''
  await api.send(new ec2.AssociateRouteTableCommand({ RouteTableId: routeTable, SubnetId: subnet }))
  await api.send(
    new ec2.CreateRouteCommand({ RouteTableId: routeTable, DestinationCidrBlock: '0.0.0.0/0', GatewayId: gateway }),
  )
  const group = async (name: string) => {
    const asked = { GroupName: name, Description: name, VpcId: vpc }
    return (await api.send(new ec2.CreateSecurityGroupCommand(asked))).GroupId ?? ''
  }
  const key = { KeyName: 'lab', PublicKeyMaterial: readFileSync(publicKeyFile) }
  await api.send(new ec2.ImportKeyPairCommand(key))

  const bucket = 'lab-bucket'
  await s3.send(new CreateBucketCommand({ Bucket: bucket, CreateBucketConfiguration: { LocationConstraint: region } }))
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'allowed/hello', Body: 'hello from s3\n' }))
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: 'secret/hello', Body: 'not for you\n' }))
  const trust = [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }]
  const rights = [
    { Effect: 'Allow', Action: 's3:GetObject', Resource: `arn:aws:s3:::${bucket}/allowed/*` },
    { Effect: 'Allow', Action: 'ec2:DescribeInstances', Resource: '*' },
  ]
  const document = (Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
  await roles.send(new iam.CreateRoleCommand({ RoleName: 'reader', AssumeRolePolicyDocument: document(trust) }))
  const policy = { RoleName: 'reader', PolicyName: 'read', PolicyDocument: document(rights) }
  await roles.send(new iam.PutRolePolicyCommand(policy))
  await roles.send(new iam.CreateInstanceProfileCommand({ InstanceProfileName: 'reader' }))
  await roles.send(new iam.AddRoleToInstanceProfileCommand({ InstanceProfileName: 'reader', RoleName: 'reader' }))

  const launch = async (
    name: string,
    userData: string,
    groups: string[],
    more: Partial<ec2.RunInstancesRequest> = {},
    publicAddress = true,
  ) => {
    const { Instances } = await api.send(
      new ec2.RunInstancesCommand({
        ...{ ImageId: image, MinCount: 1, MaxCount: 1, InstanceType: 't3.small', KeyName: 'lab' },
        IamInstanceProfile: { Name: 'reader' },
        MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, InstanceMetadataTags: 'enabled' },
        TagSpecifications: [{ ResourceType: 'instance', Tags: [{ Key: 'Name', Value: name }] }],
        UserData: Buffer.from(userData).toString('base64'),
        NetworkInterfaces: [
          {
            DeviceIndex: 0,
            SubnetId: subnet,
            AssociatePublicIpAddress: publicAddress,
            Groups: groups,
            DeleteOnTermination: true,
          },
        ],
        ...more,
      }),
    )
    const id = Instances?.[0]?.InstanceId
    if (!id) throw new Error('RunInstances returned no instance')
    const state = Instances?.[0]?.State?.Name
    if (state !== 'pending') throw new Error(`an instance is pending until its machine runs, and this one is ${state}`)
    return id
  }
  /** An Auto Scaling group of one: its machine is launched by the service, from a template. */
  const scaled = async (userData: string, groups: string[]) => {
    const LaunchTemplateData: ec2.RequestLaunchTemplateData = {
      ...{ ImageId: image, InstanceType: 't3.small', KeyName: 'lab', IamInstanceProfile: { Name: 'reader' } },
      MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2, InstanceMetadataTags: 'enabled' },
      InstanceInitiatedShutdownBehavior: 'terminate',
      UserData: Buffer.from(userData).toString('base64'),
      NetworkInterfaces: [
        { DeviceIndex: 0, AssociatePublicIpAddress: true, Groups: groups, DeleteOnTermination: true },
      ],
    }
    await api.send(new ec2.CreateLaunchTemplateCommand({ LaunchTemplateName: 'scaled', LaunchTemplateData }))
    await scaling.send(
      new CreateAutoScalingGroupCommand({
        ...{ AutoScalingGroupName: 'scaled', MinSize: 1, MaxSize: 1, VPCZoneIdentifier: subnet },
        LaunchTemplate: { LaunchTemplateName: 'scaled', Version: '$Latest' },
        Tags: [{ Key: 'Name', Value: 'c', PropagateAtLaunch: true }],
      }),
    )
    const now = async () => {
      const asked = { AutoScalingGroupNames: ['scaled'] }
      const { AutoScalingGroups } = await scaling.send(new DescribeAutoScalingGroupsCommand(asked))
      const id = AutoScalingGroups?.[0]?.Instances?.[0]?.InstanceId
      if (!id) throw new Error('the group has no instance')
      return id
    }
    const end = () =>
      scaling.send(new DeleteAutoScalingGroupCommand({ AutoScalingGroupName: 'scaled', ForceDelete: true }))
    return { now, end }
  }
  const describe = async (id: string) => {
    const { Reservations } = await api.send(new ec2.DescribeInstancesCommand({ InstanceIds: [id] }))
    return Reservations?.[0]?.Instances?.[0] as ec2.Instance
  }
  return { api, vpc, subnet, gateway, routeTable, bucket, zone: `${region}a`, group, launch, scaled, describe }
}

export type Lab = Awaited<ReturnType<typeof lab>>
