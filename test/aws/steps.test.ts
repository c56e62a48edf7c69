import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../../cluster/aws/cluster.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { type Call, Journal } from '../../cluster/aws/journal.ts'
import { AnswerLost } from '../../cluster/aws/retries.ts'
import { createOnce, type Ensured, ensure, every, only, remove, together } from '../../cluster/aws/steps.ts'
import { UserError } from '../../cluster/errors.ts'
import { leapingClock } from '../support/clock.ts'

const cluster = () => connect(config({}), new Journal(), { clock: leapingClock() })
const call = (action: string): Call => ({ service: 'EC2', action, input: {}, began: 0, ended: 0 })
const caught = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    value => `came back with ${value}`,
    error => error,
  )
const awsError = (name: string, message = name) => Object.assign(new Error(message), { name })

test('together gives back what all of them gave, in order', async () =>
  assert.equal(await together([Promise.resolve(1), 'two', false, undefined, Promise.resolve([3])]), [
    1,
    'two',
    false,
    undefined,
    [3],
  ]))

test('together of nothing is nothing', async () => assert.equal(await together([]), []))

test('together waits for all before it fails, so that no call is left in the air', async () => {
  const ended: string[] = []
  let fail = (_: Error) => {}
  const fails = new Promise<void>((_, reject) => {
    fail = reject
  })
  const slow = fails
    .catch(() => {})
    .then(() => undefined)
    .then(() => ended.push('slow'))
  const all = caught(together([fails, slow]))
  fail(new Error('first'))
  assert.match(`${await all}`, 'first')
  assert.equal(ended, ['slow'])
})

test('together throws the failure that comes first in the list, though another came first in time', async () => {
  let failLate = (_: Error) => {}
  const late = new Promise((_, reject) => {
    failLate = reject
  })
  const all = caught(together([late, Promise.reject(new Error('early'))]))
  failLate(new Error('late'))
  assert.is(((await all) as Error).message, 'late')
})

test('only: nothing of none, and one of one', () => {
  const id = (text: string) => text
  assert.is(only(undefined, 'VPCs', id), undefined)
  assert.is(only([], 'VPCs', id), undefined)
  assert.is(only(['vpc-1'], 'VPCs', id), 'vpc-1')
})

test('only: of several it takes none, and names them all', () => {
  assert.throws(
    () => only([{ id: 'vpc-1' }, { id: 'vpc-2' }], 'VPCs', one => one.id),
    (error: unknown) =>
      error instanceof UserError &&
      error.exitCode === 1 &&
      error.message ===
        "There are 2 of this cluster's VPCs (vpc-1, vpc-2) where there should be one; delete all but the right one, or run kube-down.",
  )
})

test('every collects the items of every page, and a page may have none', async () => {
  async function* pages() {
    yield { Items: [1, 2] }
    yield {}
    yield { Items: [3] }
  }
  assert.equal(await every(pages(), (page: { Items?: number[] }) => page.Items), [1, 2, 3])
})

test('ensure takes what is there and creates nothing', async () => {
  const here = cluster()
  const found = await ensure(here, 'VPC', {
    find: async () => ({ id: 'vpc-1' }),
    create: async () => assert.unreachable('nothing to create'),
  } as never)
  assert.equal(found, { id: 'vpc-1', isNew: false })
  assert.equal([here.journal.steps[0]?.id, here.journal.steps[0]?.outcome], ['vpc-1', 'already there'])
})

test('ensure creates what is absent', async () => {
  const here = cluster()
  const made = await ensure(here, 'VPC', { find: async () => undefined, create: async () => ({ id: 'vpc-1' }) })
  assert.equal(made, { id: 'vpc-1', isNew: true })
  assert.is(here.journal.steps[0]?.outcome, 'created')
})

test('within what is new, ensure does not even look', async () => {
  const made = await ensure(cluster(), 'subnet', {
    within: { isNew: true },
    find: async (): Promise<{ id: string } | undefined> => assert.unreachable('looked') as undefined,
    create: async () => ({ id: 'subnet-1' }),
  })
  assert.equal(made, { id: 'subnet-1', isNew: true })
})

test('within what was there, ensure looks', async () => {
  const found = await ensure(cluster(), 'subnet', {
    within: { isNew: false },
    find: async () => ({ id: 'subnet-1' }),
    create: async () => ({ id: 'subnet-2' }),
  })
  assert.equal(found, { id: 'subnet-1', isNew: false })
})

const repairs: [what: string, found: { id: string; shared?: boolean } | undefined, calls: string[], outcome: string][] =
  [
    ['a repair that only looks leaves it already there', { id: 'x' }, ['DescribeRoutes'], 'already there'],
    ['a repair that changes something mends it', { id: 'x' }, ['DescribeRoutes', 'CreateRoute'], 'mended'],
    ['what is new is created, not mended', undefined, ['AttachInternetGateway'], 'created'],
    ["the person's own is kept", { id: 'x', shared: true }, ['CreateTags'], 'yours, kept'],
  ]
