import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { validate } from '../../cluster/aws/validate.ts'
import { account } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { Answer } from '../support/proxy.ts'

const test = suite('killed')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

/**
 * Ends all dealings with AWS right after the nth change took effect: what a kill leaves in the account, without the cost
 * of a process. The long suite does it with real processes and SIGKILL.
 */
function killAfter(n: number): void {
  let changes = 0
  let dead = false
  aws.proxy.before = () => {
    if (dead) throw new Answer('Killed')
  }
  aws.proxy.after = call => {
    if (call.changes) changes += 1
    if (changes >= n) dead = true
    if (dead) throw new Answer('Killed')
  }
}

const revive = () => {
  aws.proxy.before = undefined
  aws.proxy.after = undefined
}

const killed = async (run: () => Promise<unknown>, after: number) => {
  killAfter(after)
  await run().then(
    () => assert.unreachable(`it was not killed after its change ${after}`),
    () => {},
  )
  revive()
}

/** How many changes a whole run makes. */
async function changesOf(run: () => Promise<unknown>): Promise<number> {
  aws.proxy.forget()
  await run()
  return aws.proxy.recorded.filter(call => call.changes).length
}

test('kube-up killed after each of its changes: kube-up completes it, and kube-down leaves nothing', async () => {
  const before = await account(aws.cluster())
  const points = await changesOf(() => kubeUp(aws.cluster()))
  await kubeDown(aws.cluster())
  assert.ok(points >= 28, `only ${points} changes`)
  for (let point = 1; point < points; point++) {
    await killed(() => kubeUp(aws.cluster()), point)
    await kubeUp(aws.cluster())
    assert.is((await validate(aws.cluster())).exitCode, undefined, `killed after change ${point}`)
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.cluster()), before, `killed after change ${point}`)
  }
  console.log(` ${points - 1} kill points, completed`)
})

test('kube-up killed after each of its changes: kube-down alone leaves nothing', async () => {
  const before = await account(aws.cluster())
  const points = await changesOf(() => kubeUp(aws.cluster()))
  await kubeDown(aws.cluster())
  for (let point = 1; point < points; point++) {
    await killed(() => kubeUp(aws.cluster()), point)
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.cluster()), before, `killed after change ${point}`)
  }
  console.log(` ${points - 1} kill points, removed`)
})

test('kube-down killed after each of its changes: another one leaves nothing', async () => {
  const before = await account(aws.cluster())
  await kubeUp(aws.cluster())
  const points = await changesOf(() => kubeDown(aws.cluster()))
  for (let point = 1; point < points; point++) {
    await kubeUp(aws.cluster())
    await killed(() => kubeDown(aws.cluster()), point)
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.cluster()), before, `killed after change ${point}`)
  }
  console.log(` ${points - 1} kill points, finished`)
})

test.run()
