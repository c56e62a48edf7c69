import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Cluster, connect } from '../../cluster/aws/cluster.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { ensure } from '../../cluster/aws/steps.ts'
import { leapingClock } from '../support/clock.ts'

const refused = (name: string) => Object.assign(new Error(name), { name })

/** A bucket with room for one object, which it writes as S3 does: only if it is as the writer says. */
class OneObject {
  text: string | undefined
  written = 0
  /** Whether the answer to a write goes missing, and the SDK sends it again. */
  losesAnswers = false
  getObject = async () => {
    const { text } = this
    if (text === undefined) throw refused('NoSuchKey')
    return { ETag: `"${text}"`, Body: { transformToString: async () => text } }
  }
  putObject = async ({ Body, IfMatch, IfNoneMatch }: { Body: string; IfMatch?: string; IfNoneMatch?: string }) => {
    const as = this.text === undefined ? IfNoneMatch === '*' : IfMatch === `"${this.text}"`
    if (!as) throw refused('PreconditionFailed')
    this.text = Body
    this.written += 1
    if (this.losesAnswers) throw refused('PreconditionFailed')
  }
}

const kubeUp = (s3: OneObject, nameWasTaken = true): Cluster => ({
  ...connect(config({}), new Journal(), { clock: leapingClock() }),
  s3: s3 as never,
  turns: nameWasTaken ? { where: Promise.resolve({ id: 'bucket', shared: false }) } : {},
})

/** A kind of which AWS makes as many as it is told to. */
function kind(name = 'VPC') {
  const made: { id: string }[] = []
  const seen = { looks: 0 }
  const find = async () => {
    seen.looks += 1
    return made[0]
  }
  const create = async () => {
    const one = { id: `${name}-${made.length}` }
    made.push(one)
    return one
  }
  const by = (cluster: Cluster, hasNoName = true) => ensure(cluster, name, { hasNoName, find, create })
  return { made, seen, by }
}

test('whoever took the name makes it after one look, and asks no one', async () => {
  const s3 = new OneObject()
  const vpc = kind()
  await vpc.by(kubeUp(s3, false))
  assert.equal([vpc.made.length, vpc.seen.looks, s3.written], [1, 1, 0])
})

test('what AWS makes once of a name is looked for once, and no turn is taken for it', async () => {
  const s3 = new OneObject()
  const role = kind('role')
  await role.by(kubeUp(s3), false)
  assert.equal([role.made.length, role.seen.looks, s3.written], [1, 1, 0])
})

test('who finds it takes no turn', async () => {
  const s3 = new OneObject()
  const vpc = kind()
  vpc.made.push({ id: 'vpc-1' })
  assert.is((await vpc.by(kubeUp(s3))).id, 'vpc-1')
  assert.equal([vpc.seen.looks, s3.written], [1, 0])
})

test('who finds nothing though the name was taken looks for a while, then takes one turn for all that is missing', async () => {
  const s3 = new OneObject()
  const one = kubeUp(s3)
  const kinds = [kind('VPC'), kind('volume'), kind('address')]
  await Promise.all(kinds.map(kind => kind.by(one)))
  assert.equal(
    kinds.map(({ made }) => made.length),
    [1, 1, 1],
  )
  assert.is(s3.written, 1)
  assert.ok(kinds.every(({ seen }) => seen.looks > 3))
  const later = kind('gateway')
  await later.by(one)
  assert.equal([later.made.length, later.seen.looks, s3.written], [1, 1, 1])
})

for (const left of [undefined, 'by a run that was killed'])
  test(`of five that find nothing one makes it, and the others use that; a turn was left: ${left ?? 'no'}`, async () => {
    const s3 = new OneObject()
    s3.text = left
    const [vpc, volume] = [kind('VPC'), kind('volume')]
    const all = Array.from({ length: 5 }, () => kubeUp(s3))
    const ids = await Promise.all(all.flatMap(one => [vpc.by(one), volume.by(one)]))
    assert.equal([...new Set(ids.map(({ id }) => id))].sort(), ['VPC-0', 'volume-0'])
    assert.equal([vpc.made.length, volume.made.length], [1, 1])
  })

test('a turn whose answer was lost is had all the same', async () => {
  const s3 = new OneObject()
  s3.losesAnswers = true
  const vpc = kind()
  await vpc.by(kubeUp(s3))
  assert.equal([vpc.made.length, s3.written], [1, 1])
})

test('others that take every turn and make nothing are told of, and nothing is made', async () => {
  const s3 = new OneObject()
  let others = 0
  const { putObject } = s3
  s3.putObject = async wanted => {
    s3.text = `another's, ${others++}`
    await putObject(wanted)
  }
  const vpc = kind()
  const told = await vpc.by(kubeUp(s3)).then(
    () => 'it was made',
    error => error.message,
  )
  assert.match(told, /^Other kube-ups of cluster kubernetes are at work, and none has made its VPC; let them end, then/)
  assert.is(vpc.made.length, 0)
})

test('S3’s other refusals go on', async () => {
  const s3 = new OneObject()
  s3.putObject = async () => {
    throw refused('AccessDenied')
  }
  const told = await kind()
    .by(kubeUp(s3))
    .then(
      () => 'it was made',
      error => error.name,
    )
  assert.is(told, 'AccessDenied')
})

test.run()
