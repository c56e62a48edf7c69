import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { config as defaults } from '../../cluster/aws/config-default.ts'
import { config, variables } from '../../cluster/aws/config-test.ts'

test('the small variant has two nodes, no monitoring, no volumes, no logging and a name of its own; all else is the same', () => {
  assert.equal(config({ USER: 'ada' }), {
    ...defaults({}),
    NUM_NODES: 2,
    KUBE_AUTOSCALER_MAX_NODES: 2,
    KUBE_AWS_INSTANCE_PREFIX: 'e2e-test-ada',
    KUBE_ENABLE_CLUSTER_MONITORING: 'none',
    KUBE_ENABLE_DEFAULT_STORAGE_CLASS: false,
    KUBE_ENABLE_NODE_LOGGING: false,
    KUBE_CONFIG_CONTEXT: 'aws_e2e-test-ada',
  })
})

test('what the person sets wins here too', () => {
  const settings = config({ USER: 'ada', NUM_NODES: '7', KUBE_AWS_INSTANCE_PREFIX: 'mine' })
  assert.is(settings.NUM_NODES, 7)
  assert.is(settings.KUBE_AWS_INSTANCE_PREFIX, 'mine')
})

const users: [user: string, prefix: string][] = [
  ['ada', 'e2e-test-ada'],
  ['Ada.Lovelace', 'e2e-test-ada-lovelace'],
  ['ada_lovelace@example.com', 'e2e-test-ada-lovelace-example-com'],
  ['CORP\\ada', 'e2e-test-corp-ada'],
  ['--ada--', 'e2e-test-ada'],
  ['адa', 'e2e-test-a'],
  ['漢字', 'e2e-test-user'],
  ['', 'e2e-test-user'],
  ['$(id)', 'e2e-test-id'],
  ['a'.repeat(10_000), `e2e-test-${'a'.repeat(30)}`],
  // Cut where a hyphen happens to be.
  [`${'a'.repeat(29)}.b`, `e2e-test-${'a'.repeat(29)}`],
]
for (const [user, prefix] of users)
  test(`the user ${JSON.stringify(user.slice(0, 40))} gets the prefix ${prefix}`, () =>
    assert.is(config({ USER: user }).KUBE_AWS_INSTANCE_PREFIX, prefix))

test('where USER is not set, LOGNAME is the name', () =>
  assert.is(config({ LOGNAME: 'grace' }).KUBE_AWS_INSTANCE_PREFIX, 'e2e-test-grace'))

test('nobody is called user', () => assert.is(config({}).KUBE_AWS_INSTANCE_PREFIX, 'e2e-test-user'))

test('it has the same variables, and changes nothing but defaults', () => {
  const own = variables('ada')
  const theirs = variables('grace')
  assert.equal(Object.keys(own), Object.keys(theirs))
  assert.is(own.NUM_NODES.check, theirs.NUM_NODES.check)
  assert.throws(() => config({ NUM_NODES: 'x' }), /NUM_NODES="x" must be a whole number/)
})

test.run()
