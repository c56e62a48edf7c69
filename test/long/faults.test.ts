import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { account } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { passing } from '../support/harsh/faults.ts'
import { eachOnce } from '../support/harsh/once.ts'

const test = suite('faults')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

/** How many there are of each kind. */
const counts = async () =>
  Object.fromEntries(Object.entries(await account(aws.cluster())).map(([kind, ids]) => [kind, ids.length]))

let whole: Awaited<ReturnType<typeof counts>>
let changes: { up: string[]; down: string[] }
const changed = () =>
  aws.proxy.recorded
    .filter(call => call.changes)
    .map(call => call.action)
    .sort()

test('without faults', async () => {
  const before = await account(aws.cluster())
  aws.proxy.forget()
  await kubeUp(aws.cluster())
  const up = changed()
  whole = await counts()
  aws.proxy.forget()
  await kubeDown(aws.cluster())
  changes = { up, down: changed() }
  assert.equal(await account(aws.cluster()), before)
})

for (const [what, fault] of Object.entries(passing))
  test(`${what}, once at every change of kube-up and of kube-down: both succeed, and nothing exists twice`, async () => {
    const before = await account(aws.cluster())
    const going = eachOnce(aws.proxy, fault)
    await kubeUp(aws.cluster())
    going.end()
    const all = new Set(going.hit)
    assert.equal(
      changes.up.filter(action => !all.has(action)),
      [],
      'a change that did not fail',
    )
    assert.equal(await counts(), whole)
    aws.proxy.forget()
    await kubeUp(aws.cluster())
    assert.equal(changed(), [], 'nothing was left to mend')
    const coming = eachOnce(aws.proxy, fault)
    await kubeDown(aws.cluster())
    coming.end()
    assert.equal(
      changes.down.filter(action => !coming.hit.includes(action)),
      [],
      'a change that did not fail',
    )
    assert.equal(await account(aws.cluster()), before)
    console.log(
      `# ${what}: once at each of ${going.hit.length} changes of kube-up and ${coming.hit.length} of kube-down`,
    )
  })

test.run()
