import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { ensureBucket } from '../../cluster/aws/resources/bucket.ts'
import { stageFiles } from '../../cluster/aws/resources/staged-files.ts'
import { validate } from '../../cluster/aws/validate.ts'
import { account } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'

const test = suite('settings')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

const actions = () => aws.proxy.recorded.filter(call => call.changes).map(call => call.action)
const rejects = async (work: Promise<unknown>, words: RegExp) =>
  work.then(
    () => assert.unreachable('it should have failed'),
    error => assert.ok(words.test(error.message), `it failed otherwise: ${error.message}`),
  )

/** A network of the user's own, with a subnet, a gateway and a route out. */
async function usersNetwork() {
  const { ec2 } = aws.cluster()
  const VpcId = (await ec2.createVpc({ CidrBlock: '10.9.0.0/16' })).Vpc?.VpcId
  const SubnetId = (await ec2.createSubnet({ VpcId, CidrBlock: '10.9.1.0/24', AvailabilityZone: 'us-west-2a' })).Subnet
    ?.SubnetId
  const InternetGatewayId = (await ec2.createInternetGateway({})).InternetGateway?.InternetGatewayId
  await ec2.attachInternetGateway({ VpcId, InternetGatewayId })
  const RouteTableId = (await ec2.createRouteTable({ VpcId })).RouteTable?.RouteTableId
  await ec2.associateRouteTable({ RouteTableId, SubnetId })
  await ec2.createRoute({ RouteTableId, DestinationCidrBlock: '0.0.0.0/0', GatewayId: InternetGatewayId })
  return {
    VPC_ID: VpcId,
    SUBNET_ID: SubnetId,
    KUBE_SUBNET_CIDR: '10.9.1.0/24',
    SERVICE_CLUSTER_IP_RANGE: '10.10.0.0/16',
  }
}

test('a VPC, a subnet, a bucket and an address of the user are used, and are as before after a kube-down that was told of none of them', async () => {
  const { ec2, s3 } = aws.cluster()
  const network = await usersNetwork()
  await s3.createBucket({ Bucket: 'my-bucket', CreateBucketConfiguration: { LocationConstraint: 'us-west-2' } })
  await s3.putObject({ Bucket: 'my-bucket', Key: 'mine', Body: 'kept' })
  const { PublicIp } = await ec2.allocateAddress({ Domain: 'vpc' })
  const brought = { ...network, AWS_S3_BUCKET: 'my-bucket', MASTER_RESERVED_IP: PublicIp }
  const before = await account(aws.cluster())

  const made = await kubeUp(aws.cluster(brought))
  assert.is(made.vpc.id, network.VPC_ID)
  assert.is(made.subnet.id, network.SUBNET_ID)
  assert.is(made.bucket.id, 'my-bucket')
  assert.is(made.address?.ip, PublicIp)
  aws.proxy.forget()
  await kubeUp(aws.cluster(brought))
  assert.equal(actions(), [])

  await kubeDown(aws.cluster())
  assert.equal(await account(aws.cluster()), before)
  const { Contents } = await s3.listObjectsV2({ Bucket: 'my-bucket' })
  assert.equal(
    Contents?.map(object => object.Key),
    ['mine'],
  )
})

test('a bucket that kube-up made under AWS_S3_BUCKET goes with a kube-down that was not told its name', async () => {
  const before = await account(aws.cluster())
  const made = await kubeUp(aws.cluster({ AWS_S3_BUCKET: 'made-for-me' }))
  assert.is(made.bucket.id, 'made-for-me')
  await kubeDown(aws.cluster())
  assert.equal(await account(aws.cluster()), before)
})

