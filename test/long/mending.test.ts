import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Cluster } from '../../cluster/aws/cluster.ts'
import { validate } from '../../cluster/aws/validate.ts'
import { account } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { removals } from '../support/removals.ts'

const test = suite('mending')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

/** What the account holds, ids aside: two clusters of the same settings have the same shape. */
const shape = async (cluster: Cluster) =>
  Object.fromEntries(Object.entries(await account(cluster)).map(([kind, ids]) => [kind, ids.length]))

for (const [what, remove] of Object.entries(removals))
  test(`when ${what} was removed by hand, kube-up makes the cluster whole again`, async () => {
    const before = await account(aws.cluster())
    const made = await kubeUp(aws.cluster())
    const whole = await shape(aws.cluster())
    await remove(aws.cluster(), made)
    aws.proxy.forget()
    await kubeUp(aws.cluster())
    assert.equal(await shape(aws.cluster()), whole)
    assert.is((await validate(aws.cluster())).exitCode, undefined)
    const mended = aws.proxy.recorded.filter(call => call.changes).length
    aws.proxy.forget()
    await kubeUp(aws.cluster())
    assert.equal(
      aws.proxy.recorded.filter(call => call.changes),
      [],
      `${mended} calls mended it, and another run changes more`,
    )
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.cluster()), before)
  })

test.run()
