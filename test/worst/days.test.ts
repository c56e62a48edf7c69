import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Up } from '../../cluster/aws/up.ts'
import { validate } from '../../cluster/aws/validate.ts'
import { account } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { fastClock } from '../support/clock.ts'
import { chance, makeHarsh, seedOf } from '../support/harsh/index.ts'
import { killing } from '../support/harsh/killing.ts'
import { badWeather } from '../support/harsh/weather.ts'
import { Answer, CutOff } from '../support/proxy.ts'
import { removals } from '../support/removals.ts'

const test = suite('random days')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())

/** How many steps the walk has: KUBE_RANDOM_DAYS of them, for longer ones. */
const days = Number(process.env.KUBE_RANDOM_DAYS || 200)

/** Nothing is shown late here, so what is waited for only in case costs hardly any time. */
const clock = fastClock(100)

test('after random days of kube-up, kube-down, kills, faults and hands, one clean kube-up validates and one clean kube-down leaves nothing', async () => {
  const seed = seedOf()
  const random = chance(seed)
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T
  const before = await account(aws.direct)
  const counts = new Map<string, number>()
  const path: string[] = []
  let NUM_NODES = '2'
  let last: Up | undefined

  const up = async () => {
    last = await kubeUp(aws.cluster({ NUM_NODES }, { clock }))
  }
  const down = () => kubeDown(aws.cluster({}, { clock }))
  const killed = async (run: () => Promise<unknown>) => {
    const kill = killing()
    kill.atChange(1 + Math.floor(random() * 30))
    aws.proxy.before = kill.before
    aws.proxy.after = kill.after
    await run()
  }
  /** One call fails for good, before or after it took effect. */
  const faulty = async (run: () => Promise<unknown>) => {
    const nth = Math.floor(random() * 50)
    const when = pick(['before', 'after'] as const)
    let seen = 0
    aws.proxy[when] = () => {
      if (seen++ === nth) throw pick([new Answer('UnauthorizedOperation', 'no', 403), new CutOff()])
    }
    await run()
  }
  const hand = async () => {
    const [what, remove] = pick(Object.entries(removals))
    path.push(what)
    if (last) await remove(aws.direct, last)
  }
  const badDay = () => {
    makeHarsh(aws, Math.floor(random() * 2 ** 31), badWeather)
    return up()
  }
  const otherSize = async () => {
    NUM_NODES = `${Math.floor(random() * 4)}`
  }
  const steps: [string, number, () => Promise<unknown>][] = [
    ['kube-up', 3, up],
    ['kube-down', 1, down],
    ['kube-up killed', 2, () => killed(up)],
    ['kube-down killed', 1, () => killed(down)],
    ['kube-up with a fault', 2, () => faulty(up)],
    ['kube-down with a fault', 1, () => faulty(down)],
    ['a hand', 24, hand],
    ['another NUM_NODES', 3, otherSize],
    ['a bad day for kube-up', 1, () => badDay()],
  ]
  const bag = steps.flatMap(([name, weight, act]) => Array.from({ length: weight }, () => ({ name, act })))
  try {
    for (let step = 0; step < days; step++) {
      const { name, act } = pick(bag)
      path.push(name)
      counts.set(name, (counts.get(name) ?? 0) + 1)
      // What a step ends with does not matter here; what it leaves behind does.
      await act().catch(error => path.push(`(${(error as Error).message.slice(0, 120)})`))
      aws.proxy.before = undefined
      aws.proxy.after = undefined
    }
    NUM_NODES = '2'
    await up()
    assert.is((await validate(aws.direct)).exitCode, undefined)
    aws.proxy.forget()
    await up()
    assert.equal(
      aws.proxy.recorded.filter(call => call.changes).map(call => call.action),
      [],
    )
    await down()
    assert.equal(await account(aws.direct), before)
  } catch (error) {
    console.log(`KUBE_TEST_SEED=${seed}, the last steps: ${path.slice(-30).join(', ')}`)
    throw error
  }
  const total = [...counts.values()].reduce((sum, one) => sum + one, 0)
  const list = [...counts].map(([name, count]) => `${count} ${name}`).join(', ')
  console.log(`# random days: ${total} steps with seed ${seed} (${list}), then up and down`)
})

test.run()
