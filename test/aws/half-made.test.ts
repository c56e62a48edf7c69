import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isWhole } from '../../cluster/aws/half-made.ts'

const kinds =
  'vpc subnet internet-gateway route-table security-group security-group volume elastic-ip key-pair instance launch-template'
const ec2 = kinds.split(' ').map((kind, i) => ({ kind, id: `${i}` }))
const twice = [{}, {}]
const whole = {
  ec2,
  shared: [] as string[],
  configurations: [] as string[],
  groups: ['kubernetes-minion-group'],
  iam: { roles: twice, profiles: twice },
  buckets: [{ id: 'staging', shared: false }],
} as unknown as Parameters<typeof isWhole>[0]

test('a cluster that has all that kube-up makes is whole', () => assert.ok(isWhole(whole)))

for (const [i, { kind }] of ec2.entries())
  test(`without its ${kind} (${i}) it is not`, () =>
    assert.not.ok(isWhole({ ...whole, ec2: ec2.filter((_, at) => at !== i) })))

for (const [what, less] of Object.entries({
  group: { groups: [] },
  bucket: { buckets: [] },
  'second role': { iam: { ...whole.iam, roles: whole.iam.roles.slice(1) } },
  'second profile': { iam: { ...whole.iam, profiles: whole.iam.profiles.slice(1) } },
}))
  test(`without its ${what} it is not`, () => assert.not.ok(isWhole({ ...whole, ...less })))

const without = (...gone: string[]) => ec2.filter(({ kind }) => !gone.includes(kind))

test('a network that the person brought is not missed', () => {
  const some = without('vpc', 'subnet', 'internet-gateway', 'route-table')
  assert.ok(isWhole({ ...whole, ec2: some, shared: ['subnet-1', 'rtb-1'] }))
  assert.not.ok(isWhole({ ...whole, ec2: some }))
})

test('nodes from a launch configuration need no template', () => {
  assert.ok(isWhole({ ...whole, ec2: without('launch-template'), configurations: ['kubernetes-minion-group-1'] }))
})

test.run()
