import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { account } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { removals } from '../support/removals.ts'

const test = suite('removed')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

for (const [what, remove] of Object.entries(removals))
  test(`when ${what} was removed by hand, kube-down still leaves nothing`, async () => {
    const before = await account(aws.cluster())
    await remove(aws.cluster(), await kubeUp(aws.cluster()))
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.cluster()), before)
  })

test.run()
