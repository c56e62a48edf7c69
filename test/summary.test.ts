import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../cluster/aws/cluster.ts'
import type { Env } from '../cluster/aws/config.ts'
import { config } from '../cluster/aws/config-default.ts'
import { Journal } from '../cluster/aws/journal.ts'
import type { Up } from '../cluster/aws/up.ts'
import { billed, removal, resources, summary } from '../cluster/summary.ts'

const cluster = (env: Env = {}) => connect(config(env), new Journal())

const removals: [what: string, env: Env, command: string][] = [
  ['the default cluster', {}, 'npm run kube-down'],
  ['another zone', { KUBE_AWS_ZONE: 'eu-central-1c' }, 'KUBE_AWS_ZONE=eu-central-1c npm run kube-down'],
  ['another name', { KUBE_AWS_INSTANCE_PREFIX: 'dev' }, 'KUBE_AWS_INSTANCE_PREFIX=dev npm run kube-down'],
  ['a bucket of my own', { AWS_S3_BUCKET: 'mine' }, 'AWS_S3_BUCKET=mine npm run kube-down'],
  ['the local AWS', { KUBERNETES_PROVIDER: 'local', NUM_NODES: '9' }, 'KUBERNETES_PROVIDER=local npm run kube-down'],
  [
    'all of it',
    {
      KUBERNETES_PROVIDER: 'local',
      KUBE_AWS_ZONE: 'us-east-1a',
      KUBE_AWS_INSTANCE_PREFIX: 'dev',
      AWS_S3_BUCKET: 'mine',
    },
    'KUBERNETES_PROVIDER=local KUBE_AWS_ZONE=us-east-1a KUBE_AWS_INSTANCE_PREFIX=dev AWS_S3_BUCKET=mine npm run kube-down',
  ],
  [
    'what does not help to find it',
    { NUM_NODES: '9', MASTER_SIZE: 'm7i.large', SSH_CIDR: '0.0.0.0/0' },
    'npm run kube-down',
  ],
]
for (const [what, env, command] of removals)
  test(`${what} is removed with: ${command}`, () => assert.is(removal(cluster(env)), command))

test("it names the region of the bucket where it is not the cluster's, for kube-down looks in one region only", () => {
  assert.is(removal(cluster({ AWS_S3_REGION: 'eu-west-1' })), 'AWS_S3_REGION=eu-west-1 npm run kube-down')
  assert.is(removal(cluster({ AWS_S3_REGION: 'us-west-2' })), 'npm run kube-down')
})

const bills: [what: string, env: Env, ownMaster: boolean, expected: string[]][] = [
  [
    'the default cluster',
    {},
    true,
    ['1 c7i-flex.large', '4 t3.small', '5 public IPv4 addresses', '164 GiB of volumes'],
  ],
  [
    'nodes without public addresses',
    { KUBE_ENABLE_NODE_PUBLIC_IP: 'false' },
    true,
    ['1 c7i-flex.large', '4 t3.small', '1 public IPv4 address', '164 GiB of volumes'],
  ],
  ['no nodes', { NUM_NODES: '0' }, true, ['1 c7i-flex.large', '1 public IPv4 address', '36 GiB of volumes']],
  [
    'spot nodes',
    { NODE_SPOT_PRICE: '0.05', NUM_NODES: '2' },
    true,
    ['1 c7i-flex.large', '2 t3.small (spot)', '3 public IPv4 addresses', '100 GiB of volumes'],
  ],
  [
    'more nodes for a master that is there',
    { KUBE_USE_EXISTING_MASTER: 'true', NUM_NODES: '2' },
    false,
    ['2 t3.small', '2 public IPv4 addresses', '64 GiB of volumes'],
  ],
  ['nothing that costs', { KUBE_USE_EXISTING_MASTER: 'true', NUM_NODES: '0' }, false, []],
]
for (const [what, env, ownMaster, expected] of bills)
  test(`${what} costs by the hour: ${expected.join(', ') || 'nothing'}`, () =>
    assert.equal(billed({ config: config(env) }, ownMaster), expected))