for (const [what, found, calls, outcome] of repairs)
  test(what, async () => {
    const here = cluster()
    const repaired: Ensured<{ id: string }>[] = []
    await ensure<{ id: string; shared?: boolean }>(here, 'it', {
      find: async () => {
        here.journal.recordCall(call('DescribeIt'))
        return found
      },
      create: async () => {
        here.journal.recordCall(call('CreateIt'))
        return { id: 'x' }
      },
      repair: async it => {
        repaired.push(it)
        for (const action of calls) here.journal.recordCall(call(action))
      },
    })
    assert.is(here.journal.steps[0]?.outcome, outcome)
    assert.equal(
      repaired.map(it => [it.id, it.isNew]),
      [['x', found === undefined]],
    )
  })

test('ensure lets a failure to find through: what is ambiguous is not created once more', async () => {
  const here = cluster()
  const error = await caught(
    ensure(here, 'VPC', {
      find: async () => only([{ id: 'vpc-1' }, { id: 'vpc-2' }], 'VPCs', one => one.id),
      create: async (): Promise<{ id: string }> => assert.unreachable('created') as never,
    }),
  )
  assert.instance(error, UserError)
  assert.is(here.journal.steps[0]?.outcome, 'failed')
})

test('remove deletes each, and what is gone already is as good as deleted', async () => {
  const here = cluster()
  const asked: string[] = []
  await remove(here, 'subnet', ['subnet-1', 'subnet-2'], async id => {
    asked.push(id)
    if (id === 'subnet-2') throw awsError('InvalidSubnetID.NotFound')
  })
  assert.equal(asked, ['subnet-1', 'subnet-2'])
  assert.equal([here.journal.steps[0]?.id, here.journal.steps[0]?.outcome], ['subnet-1, subnet-2', 'deleted'])
})

test('remove tries the others though one fails, and then throws', async () => {
  const here = cluster()
  const asked: string[] = []
  const error = await caught(
    remove(here, 'subnet', ['subnet-1', 'subnet-2'], async id => {
      asked.push(id)
      if (id === 'subnet-1') throw awsError('UnauthorizedOperation')
    }),
  )
  assert.is((error as Error).name, 'UnauthorizedOperation')
  assert.equal(asked, ['subnet-1', 'subnet-2'])
  assert.is(here.journal.steps[0]?.outcome, 'failed')
})

/** A kind that AWS shows only after some looks, and how often it was made and looked for. */
function shy(looksUntilSeen: number, ...failures: Error[]) {
  const seen = { made: 0, looks: 0 }
  const find = async () => (++seen.looks > looksUntilSeen && seen.made > 0 ? { id: 'vpc-1' } : undefined)
  const create = async () => {
    seen.made += 1
    const failure = failures.shift()
    if (failure) throw failure
    return { id: `vpc-${seen.made}` }
  }
  return { seen, find, create }
}
const lost = () => new AnswerLost(new Error('ECONNRESET'))

test('where the answer was lost it looks again, for AWS shows late, and makes no second one', async () => {
  const { seen, ...making } = shy(3, lost())
  assert.equal(await createOnce(cluster(), 'VPC', making), { id: 'vpc-1' })
  assert.equal(seen, { made: 1, looks: 4 })
})

test('where nothing shows, the lost call did nothing, and it is made again', async () => {
  const { seen, ...making } = shy(Infinity, lost(), lost())
  assert.equal(await createOnce(cluster(), 'VPC', making), { id: 'vpc-3' })
  assert.is(seen.made, 3)
})

test('when the answer is lost every time, what broke the connection is told', async () => {
  const { seen, ...making } = shy(Infinity, ...Array.from({ length: 9 }, lost))
  assert.is(((await caught(createOnce(cluster(), 'VPC', making))) as Error).message, 'ECONNRESET')
  assert.is(seen.made, 8)
})

test('what is there already is used, and what is in the way and not the cluster’s is told in AWS’s words', async () => {
  const { seen, ...making } = shy(0, awsError('InvalidGroup.Duplicate'))
  assert.equal(await createOnce(cluster(), 'group', making), { id: 'vpc-1' })
  assert.is(seen.made, 1)
  const foreign = shy(Infinity, awsError('InvalidGroup.Duplicate', 'it exists'))
  assert.is(((await caught(createOnce(cluster(), 'group', foreign))) as Error).message, 'it exists')
})

test('any other refusal goes on at once, without a look', async () => {
  const { seen, ...making } = shy(0, awsError('UnauthorizedOperation'))
  assert.is(((await caught(createOnce(cluster(), 'VPC', making))) as Error).name, 'UnauthorizedOperation')
  assert.equal(seen, { made: 1, looks: 0 })
})

test.run()
