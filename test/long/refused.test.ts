import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { account } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { changesOf, withoutTheRight } from '../support/harsh/for-good.ts'

const test = suite('refused')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

const clear = (action: string, nth: number, told: Awaited<ReturnType<typeof withoutTheRight>>) => {
  const which = `${action} ${nth}`
  assert.ok(told, `${which} was refused, and that was passed over`)
  assert.is(told.exitCode, 1, which)
  assert.match(told.said, /^The step "[^"]+" failed: /, which)
  assert.match(told.said, /UnauthorizedOperation|AccessDenied/, which)
  assert.ok(told.said.includes(action), `${which}: AWS's own words are told: ${told.said}`)
  assert.match(told.said, /kube-down$/, which)
  assert.not.match(told.said, /\n\s+at /, which)
}

test('each change of kube-up refused for good: it is told clearly, and kube-up with the right goes on', async () => {
  const before = await account(aws.cluster())
  aws.proxy.forget()
  await kubeUp(aws.cluster())
  const changes = changesOf(aws.proxy)
  await kubeDown(aws.cluster())
  for (const [i, change] of changes.entries()) {
    const cluster = aws.cluster()
    const told = await withoutTheRight(aws.proxy, cluster, kubeUp, change)
    clear(change.action, change.nth, told)
    const made = cluster.journal.steps.filter(step => step.id && step.outcome === 'created')
    for (const { id = '' } of made) assert.ok(told?.said.includes(id), `${change.action}: ${id} exists`)
    // Half of them are completed first, the others removed as they are.
    if (i % 2 === 0) await kubeUp(aws.cluster())
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.cluster()), before, change.action)
  }
  console.log(`# refused for good, each of ${changes.length} changes of kube-up: told, and mended by the next run`)
})

test('each change of kube-down refused for good: it is told clearly, and kube-down with the right leaves nothing', async () => {
  const before = await account(aws.cluster())
  await kubeUp(aws.cluster())
  aws.proxy.forget()
  await kubeDown(aws.cluster())
  const changes = changesOf(aws.proxy)
  for (const change of changes) {
    await kubeUp(aws.cluster())
    clear(change.action, change.nth, await withoutTheRight(aws.proxy, aws.cluster(), kubeDown, change))
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.cluster()), before, change.action)
  }
  console.log(`# refused for good, each of ${changes.length} changes of kube-down: told, and finished by the next run`)
})

test.run()
