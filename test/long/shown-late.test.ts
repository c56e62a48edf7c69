import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { validate } from '../../cluster/aws/validate.ts'
import { account, counts } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { leapingClock } from '../support/clock.ts'
import { makeHarsh, seedOf } from '../support/harsh/index.ts'
import { killing } from '../support/harsh/killing.ts'
import { shy } from '../support/harsh/shy.ts'
import { tagsArriveLate } from '../support/harsh/tags-late.ts'
import { unknownYet } from '../support/harsh/unknown-yet.ts'

const test = suite('shown late')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

/** Says how the account looks with a whole cluster, and which changes make it, and takes it away again. */
async function calmly() {
  const before = await account(aws.direct)
  aws.proxy.forget()
  await kubeUp(aws.cluster())
  const changes = aws.proxy.recorded.filter(call => call.changes).map(call => call.action)
  const whole = counts(await account(aws.direct))
  await kubeDown(aws.cluster())
  return { before, changes, whole }
}

const dies = (work: Promise<unknown>) =>
  work.then(
    () => assert.unreachable('it was to be killed, and ended by itself'),
    () => undefined,
  )

test('kube-up killed at each of its changes, in an AWS whose tags show late: kube-down begun at once leaves nothing', async () => {
  const { before, changes } = await calmly()
  const seed = seedOf()
  let hidden = 0
  for (let change = 1; change <= changes.length; change++) {
    const kill = killing()
    const { behaviour, told } = tagsArriveLate(9)
    makeHarsh(aws, seed + change, () => kill, behaviour, unknownYet)
    kill.atChange(change)
    await dies(kubeUp(aws.cluster()))
    kill.over()
    const where = `killed after ${changes[change - 1]}, KUBE_TEST_SEED=${seed}`
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.direct), before, where)
    hidden += told.hidden
  }
  assert.ok(hidden > 0, 'no tag was late')
  console.log(
    `# kube-up killed at each of its ${changes.length} changes, tags up to 9 s late (${hidden} kept back): kube-down at once leaves nothing, seed ${seed}`,
  )
})

const nameless = ['CreateVpc', 'CreateInternetGateway', 'CreateRouteTable', 'AllocateAddress', 'CreateVolume']

for (const action of nameless)
  test(`kube-up killed after ${action} and begun again at once, with a role that is old, makes no second one`, async () => {
    const { whole } = await calmly()
    // The role of a run that got no further; it is made to look old, as after a night.
    const kill = killing()
    const old = {
      after: (_: unknown, answer: { body: string; status: number }) => ({
        ...answer,
        body: answer.body.replaceAll(/<CreateDate>[^<]+</g, '<CreateDate>2020-01-01T00:00:00Z<'),
      }),
    }
    makeHarsh(
      aws,
      seedOf(),
      () => kill,
      () => old,
      () => shy(2),
    )
    kill.atChange(1)
    await dies(kubeUp(aws.cluster()))
    kill.over()
    let after = false
    const dying = aws.proxy.after
    aws.proxy.after = async (call, answer) => {
      if (call.action === action) after = true
      if (after) kill.atChange(0)
      return dying?.(call, answer)
    }
    await dies(kubeUp(aws.cluster()))
    aws.proxy.after = dying
    kill.over()
    // It looks for ten seconds by its clock, on which no time passes while this computer is slow to answer.
    await kubeUp(aws.cluster({}, { clock: leapingClock() }))
    assert.equal(counts(await account(aws.direct)), whole)
    assert.is((await validate(aws.direct)).exitCode, undefined)
  })

test.run()
