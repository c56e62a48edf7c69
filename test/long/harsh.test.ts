import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { validate } from '../../cluster/aws/validate.ts'
import { account, counts } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { makeHarsh, seedOf } from '../support/harsh/index.ts'
import { slowMachines } from '../support/harsh/machines.ts'
import { profilesArriveLate } from '../support/harsh/profiles.ts'
import { unknownYet } from '../support/harsh/unknown-yet.ts'
import { badWeather } from '../support/harsh/weather.ts'

const test = suite('harsh')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

const days = {
  'what is new is unknown for a while': [unknownYet],
  'instance profiles arrive late': [profilesArriveLate],
  'machines take their time, and what they use is in use': [slowMachines],
  'bad weather': [badWeather],
  'all of it at once': [badWeather, slowMachines, profilesArriveLate, unknownYet],
}

for (const [what, kinds] of Object.entries(days))
  test(`${what}: kube-up makes the same cluster, again changes nothing, kube-down leaves nothing`, async () => {
    const before = await account(aws.direct)
    await kubeUp(aws.cluster())
    const whole = counts(await account(aws.direct))
    await kubeDown(aws.cluster())
    const seed = seedOf()
    try {
      makeHarsh(aws, seed, ...kinds)
      aws.proxy.forget()
      await kubeUp(aws.cluster())
      const calls = aws.proxy.recorded.length
      assert.equal(counts(await account(aws.direct)), whole)
      assert.is((await validate(aws.direct)).exitCode, undefined)
      aws.proxy.forget()
      await kubeUp(aws.cluster())
      assert.equal(
        aws.proxy.recorded.filter(call => call.changes).map(call => call.action),
        [],
      )
      await kubeDown(aws.cluster())
      assert.equal(await account(aws.direct), before)
      console.log(`# ${what}: ${calls} calls of kube-up, seed ${seed}`)
    } catch (error) {
      console.log(` ${what}: KUBE_TEST_SEED=${seed}`)
      throw error
    }
  })

test.run()