test("what the user keeps in the bucket and in the route table is not touched, even where it looks like the cluster's", async () => {
  const { ec2, s3 } = aws.cluster()
  const network = await usersNetwork()
  await s3.createBucket({ Bucket: 'my-bucket', CreateBucketConfiguration: { LocationConstraint: 'us-west-2' } })
  await s3.putObject({ Bucket: 'my-bucket', Key: 'kubernetes/release/mine', Body: 'kept' })
  const { UploadId } = await s3.createMultipartUpload({
    Bucket: 'my-bucket',
    Key: 'kube-up/us-west-2/kubernetes/release/cut-off',
  })
  assert.ok(UploadId)
  const { RouteTables } = await ec2.describeRouteTables({
    Filters: [{ Name: 'association.subnet-id', Values: [`${network.SUBNET_ID}`] }],
  })
  const toAnother = { RouteTableId: RouteTables?.[0]?.RouteTableId, DestinationCidrBlock: '10.244.77.0/24' }
  await ec2.createRoute({
    ...toAnother,
    GatewayId: RouteTables?.[0]?.Routes?.find(route => route.GatewayId !== 'local')?.GatewayId,
  })
  const before = await account(aws.cluster())
  const brought = { ...network, AWS_S3_BUCKET: 'my-bucket' }
  await kubeUp(aws.cluster(brought))
  await kubeDown(aws.cluster(brought))
  assert.equal(await account(aws.cluster()), before)
  assert.equal(
    (await s3.listObjectsV2({ Bucket: 'my-bucket' })).Contents?.map(object => object.Key),
    ['kubernetes/release/mine'],
  )
  assert.equal((await s3.listMultipartUploads({ Bucket: 'my-bucket' })).Uploads ?? [], [])
})

test('a subnet of the user without a way out is refused, and its table stays as it was', async () => {
  const { ec2 } = aws.cluster()
  const network = await usersNetwork()
  const { RouteTables } = await ec2.describeRouteTables({
    Filters: [{ Name: 'association.subnet-id', Values: [`${network.SUBNET_ID}`] }],
  })
  await ec2.deleteRoute({ RouteTableId: RouteTables?.[0]?.RouteTableId, DestinationCidrBlock: '0.0.0.0/0' })
  await rejects(kubeUp(aws.cluster(network)), /has no way to the internet: its route table rtb-/)
})

test("in the user's VPC, load balancers with the owner tag go, and the user's stay", async () => {
  const { elb, elbv2 } = aws.cluster()
  const network = await usersNetwork()
  const Listeners = [{ Protocol: 'TCP', LoadBalancerPort: 80, InstancePort: 30080 }]
  const Tags = [{ Key: 'kubernetes.io/cluster/kubernetes', Value: 'owned' }]
  const Subnets = [`${network.SUBNET_ID}`]
  await elb.createLoadBalancer({ LoadBalancerName: 'mine', Subnets, Listeners })
  const before = await account(aws.cluster())
  const { groups } = await kubeUp(aws.cluster(network))
  await elb.createLoadBalancer({
    LoadBalancerName: 'classic',
    Subnets,
    Listeners,
    Tags,
    SecurityGroups: [groups.minion],
  })
  await elbv2.createLoadBalancer({ Name: 'newer', Type: 'network', Subnets, Tags })
  await elbv2.createTargetGroup({ Name: 'targets', Protocol: 'TCP', Port: 80, VpcId: network.VPC_ID, Tags })
  await kubeDown(aws.cluster(network))
  assert.equal(await account(aws.cluster()), before)
})

test('an address of the user that leads to another machine is not taken from it', async () => {
  const { ec2 } = aws.cluster()
  const network = await usersNetwork()
  const { Instances } = await ec2.runInstances({
    MinCount: 1,
    MaxCount: 1,
    ImageId: 'ami-08b8f0bdfa410bdeb',
    SubnetId: network.SUBNET_ID,
  })
  const { PublicIp, AllocationId } = await ec2.allocateAddress({ Domain: 'vpc' })
  await ec2.associateAddress({ AllocationId, InstanceId: Instances?.[0]?.InstanceId })
  await rejects(kubeUp(aws.cluster({ MASTER_RESERVED_IP: PublicIp })), /is already associated/)
  const { Addresses } = await ec2.describeAddresses({})
  assert.is(Addresses?.[0]?.InstanceId, Instances?.[0]?.InstanceId)
})

test("in the user's VPC a subnet of the cluster's own comes and goes", async () => {
  const network = await usersNetwork()
  const brought = { ...network, SUBNET_ID: '', KUBE_SUBNET_CIDR: '10.9.2.0/24' }
  const before = await account(aws.cluster())
  const made = await kubeUp(aws.cluster(brought))
  assert.is.not(made.subnet.id, network.SUBNET_ID)
  // kube-down finds its way without being told about the VPC again.
  await kubeDown(aws.cluster())
  assert.equal(await account(aws.cluster()), before)
})

