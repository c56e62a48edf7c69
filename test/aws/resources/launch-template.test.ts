import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../../../cluster/aws/cluster.ts'
import type { Env } from '../../../cluster/aws/config.ts'
import { config } from '../../../cluster/aws/config-default.ts'
import { Journal } from '../../../cluster/aws/journal.ts'
import { launchTemplateData } from '../../../cluster/aws/resources/launch-template.ts'

const launch = {
  image: { id: 'ami-01234567', name: 'debian-13-amd64-20260101', rootDevice: '/dev/xvda' },
  profile: 'kubernetes-minion',
  keyPair: { id: 'kubernetes-kubernetes-SHA256abc' },
  group: 'sg-minion',
  userData: Buffer.from([0x1f, 0x8b, 0x00, 0xff]),
}
const data = (env: Env = {}) => launchTemplateData(connect(config(env), new Journal()), launch)

test('a node is of the image, size, key, profile and group that were found', () => {
  const { ImageId, InstanceType, KeyName, IamInstanceProfile, NetworkInterfaces } = data({ NODE_SIZE: 'm7i.large' })
  assert.equal(
    { ImageId, InstanceType, KeyName, IamInstanceProfile, NetworkInterfaces },
    {
      ImageId: 'ami-01234567',
      InstanceType: 'm7i.large',
      KeyName: 'kubernetes-kubernetes-SHA256abc',
      IamInstanceProfile: { Name: 'kubernetes-minion' },
      NetworkInterfaces: [
        { DeviceIndex: 0, AssociatePublicIpAddress: true, Groups: ['sg-minion'], DeleteOnTermination: true },
      ],
    },
  )
})

test('the user data is base64 of the very bytes', () => assert.is(data().UserData, 'H4sA/w=='))

test('the metadata service asks for a token, and answers pods two hops away', () =>
  assert.equal(data().MetadataOptions, { HttpTokens: 'required', HttpPutResponseHopLimit: 2, HttpEndpoint: 'enabled' }))

test('the root disk has the size and type that were asked for, is encrypted, and goes with its machine', () =>
  assert.equal(data({ NODE_ROOT_DISK_SIZE: '77', NODE_ROOT_DISK_TYPE: 'gp2' }).BlockDeviceMappings, [
    {
      DeviceName: '/dev/xvda',
      Ebs: { VolumeSize: 77, VolumeType: 'gp2', Encrypted: true, DeleteOnTermination: true },
    },
  ]))

test('without public addresses, the template says so and does not leave it to the subnet', () =>
  assert.is(data({ KUBE_ENABLE_NODE_PUBLIC_IP: 'false' }).NetworkInterfaces?.[0]?.AssociatePublicIpAddress, false))

test('without a price, nodes are on demand', () => assert.not.ok('InstanceMarketOptions' in data()))

test('with a price, nodes are spot instances that cost at most that', () =>
  assert.equal(data({ NODE_SPOT_PRICE: '0.05' }).InstanceMarketOptions, {
    MarketType: 'spot',
    SpotOptions: { MaxPrice: '0.05' },
  }))

test('machine, volume and network interface are born with the owner tags and those of the person', () => {
  const tags = [
    { Key: 'Name', Value: 'dev-minion' },
    { Key: 'KubernetesCluster', Value: 'dev' },
    { Key: 'kubernetes.io/cluster/dev', Value: 'owned' },
    { Key: 'team', Value: 'a' },
  ]
  assert.equal(
    data({ KUBE_AWS_INSTANCE_PREFIX: 'dev', KUBE_TAGS: 'team=a' }).TagSpecifications,
    ['instance', 'volume', 'network-interface'].map(ResourceType => ({ ResourceType, Tags: tags })),
  )
})

test('the same settings make the same template', () => assert.is(JSON.stringify(data()), JSON.stringify(data())))

const same: Env[] = [{ NUM_NODES: '7' }, { NUM_NODES: '0' }, { MASTER_SIZE: 'm7i.4xlarge' }, { SSH_CIDR: '0.0.0.0/0' }]
for (const env of same)
  test(`${Object.entries(env).join().replace(',', '=')} is none of a node's business`, () =>
    assert.equal(data(env), data()))

const different: Env[] = [
  { NODE_SIZE: 't3.large' },
  { NODE_ROOT_DISK_SIZE: '33' },
  { NODE_ROOT_DISK_TYPE: 'gp2' },
  { NODE_SPOT_PRICE: '0.05' },
  { KUBE_ENABLE_NODE_PUBLIC_IP: 'false' },
  { KUBE_TAGS: 'team=a' },
  { NUM_NODES: '50' },
]
for (const env of different)
  test(`${Object.entries(env).join().replace(',', '=')} makes another template`, () =>
    assert.not.equal(data(env), data()))

test.run()
