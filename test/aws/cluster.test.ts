import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { bornAs, connect, ours, ownerKey, tagsOf } from '../../cluster/aws/cluster.ts'
import type { Env } from '../../cluster/aws/config.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'

const cluster = (env: Env = {}) => connect(config(env), new Journal())

test('connecting makes no call, and nothing can be added to the cluster later', () => {
  const journal = new Journal()
  const made = connect(config({}), journal)
  assert.equal(journal.steps, [])
  assert.ok(Object.isFrozen(made))
})

test("the cluster's name is its prefix, and its region that of the zone", () => {
  const { name, region } = cluster({ KUBE_AWS_INSTANCE_PREFIX: 'dev', KUBE_AWS_ZONE: 'us-west-2-lax-1a' })
  assert.equal([name, region], ['dev', 'us-west-2'])
})

test('every client speaks to the region of the zone, S3 to that of the bucket', async () => {
  const made = cluster({ KUBE_AWS_ZONE: 'eu-central-1c', AWS_S3_REGION: 'eu-west-1' })
  const { ec2, iam, sts, autoScaling, elb, elbv2, s3 } = made
  for (const client of [ec2, iam, sts, autoScaling, elb, elbv2]) assert.is(await client.config.region(), 'eu-central-1')
  assert.is(await s3.config.region(), 'eu-west-1')
})

test('a resource is born with its name, whose it is in two words, and what the person asked for', () =>
  assert.equal(tagsOf(cluster({ KUBE_AWS_INSTANCE_PREFIX: 'dev', KUBE_TAGS: 'team=a,cost=42' }), 'dev-master'), [
    { Key: 'Name', Value: 'dev-master' },
    { Key: 'KubernetesCluster', Value: 'dev' },
    { Key: 'kubernetes.io/cluster/dev', Value: 'owned' },
    { Key: 'team', Value: 'a' },
    { Key: 'cost', Value: '42' },
  ]))

test('as EC2 takes tags in the call that creates', () =>
  assert.equal(bornAs(cluster(), 'vpc', 'kubernetes-vpc', [{ Key: 'Role', Value: 'x' }]), [
    { ResourceType: 'vpc', Tags: [...tagsOf(cluster(), 'kubernetes-vpc'), { Key: 'Role', Value: 'x' }] },
  ]))

test('with as many tags as a person may ask for, there are still no more than AWS allows', () => {
  const KUBE_TAGS = Array.from({ length: 40 }, (_, i) => `k${i}=v`).join()
  assert.ok(tagsOf(cluster({ KUBE_TAGS }), 'x').length + 1 <= 50)
})

test('the filter finds what is tagged, by the very key and value', () => {
  const made = cluster({ KUBE_AWS_INSTANCE_PREFIX: 'dev' })
  assert.equal(ours(made), { Name: 'tag:kubernetes.io/cluster/dev', Values: ['owned'] })
  assert.ok(tagsOf(made, 'x').some(tag => `tag:${tag.Key}` === ours(made).Name && tag.Value === 'owned'))
})

test('a cluster whose name begins alike has another key', () =>
  assert.is.not(ownerKey({ name: 'dev' }), ownerKey({ name: 'dev-2' })))

test.run()