test('what was brought must fit: each misfit is told in a sentence, and nothing is left of it', async () => {
  const network = await usersNetwork()
  await rejects(
    kubeUp(aws.cluster({ ...network, VPC_ID: 'vpc-00000000' })),
    /VPC_ID=vpc-00000000 is not a VPC in us-west-2/,
  )
  await rejects(
    kubeUp(aws.cluster({ ...network, SUBNET_ID: 'subnet-00000000' })),
    /SUBNET_ID=subnet-00000000 is not a subnet of/,
  )
  await rejects(
    kubeUp(aws.cluster({ ...network, KUBE_SUBNET_CIDR: '10.8.0.0/24' })),
    /KUBE_SUBNET_CIDR=10.8.0.0\/24 is not within/,
  )
  await rejects(
    kubeUp(aws.cluster({ ...network, KUBE_AWS_ZONE: 'us-west-2b', KUBE_AWS_INSTANCE_PREFIX: 'elsewhere' })),
    /lies in us-west-2a; set KUBE_AWS_ZONE=us-west-2a/,
  )
  await rejects(kubeUp(aws.cluster({ MASTER_RESERVED_IP: '198.51.100.1' })), /is not an Elastic IP of this account/)
})

test('preflight finds what cannot work before anything is made', async () => {
  await rejects(
    kubeUp(aws.cluster({ KUBE_AWS_ZONE: 'us-west-2z' })),
    /KUBE_AWS_ZONE=us-west-2z does not exist.*us-west-2a/,
  )
  await rejects(kubeUp(aws.cluster({ MASTER_SIZE: 'z9.huge' })), /MASTER_SIZE=z9.huge is not offered in us-west-2a/)
  await rejects(kubeUp(aws.cluster({ AWS_IMAGE: 'ami-00000000' })), /There is no image ami-00000000 in us-west-2/)
  await rejects(
    kubeUp(aws.cluster({ KUBE_NODE_IMAGE: 'ami-00000000' })),
    /There is no image ami-00000000 .*set KUBE_NODE_IMAGE/,
  )
  const { preflight } = await import('../../cluster/aws/preflight.ts')
  const { masterImage } = await preflight(aws.cluster({ KUBE_AWS_INSTANCE_PREFIX: 'other' }))
  aws.proxy.forget()
  // A file that was given is of one architecture, which would be told first.
  const nothingGiven = { KUBERNETES_SERVER_TAR: '', KUBE_COMPONENTS_TAR: '' }
  await rejects(
    kubeUp(aws.cluster({ ...nothingGiven, AWS_IMAGE: masterImage.id, NODE_SIZE: 't4g.small' })),
    /AWS_IMAGE=ami-\w+ is an image for x86_64, and NODE_SIZE=t4g.small is arm64; change one of them/,
  )
  assert.equal(actions(), [])
})

test('each distribution has its image, for both architectures', async () => {
  const names = await Promise.all(
    ['debian', 'ubuntu', 'flatcar'].flatMap(KUBE_OS_DISTRIBUTION =>
      ['t3.small', 't4g.small'].map(async size => {
        const { preflight } = await import('../../cluster/aws/preflight.ts')
        const site = await preflight(aws.cluster({ KUBE_OS_DISTRIBUTION, MASTER_SIZE: size, NODE_SIZE: size }))
        return site.masterImage.name
      }),
    ),
  )
  assert.equal(names, [
    'debian-13-amd64-20251006-2257',
    'debian-13-arm64-20251006-2257',
    'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20250821',
    'ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20250821',
    'Flatcar-stable-4230.2.3-hvm',
    'Flatcar-stable-4230.2.3-arm64-hvm',
  ])
})

test("the bucket's region: S3 refuses us-east-1's name and demands every other, and a bucket elsewhere is said to be there", async () => {
  const asked = () => aws.proxy.recorded.find(call => call.action === 'CreateBucket')?.params.body ?? ''
  await kubeUp(aws.cluster())
  assert.match(asked(), /<LocationConstraint>us-west-2</)
  await kubeDown(aws.cluster())
  aws.proxy.forget()
  const east = { KUBE_AWS_ZONE: 'us-east-1a' }
  await kubeUp(aws.cluster(east))
  assert.match(asked(), /<CreateBucketConfiguration/)
  assert.not.match(asked(), /LocationConstraint/)
  await kubeDown(aws.cluster(east))
  await aws.cluster({ AWS_S3_REGION: 'eu-west-1' }).s3.createBucket({
    Bucket: 'elsewhere',
    CreateBucketConfiguration: { LocationConstraint: 'eu-west-1' },
  })
  await rejects(
    kubeUp(aws.cluster({ AWS_S3_BUCKET: 'elsewhere' })),
    /AWS_S3_BUCKET=elsewhere is in eu-west-1; set AWS_S3_REGION=eu-west-1/,
  )
})

