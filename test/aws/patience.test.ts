import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Clock } from '../../cluster/aws/clock.ts'
import { connect } from '../../cluster/aws/cluster.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { forAWhile, insistently, patiently } from '../../cluster/aws/patience.ts'
import { UserError } from '../../cluster/errors.ts'
import { leapingClock } from '../support/clock.ts'

const cluster = (clock: Clock = leapingClock()) => connect(config({}), new Journal(), { clock })
const soon = { what: '2 nodes to run', seconds: 0.05 }
const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    value => `came back with ${value}`,
    error => error,
  )

test('what is there is returned at the first look', async () => {
  let looks = 0
  const seen = await patiently(cluster(), soon, async () => {
    looks += 1
    return 'there'
  })
  assert.equal([seen, looks], ['there', 1])
})

for (const value of [false, 0, '', null])
  test(`${JSON.stringify(value)} is something to return too; only undefined is not`, async () =>
    assert.is(await patiently(cluster(), soon, async () => value), value))

test('it looks again until there is something', async () => {
  let looks = 0
  const seen = await patiently(cluster(), soon, async () => {
    looks += 1
    return looks === 2 ? 'there' : undefined
  })
  assert.equal([seen, looks], ['there', 2])
})

test('when the time is up it has looked one last time, and says for what it waited and how long', async () => {
  let looks = 0
  const error = await caught(
    patiently(cluster(), soon, async () => {
      looks += 1
      return undefined
    }),
  )
  assert.instance(error, UserError)
  assert.is((error as UserError).exitCode, 1)
  assert.is((error as UserError).message, 'Waited 0.05 seconds for 2 nodes to run, in vain.')
  assert.ok(looks >= 2)
})

for (const evidence of [() => 'Failed: no capacity', async () => 'Failed: no capacity'])
  test(`the evidence is shown, be it at hand or asked for (${evidence.constructor.name})`, async () => {
    const error = await caught(patiently(cluster(), { ...soon, evidence }, async () => undefined))
    assert.is((error as Error).message, 'Waited 0.05 seconds for 2 nodes to run, in vain.\nFailed: no capacity')
  })

test('evidence of nothing adds nothing', async () => {
  const error = await caught(patiently(cluster(), { ...soon, evidence: () => '' }, async () => undefined))
  assert.is((error as Error).message, 'Waited 0.05 seconds for 2 nodes to run, in vain.')
})

test('a look that throws ends the wait, with its own error', async () => {
  const error = await caught(patiently(cluster(), soon, () => Promise.reject(new Error('broken'))))
  assert.is((error as Error).message, 'broken')
})

test('no time at all is one look', async () => {
  let looks = 0
  await caught(
    patiently(cluster(), { what: 'x', seconds: 0 }, async () => {
      looks += 1
      return undefined
    }),
  )
  assert.is(looks, 1)
})

const words: [seconds: number, said: string][] = [
  [0.05, 'up to 0.05 seconds'],
  [60, 'up to 60 seconds'],
  [90, 'up to 90 seconds'],
  [180, 'up to 3 minutes'],
  [600, 'up to 10 minutes'],
]
test('while it waits, the step says what for, and for how long at most', async () => {
  // The second look comes after the first delay, however long the deadline.
  const heard = await Promise.all(
    words.map(async ([seconds]) => {
      const here = cluster()
      const said: string[] = []
      here.journal.onChange(step => step.waiting && said.push(step.waiting))
      let looks = 0
      await here.journal.step('nodes', () =>
        patiently(here, { what: '2 nodes to run', seconds }, async () => {
          looks += 1
          return looks === 2 || undefined
        }),
      )
      return said
    }),
  )
  assert.equal(
    heard,
    words.map(([, said]) => [`2 nodes to run, ${said}`]),
  )
})

const refusal = Object.assign(new Error('Invalid IAM Instance Profile name'), { name: 'InvalidParameterValue' })
const mended = (error: unknown) => error === refusal

test('what AWS accepts is done once, and its answer comes back, undefined too', async () => {
  let acts = 0
  const answer = await insistently(cluster(), soon, mended, async () => {
    acts += 1
    return undefined
  })
  assert.equal([answer, acts], [undefined, 1])
})

test('the refusal that time mends is tried again', async () => {
  let acts = 0
  const answer = await insistently(cluster(), soon, mended, async () => {
    acts += 1
    if (acts === 1) throw refusal
    return 'accepted'
  })
  assert.equal([answer, acts], ['accepted', 2])
})

test('any other error goes on at once', async () => {
  let acts = 0
  const other = new Error('UnauthorizedOperation')
  const error = await caught(
    insistently(cluster(), soon, mended, async () => {
      acts += 1
      throw other
    }),
  )
  assert.is(error, other)
  assert.is(acts, 1)
})

test("when time does not mend it, AWS's last answer is shown, and the evidence below it", async () => {
  const wait = { what: 'EC2 to know the profile', seconds: 0.05, evidence: () => 'eni-1 in-use' }
  const error = await caught(insistently(cluster(), wait, mended, () => Promise.reject(refusal)))
  assert.instance(error, UserError)
  assert.is(
    (error as Error).message,
    "Waited 0.05 seconds for EC2 to know the profile, in vain.\nAWS's last answer: Invalid IAM Instance Profile name\neni-1 in-use",
  )
})

test('it looks ever less often, up to every quarter of a minute, and never twice after the same time', async () => {
  const clock = leapingClock()
  await caught(patiently(cluster(clock), { what: 'nothing', seconds: 600 }, async () => undefined))
  const { slept } = clock
  assert.ok(slept.length < 60, `${slept.length + 1} looks in ten minutes`)
  slept.slice(0, -1).forEach((milliseconds, i) => {
    const about = Math.min(500 * 1.6 ** i, 15_000)
    assert.ok(milliseconds >= about * 0.75 && milliseconds <= about * 1.25, `${milliseconds} ms after look ${i + 1}`)
  })
  assert.is(new Set(slept).size, slept.length, 'chance is in it')
})

test('for a while: nothing when the time is up, and what was seen before that', async () => {
  assert.is(await forAWhile(cluster(), { what: 'x', seconds: 10 }, async () => undefined), undefined)
  const clock = leapingClock()
  const late = async () => (clock.now() > 5_000 ? 'there' : undefined)
  assert.is(await forAWhile(cluster(clock), { what: 'x', seconds: 10 }, late), 'there')
})

test.run()
