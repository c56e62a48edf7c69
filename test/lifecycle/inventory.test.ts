import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { bills, holdings } from '../../cluster/aws/holdings.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'

const test = suite('inventory')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

test('an account without a cluster holds nothing', async () => {
  assert.equal(await holdings(aws.cluster()), [])
})

test('each cluster is told apart, with its age, its nodes and what bills, and nothing is changed', async () => {
  await kubeUp(aws.cluster())
  await kubeUp(aws.cluster({ KUBE_AWS_INSTANCE_PREFIX: 'other', NUM_NODES: '1' }))
  aws.proxy.forget()
  const found = await holdings(aws.cluster())
  assert.equal(
    aws.proxy.recorded.filter(call => call.changes),
    [],
  )
  assert.equal(
    found.map(({ cluster, nodes, orphaned }) => [cluster, nodes, orphaned]),
    [
      ['kubernetes', 2, false],
      ['other', 1, false],
    ],
  )
  for (const { since, held } of found) {
    assert.ok(Date.now() - Date.parse(since ?? '') < 10 * 60_000)
    const billed = new Set(held.filter(bills).map(one => one.kind))
    assert.equal([...billed].sort(), ['bucket', 'elastic-ip', 'instance', 'volume'])
  }
  await kubeDown(aws.cluster())
  assert.equal(
    (await holdings(aws.cluster())).map(one => one.cluster),
    ['other'],
  )
})

test('what a crash left behind is an orphan, a role alone too', async () => {
  const cluster = aws.cluster()
  const tags = [{ Key: 'kubernetes.io/cluster/lost', Value: 'owned' }]
  await cluster.ec2.createVolume({
    AvailabilityZone: 'us-west-2a',
    Size: 1,
    TagSpecifications: [{ ResourceType: 'volume', Tags: tags }],
  })
  await cluster.iam.createRole({
    RoleName: 'left-master',
    Path: '/kube-up/us-west-2/left/',
    AssumeRolePolicyDocument: '{}',
  })
  const found = await holdings(cluster)
  assert.equal(
    found.map(one => [one.cluster, one.orphaned, one.held.map(({ kind }) => kind)]),
    [
      ['left', true, ['role']],
      ['lost', true, ['volume']],
    ],
  )
})

test.run()