const up = {
  bucket: { id: 'kubernetes-staging-0', shared: false },
  vpc: { id: 'vpc-1' },
  subnet: { id: 'subnet-1' },
  address: { id: 'eipalloc-1', ip: '203.0.113.7' },
  publicIp: '203.0.113.7',
  master: { id: 'i-1', state: 'running' },
  nodes: { id: 'kubernetes-minion-group', inService: 4, size: 4, bounds: { min: 4, max: 4 }, autoscaled: false },
} as unknown as Up

test('the summary says what stands, how to reach it, what it costs and how to remove it', () => {
  const { words, exitCode } = summary(cluster(), up)
  for (const said of ['203.0.113.7', 'i-1', 'kubernetes-minion-group', 'vpc-1', 's3://kubernetes-staging-0'])
    assert.ok(words.includes(said), said)
  assert.match(words, 'ssh -i ~/.ssh/kube_aws_rsa admin@203.0.113.7')
  assert.match(words, /billed hourly +1 c7i-flex\.large, 4 t3\.small/)
  assert.match(words, /remove it +npm run kube-down$/)
  assert.is(exitCode, undefined)
})

test('with an autoscaler it says how many nodes there may be, and what those that are there cost', () => {
  const nodes = { ...up.nodes, inService: 3, size: 3, bounds: { min: 1, max: 5 } }
  const { words } = summary(cluster({ KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true' }), { ...up, nodes })
  assert.match(words, /nodes +3 of 1 to 5 t3\.small/)
  assert.match(words, /billed hourly +1 c7i-flex\.large, 3 t3\.small, 4 public/)
})

test('a cluster that was waited for is told in the original’s words, with the way to it', () => {
  const { words, facts } = summary(cluster(), up)
  assert.match(words, /^Kubernetes cluster is running\. The master is running at:\n\n {2}https:\/\/203\.0\.113\.7\n/)
  assert.match(words, /kubectl +kubectl --context aws_kubernetes get nodes\n/)
  assert.is((facts as { server: string }).server, 'https://203.0.113.7')
})

test('a context that a shell would take apart is quoted', () =>
  assert.match(
    summary(cluster({ KUBE_CONFIG_CONTEXT: "Ada's $(cluster)" }), up).words,
    `--context 'Ada'\\''s $(cluster)' get`,
  ))

test('of a cluster that was not waited for nobody says that it is running', () => {
  const { words } = summary(cluster({ KUBE_WAIT: '0' }), up)
  assert.not.match(words, 'is running')
  assert.match(words, /is said by: npm run validate-cluster\n/)
})

test('on the local AWS kubectl is there where the machines are', () => {
  const local = (env: Env) => summary(cluster({ KUBERNETES_PROVIDER: 'local', ...env }), up).words
  assert.match(local({}), /npm run kubectl:local -- --context aws_kubernetes get nodes/)
  assert.match(local({}), /^Kubernetes cluster is running/)
  assert.not.match(local({ KUBE_LOCAL_MACHINES: 'false' }), /kubectl|is running/)
})

for (const [distribution, user] of [
  ['debian', 'admin'],
  ['ubuntu', 'ubuntu'],
  ['flatcar', 'core'],
])
  test(`on ${distribution} one logs in as ${user}`, () =>
    assert.match(summary(cluster({ KUBE_OS_DISTRIBUTION: distribution }), up).words, `${user}@203.0.113.7`))

test('on the local AWS nothing is billed and nobody logs in', () => {
  const { words } = summary(cluster({ KUBERNETES_PROVIDER: 'local' }), up)
  assert.match(words, /billed hourly +nothing/)
  assert.not.match(words, 'ssh ')
})

test('the facts survive JSON, and hold what a script needs', () => {
  const { facts } = summary(cluster(), up)
  const read = JSON.parse(JSON.stringify(facts)) as Record<string, unknown>
  assert.equal(read, facts)
  assert.equal(
    [read.cluster, read.region, read.vpc, read.subnet, read.bucket, read.remove],
    ['kubernetes', 'us-west-2', 'vpc-1', 'subnet-1', 'kubernetes-staging-0', 'npm run kube-down'],
  )
})

test('resources are a line each, kinds in a column', () =>
  assert.is(
    resources([
      { kind: 'vpc', id: 'vpc-1' },
      { kind: 'launch-configuration', id: 'dev' },
    ]),
    '  vpc                    vpc-1\n  launch-configuration   dev',
  ))

test.run()