test('with the autoscaler, the group has bounds and the tags it is found by, and what the autoscaler made of it stays', async () => {
  const env = { KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true', KUBE_AUTOSCALER_MAX_NODES: '4' }
  const name = 'kubernetes-minion-group'
  const group = async () => {
    const { AutoScalingGroups } = await aws.direct.autoScaling.describeAutoScalingGroups({
      AutoScalingGroupNames: [name],
    })
    const { MinSize, MaxSize, DesiredCapacity, Tags = [] } = AutoScalingGroups?.[0] ?? {}
    const found = Tags.filter(({ Key }) => Key?.startsWith('k8s.io/'))
    return { MinSize, MaxSize, DesiredCapacity, found: found.map(one => [one.Key, one.PropagateAtLaunch]).sort() }
  }
  const bounds = { MinSize: 1, MaxSize: 4 }
  const found = ['enabled', 'kubernetes'].map(one => [`k8s.io/cluster-autoscaler/${one}`, false])
  await kubeUp(aws.cluster())
  assert.equal(await group(), { MinSize: 2, MaxSize: 2, DesiredCapacity: 2, found: [] })
  await kubeUp(aws.cluster(env))
  assert.equal(await group(), { ...bounds, DesiredCapacity: 2, found }, 'switched on later')

  await aws.direct.autoScaling.setDesiredCapacity({ AutoScalingGroupName: name, DesiredCapacity: 3 })
  aws.proxy.forget()
  const { nodes } = await kubeUp(aws.cluster(env))
  assert.is(nodes.inService, 3)
  assert.equal(actions(), [])
  assert.match((await validate(aws.cluster(env))).words, /is ready: its master and 3 nodes run/)

  await kubeUp(aws.cluster({ ...env, KUBE_AUTOSCALER_MAX_NODES: '2' }))
  assert.equal(await group(), { MinSize: 1, MaxSize: 2, DesiredCapacity: 2, found }, 'bounds are kept to')
  await kubeDown(aws.cluster())
  await kubeUp(aws.cluster(env))
  assert.equal(await group(), { ...bounds, DesiredCapacity: 2, found }, 'made with it')
})

test('NUM_NODES changed: the group follows, and nothing else changes', async () => {
  await kubeUp(aws.cluster())
  for (const NUM_NODES of ['4', '1']) {
    aws.proxy.forget()
    const { nodes } = await kubeUp(aws.cluster({ NUM_NODES }))
    assert.is(nodes.inService, Number(NUM_NODES))
    assert.equal(actions(), ['UpdateAutoScalingGroup'])
  }
})

test('a changed SSH_CIDR replaces the old rule, and leaves a rule of the person alone', async () => {
  const { groups } = await kubeUp(aws.cluster())
  const { ec2 } = aws.cluster()
  const ownRule = {
    IpProtocol: 'tcp',
    FromPort: 22,
    ToPort: 22,
    IpRanges: [{ CidrIp: '198.51.100.0/24', Description: 'my office' }],
  }
  await ec2.authorizeSecurityGroupIngress({ GroupId: groups.master, IpPermissions: [ownRule] })
  await kubeUp(aws.cluster({ SSH_CIDR: '203.0.113.9' }))
  const { SecurityGroups } = await ec2.describeSecurityGroups({ GroupIds: [groups.master, groups.minion] })
  const ssh = SecurityGroups?.map(group =>
    group.IpPermissions?.filter(one => one.FromPort === 22)
      .flatMap(one => one.IpRanges?.map(range => range.CidrIp) ?? [])
      .sort(),
  )
  assert.equal(ssh?.sort(), [['198.51.100.0/24', '203.0.113.9/32'], ['203.0.113.9/32']])
})

test('a changed node gets a new version of the launch template, and the group uses the latest', async () => {
  await kubeUp(aws.cluster())
  aws.proxy.forget()
  const changed = aws.cluster({ NODE_SIZE: 't3.medium' })
  await kubeUp(changed)
  assert.equal(actions(), ['CreateLaunchTemplateVersion'])
  assert.match(changed.journal.notes.join(), /Those that run stay as they are: terminate one/)
})

test('a master keeps the settings it was launched with, and its successor takes those of now', async () => {
  const before = await kubeUp(aws.cluster())
  const now = {
    KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true',
    KUBE_AUTOSCALER_MAX_NODES: '3',
    KUBE_ENABLE_CLUSTER_DNS: 'false',
  }
  const same = aws.cluster(now)
  const { master, told } = await kubeUp(same)
  assert.equal([told.clusterAutoscaler, told.clusterDns], [false, true])
  const said = `The master was launched with KUBE_ENABLE_CLUSTER_DNS=true, KUBE_ENABLE_CLUSTER_AUTOSCALER=false and keeps to that. Terminate ${master.id} and run kube-up again`
  assert.ok(
    same.journal.notes.some(note => note.startsWith(said)),
    `${same.journal.notes}`,
  )

  await aws.cluster().ec2.terminateInstances({ InstanceIds: [before.master.id] })
  const another = aws.cluster(now)
  const next = await kubeUp(another)
  assert.equal([next.told.clusterAutoscaler, next.told.clusterDns], [true, false])
  assert.not.match(another.journal.notes.join(), /launched with/)
  aws.proxy.forget()
  const again = aws.cluster(now)
  await kubeUp(again)
  assert.equal([actions(), again.journal.notes], [[], []])
})

test('what a cluster keeps for life is told in a sentence to who would change it, and nodes to come are not changed', async () => {
  await kubeUp(aws.cluster())
  aws.proxy.forget()
  await rejects(
    kubeUp(aws.cluster({ SERVICE_CLUSTER_IP_RANGE: '10.1.0.0/16' })),
    /was made with SERVICE_CLUSTER_IP_RANGE=10\.0\.0\.0\/16, DNS_SERVER_IP=10\.0\.0\.10 and keeps that for life; set it so/,
  )
  assert.not.match(actions().join(), /LaunchTemplate/)
})

test('a route to a master that was lost is a blackhole, and the next master gets it', async () => {
  const { master, vpc } = await kubeUp(aws.cluster())
  const { ec2, config } = aws.cluster()
  const route = async () => {
    const { RouteTables } = await ec2.describeRouteTables({ Filters: [{ Name: 'vpc-id', Values: [vpc.id] }] })
    const routes = RouteTables?.flatMap(table => table.Routes ?? [])
    const one = routes?.find(({ DestinationCidrBlock }) => DestinationCidrBlock === config.MASTER_IP_RANGE)
    return [one?.InstanceId, one?.State]
  }
  assert.equal(await route(), [master.id, 'active'])
  await ec2.terminateInstances({ InstanceIds: [master.id] })
  assert.equal(await route(), [master.id, 'blackhole'])
  const next = await kubeUp(aws.cluster())
  assert.equal(await route(), [next.master.id, 'active'])
})

test('nodes from a launch configuration: up, changed, and down to nothing', async () => {
  const old = { KUBE_NODE_LAUNCH: 'configuration' }
  const before = await account(aws.cluster())
  await kubeUp(aws.cluster(old))
  aws.proxy.forget()
  await kubeUp(aws.cluster(old))
  assert.equal(actions(), [])
  await kubeUp(aws.cluster({ ...old, NODE_SIZE: 't3.medium' }))
  assert.equal(actions(), [
    'CreateTags',
    'CreateLaunchConfiguration',
    'UpdateAutoScalingGroup',
    'DeleteLaunchConfiguration',
  ])
  aws.proxy.forget()
  await kubeUp(aws.cluster())
  assert.equal(actions(), ['CreateLaunchTemplate', 'UpdateAutoScalingGroup', 'DeleteLaunchConfiguration'])
  await kubeUp(aws.cluster(old))
  await kubeDown(aws.cluster())
  assert.equal(await account(aws.cluster()), before)
})

test('nodes in a second zone join the master that is there, and all goes together', async () => {
  const before = await account(aws.cluster())
  await kubeUp(aws.cluster())
  const second = {
    KUBE_USE_EXISTING_MASTER: 'true',
    KUBE_AWS_ZONE: 'us-west-2b',
    KUBE_SUBNET_CIDR: '172.20.1.0/24',
    MASTER_INTERNAL_IP: '172.20.0.9',
  }
  const made = await kubeUp(aws.cluster(second))
  assert.is(made.nodes.id, 'kubernetes-minion-group-us-west-2b')
  assert.match((await validate(aws.cluster())).words, /4 nodes run/)
  await kubeDown(aws.cluster())
  assert.equal(await account(aws.cluster()), before)
})

test('nodes in a second zone need a subnet of their own, and that is said', async () => {
  await kubeUp(aws.cluster())
  const second = { KUBE_USE_EXISTING_MASTER: 'true', KUBE_AWS_ZONE: 'us-west-2b', MASTER_INTERNAL_IP: '172.20.0.9' }
  await rejects(
    kubeUp(aws.cluster(second)),
    /KUBE_SUBNET_CIDR=172\.20\.0\.0\/24 overlaps with another subnet of vpc-\w+; set it to a free part of 172\.20\.0\.0\/16/,
  )
})

test('KUBE_USE_EXISTING_MASTER without a master is told in a sentence', () =>
  rejects(
    kubeUp(aws.cluster({ KUBE_USE_EXISTING_MASTER: 'true' })),
    /has no master in us-west-2; run kube-up without it first/,
  ))

test('load balancers that Kubernetes made in the VPC go with it, those elsewhere stay', async () => {
  const { elb, elbv2, ec2 } = aws.cluster()
  const network = await usersNetwork()
  const Listeners = [{ Protocol: 'TCP', LoadBalancerPort: 80, InstancePort: 30080 }]
  await elb.createLoadBalancer({ LoadBalancerName: 'mine', Subnets: [`${network.SUBNET_ID}`], Listeners })
  const before = await account(aws.cluster())
  const { vpc, subnet, groups } = await kubeUp(aws.cluster())
  await elb.createLoadBalancer({
    LoadBalancerName: 'classic',
    Subnets: [subnet.id],
    Listeners,
    SecurityGroups: [groups.minion],
  })
  await elbv2.createLoadBalancer({ Name: 'newer', Type: 'network', Subnets: [subnet.id] })
  await elbv2.createTargetGroup({ Name: 'targets', Protocol: 'TCP', Port: 80, VpcId: vpc.id })
  const { GroupId } = await ec2.createSecurityGroup({
    GroupName: 'k8s-elb-classic',
    Description: 'as the cloud controller manager makes it',
    VpcId: vpc.id,
    TagSpecifications: [
      { ResourceType: 'security-group', Tags: [{ Key: 'kubernetes.io/cluster/kubernetes', Value: 'owned' }] },
    ],
  })
  const fromBalancer = [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId }] }]
  await ec2.authorizeSecurityGroupIngress({ GroupId: groups.minion, IpPermissions: fromBalancer })
  await kubeDown(aws.cluster())
  assert.equal(await account(aws.cluster()), before)
})

