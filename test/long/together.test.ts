import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { wallClock } from '../../cluster/aws/clock.ts'
import { bornAs } from '../../cluster/aws/cluster.ts'
import { createRole } from '../../cluster/aws/resources/role.ts'
import { validate } from '../../cluster/aws/validate.ts'
import { account, counts } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { makeHarsh, seedOf } from '../support/harsh/index.ts'
import { unknownYet } from '../support/harsh/unknown-yet.ts'

const test = suite('together')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

const late = 'an AWS that shows late what was made'
const nothing = async () => {}
const theRole = async () => {
  await createRole(aws.direct, { partition: 'aws' }, 'kubernetes-master')
}
const theRoleAndTheVpc = async () => {
  await theRole()
  const TagSpecifications = bornAs(aws.direct, 'vpc', 'kubernetes-vpc')
  await aws.direct.ec2.createVpc({ CidrBlock: '172.20.0.0/16', TagSpecifications })
}

for (const [where, left, leave] of [
  ['an AWS that shows at once what was made', 'nothing', nothing],
  [late, 'nothing', nothing],
  [late, 'the role', theRole],
  [late, 'the role and the VPC', theRoleAndTheVpc],
] as const)
  test(`two kube-ups of one cluster, begun together in ${where}, after a run that left ${left}, end in one cluster`, async () => {
    const before = await account(aws.direct)
    await kubeUp(aws.cluster())
    const whole = counts(await account(aws.direct))
    await kubeDown(aws.cluster())
    // By the clock on the wall: how far the other one is does not depend on how fast this computer is.
    const together = () => kubeUp(aws.cluster({}, { clock: wallClock }))
    for (const apart of [0, 100]) {
      await leave()
      const seed = seedOf()
      if (where === late) makeHarsh(aws, seed, unknownYet)
      const later = new Promise(resolve => setTimeout(resolve, apart)).then(together)
      const [one, two] = await Promise.all([together(), later])
      const told = `${apart} ms apart, KUBE_TEST_SEED=${seed}`
      assert.equal([two.vpc.id, two.master.id, two.address?.ip], [one.vpc.id, one.master.id, one.address?.ip], told)
      assert.equal(counts(await account(aws.direct)), whole, told)
      assert.is((await validate(aws.direct)).exitCode, undefined, told)
      await kubeDown(aws.cluster())
      assert.equal(await account(aws.direct), before, told)
    }
    console.log(
      `# two kube-ups at once after one that left ${left}, 0 and 100 ms apart, in ${where}: one cluster each time`,
    )
  })

test('two kube-downs of one cluster begun together leave nothing', async () => {
  const before = await account(aws.direct)
  await kubeUp(aws.cluster())
  await Promise.all([kubeDown(aws.cluster()), kubeDown(aws.cluster())])
  assert.equal(await account(aws.direct), before)
})

test('two clusters, one named as the other begins, built and removed at the same time, take nothing from each other', async () => {
  const dev = { KUBE_AWS_INSTANCE_PREFIX: 'dev' }
  const dev2 = { KUBE_AWS_INSTANCE_PREFIX: 'dev-2' }
  const before = await account(aws.direct)
  await Promise.all([kubeUp(aws.cluster(dev)), kubeUp(aws.cluster(dev2))])
  assert.is((await validate(aws.cluster(dev))).exitCode, undefined)
  assert.is((await validate(aws.cluster(dev2))).exitCode, undefined)
  await Promise.all([kubeDown(aws.cluster(dev)), kubeUp(aws.cluster({ ...dev2, NUM_NODES: '3' }))])
  assert.match((await validate(aws.cluster(dev2))).words, /3 nodes run/)
  assert.is((await validate(aws.cluster(dev))).exitCode, 1)
  await kubeDown(aws.cluster(dev2))
  assert.equal(await account(aws.direct), before)
})

test('a namesake in another region is said before anything is made', async () => {
  await kubeUp(aws.cluster())
  const before = await account(aws.direct)
  aws.proxy.forget()
  const said = await kubeUp(aws.cluster({ KUBE_AWS_ZONE: 'eu-west-1a' })).then(
    () => 'it went on',
    error => error.message,
  )
  assert.match(said, /taken by a cluster of this name in us-west-2, .*choose another KUBE_AWS_INSTANCE_PREFIX/)
  assert.equal(
    aws.proxy.recorded.filter(call => call.changes).map(call => call.action),
    ['CreateRole'],
    'what was refused is all',
  )
  assert.equal(await account(aws.direct), before)
})

test.run()
