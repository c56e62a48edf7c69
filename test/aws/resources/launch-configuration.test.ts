import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../../../cluster/aws/cluster.ts'
import type { Env } from '../../../cluster/aws/config.ts'
import { config } from '../../../cluster/aws/config-default.ts'
import { Journal } from '../../../cluster/aws/journal.ts'
import { launchConfigurationData } from '../../../cluster/aws/resources/launch-configuration.ts'
import { launchTemplateData } from '../../../cluster/aws/resources/launch-template.ts'

const launch = {
  image: { id: 'ami-01234567', name: 'debian-13-amd64-20260101', rootDevice: '/dev/xvda' },
  profile: 'kubernetes-minion',
  keyPair: { id: 'kubernetes-kubernetes-SHA256abc' },
  group: 'sg-minion',
  userData: Buffer.from([0x1f, 0x8b, 0x00, 0xff]),
}
const cluster = (env: Env) => connect(config(env), new Journal())
const data = (env: Env = {}) => launchConfigurationData(cluster(env), launch)

test('a node by default, in full', () => {
  assert.equal(data(), {
    ImageId: 'ami-01234567',
    InstanceType: 't3.small',
    KeyName: 'kubernetes-kubernetes-SHA256abc',
    IamInstanceProfile: 'kubernetes-minion',
    UserData: 'H4sA/w==',
    SecurityGroups: ['sg-minion'],
    AssociatePublicIpAddress: true,
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2, HttpEndpoint: 'enabled' },
    BlockDeviceMappings: [
      {
        DeviceName: '/dev/xvda',
        Ebs: { VolumeSize: 32, VolumeType: 'gp3', Encrypted: true, DeleteOnTermination: true },
      },
    ],
  })
})

test('without public addresses it says so', () =>
  assert.is(data({ KUBE_ENABLE_NODE_PUBLIC_IP: 'false' }).AssociatePublicIpAddress, false))

test('with a price, nodes are spot instances that cost at most that', () =>
  assert.is(data({ NODE_SPOT_PRICE: '0.05' }).SpotPrice, '0.05'))

for (const env of [{ NUM_NODES: '7' }, { KUBE_TAGS: 'team=a' }, { MASTER_SIZE: 'm7i.4xlarge' }])
  test(`${Object.entries(env).join().replace(',', '=')} does not change it, so the group keeps the one it has`, () =>
    assert.equal(data(env), data()))

test('it launches the same machine as the template does', () => {
  const env = { NODE_SIZE: 'm7i.large', NODE_ROOT_DISK_SIZE: '77', KUBE_ENABLE_NODE_PUBLIC_IP: 'false' }
  const configuration = data(env)
  const template = launchTemplateData(cluster(env), launch)
  assert.is(configuration.ImageId, template.ImageId)
  assert.is(configuration.InstanceType, template.InstanceType)
  assert.is(configuration.UserData, template.UserData)
  assert.is(configuration.KeyName, template.KeyName)
  assert.is(configuration.IamInstanceProfile, template.IamInstanceProfile?.Name)
  assert.equal(configuration.SecurityGroups, template.NetworkInterfaces?.[0]?.Groups)
  assert.is(configuration.AssociatePublicIpAddress, template.NetworkInterfaces?.[0]?.AssociatePublicIpAddress)
  assert.equal(configuration.MetadataOptions, template.MetadataOptions)
  assert.equal(configuration.BlockDeviceMappings, template.BlockDeviceMappings)
})

test.run()