test('fetching the release, which may take long, is shown as a part of its step', async () => {
  const cluster = aws.cluster()
  const bucket = await ensureBucket(cluster)
  const step = () => cluster.journal.steps.find(({ name }) => name === 'release')
  await stageFiles(cluster, Promise.resolve(bucket), async () => {
    cluster.journal.waiting('builds Kubernetes')
    assert.is(step()?.waiting, 'builds Kubernetes')
    return []
  })
  assert.is(step()?.outcome, 'already there')
})

test('an IAM role of that name that is not the cluster’s is left alone and said', async () => {
  const { iam } = aws.cluster()
  await iam.createRole({ RoleName: 'kubernetes-master', AssumeRolePolicyDocument: '{}' })
  const before = await account(aws.cluster())
  await rejects(kubeUp(aws.cluster()), /The IAM name kubernetes-master is taken/)
  await kubeDown(aws.cluster())
  assert.equal(await account(aws.cluster()), before)
})

test('the calls for 500 nodes are as many as for 2, within a tenth', async () => {
  const calls = async (NUM_NODES: string) => {
    const sizes = {
      MASTER_SIZE: 't3.small',
      NODE_SIZE: 't3.small',
      KUBE_SUBNET_CIDR: '172.20.0.0/20',
      CLUSTER_IP_RANGE: '10.128.0.0/11',
      NUM_NODES,
    }
    aws.proxy.forget()
    const { nodes } = await kubeUp(aws.cluster(sizes))
    assert.is(nodes.inService, Number(NUM_NODES))
    const up = aws.proxy.recorded.length
    await kubeDown(aws.cluster(sizes))
    return { up, down: aws.proxy.recorded.length - up }
  }
  const two = await calls('2')
  const many = await calls('500')
  assert.ok(many.up <= two.up * 1.1, `${many.up} calls up for 500 nodes, ${two.up} for 2`)
  assert.ok(many.down <= two.down * 1.1, `${many.down} calls down for 500 nodes, ${two.down} for 2`)
})

test.run()
