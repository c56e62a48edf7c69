import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { asks, type Call, Journal, type Step } from '../../cluster/aws/journal.ts'

const call = (action: string): Call => ({ service: 'EC2', action, input: {}, began: 0, ended: 0 })
const actions = (step: Step | undefined) => step?.calls.map(one => one.action)

/** A promise, and the way to keep it from outside. */
function gate() {
  let open = () => {}
  const opened = new Promise<void>(resolve => {
    open = resolve
  })
  return { open, opened }
}

test('a step returns what its work returns, and is remembered with its name, id and outcome', async () => {
  const journal = new Journal()
  const result = await journal.step('VPC', async step => {
    step.id = 'vpc-1'
    step.outcome = 'created'
    return 42
  })
  assert.is(result, 42)
  const [step] = journal.steps
  assert.equal([step?.name, step?.id, step?.outcome], ['VPC', 'vpc-1', 'created'])
  assert.type(step?.ended, 'number')
})

test('a step that does not say how it ended is done', async () => {
  const journal = new Journal()
  await journal.step('look', async () => {})
  assert.is(journal.steps[0]?.outcome, 'done')
})

test('a step that throws failed, whatever it said before, and the error goes on', async () => {
  const journal = new Journal()
  const error = new Error('no')
  const thrown: unknown = await journal
    .step('VPC', async step => {
      step.outcome = 'created'
      throw error
    })
    .catch(caught => caught)
  assert.is(thrown, error)
  assert.is(journal.steps[0]?.outcome, 'failed')
  assert.type(journal.steps[0]?.ended, 'number')
})

test('steps side by side get their own calls, however these interleave', async () => {
  const journal = new Journal()
  const first = gate()
  const second = gate()
  await Promise.all([
    journal.step('a', async () => {
      journal.recordCall(call('DescribeA'))
      first.open()
      await second.opened
      journal.recordCall(call('CreateA'))
    }),
    journal.step('b', async () => {
      await first.opened
      journal.recordCall(call('DescribeB'))
      second.open()
      await Promise.all([1, 2].map(async n => journal.recordCall(call(`CreateB${n}`))))
    }),
  ])
  assert.equal(journal.steps.map(actions), [
    ['DescribeA', 'CreateA'],
    ['DescribeB', 'CreateB1', 'CreateB2'],
  ])
})

test('a step within a step has its own calls, and the outer one goes on with its own', async () => {
  const journal = new Journal()
  await journal.step('outer', async () => {
    journal.recordCall(call('one'))
    await journal.step('inner', async () => journal.recordCall(call('two')))
    journal.recordCall(call('three'))
  })
  assert.equal(journal.steps.map(actions), [['one', 'three'], ['two']])
})

test('a call outside of any step belongs to none', () => {
  const journal = new Journal()
  journal.recordCall(call('GetCallerIdentity'))
  assert.equal(journal.steps, [])
})

test('two journals do not hear of each other', async () => {
  const [one, other] = [new Journal(), new Journal()]
  await one.step('a', async () => other.recordCall(call('x')))
  assert.equal(actions(one.steps[0]), [])
})

test('listeners hear when a step begins, waits and ends', async () => {
  const journal = new Journal()
  const heard: string[] = []
  journal.onChange(step =>
    heard.push(step.ended !== undefined ? `${step.name} ${step.outcome}` : `${step.name} ${step.waiting ?? 'begins'}`),
  )
  await journal.step('nodes', async () => journal.waiting('2 nodes to run'))
  assert.equal(heard, ['nodes begins', 'nodes 2 nodes to run', 'nodes done'])
})

test('a step that ended waits for nothing, and work it left behind cannot bring it back', async () => {
  const journal = new Journal()
  const late = gate()
  let leftBehind: Promise<void> = Promise.resolve()
  await journal.step('nodes', async () => {
    journal.waiting('something')
    leftBehind = late.opened.then(() => journal.waiting('too late'))
  })
  late.open()
  await leftBehind
  assert.not.ok('waiting' in (journal.steps[0] ?? {}))
})

test('words about waiting outside of any step are lost, and harm nobody', () =>
  assert.not.throws(() => new Journal().waiting('?')))

test('notes are kept in order', () => {
  const journal = new Journal()
  journal.note('one')
  journal.note('two')
  assert.equal(journal.notes, ['one', 'two'])
})

for (const action of ['DescribeVpcs', 'GetRole', 'ListBuckets', 'HeadBucket'])
  test(`${action} only asks`, () => assert.is(asks(action), true))

const changes = [
  'CreateVpc',
  'RunInstances',
  'PutRolePolicy',
  'DeleteTags',
  'AttachVolume',
  'ImportKeyPair',
  'UploadPart',
]
for (const action of [...changes, 'AuthorizeSecurityGroupIngress', 'ModifyVpcAttribute', 'TargetDescribe'])
  test(`${action} changes something`, () => assert.is(asks(action), false))

test.run()
