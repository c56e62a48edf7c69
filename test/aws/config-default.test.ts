import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Env } from '../../cluster/aws/config.ts'
import { type Config, config, regionOf, variables } from '../../cluster/aws/config-default.ts'
import { architectureOf } from '../../cluster/aws/images.ts'

test('with nothing set, the defaults are those of the original, brought up to date', () => {
  assert.equal(config({}), {
    KUBERNETES_PROVIDER: 'aws',
    KUBE_AWS_ZONE: 'us-west-2a',
    KUBE_AWS_INSTANCE_PREFIX: 'kubernetes',
    NUM_NODES: 4,
    MASTER_SIZE: 'c7i-flex.large',
    NODE_SIZE: 't3.small',
    MASTER_DISK_TYPE: 'gp3',
    MASTER_DISK_SIZE: 20,
    MASTER_ROOT_DISK_TYPE: 'gp3',
    MASTER_ROOT_DISK_SIZE: 16,
    NODE_ROOT_DISK_TYPE: 'gp3',
    NODE_ROOT_DISK_SIZE: 32,
    AWS_S3_BUCKET: undefined,
    AWS_S3_REGION: 'us-west-2',
    AWS_SSH_KEY: '~/.ssh/kube_aws_rsa',
    AWS_IMAGE: undefined,
    KUBE_NODE_IMAGE: undefined,
    KUBE_OS_DISTRIBUTION: 'debian',
    VPC_NAME: 'kubernetes-vpc',
    VPC_ID: undefined,
    SUBNET_ID: undefined,
    KUBE_VPC_CIDR_BASE: '172.20',
    KUBE_SUBNET_CIDR: '172.20.0.0/24',
    MASTER_INTERNAL_IP: '172.20.0.9',
    MASTER_RESERVED_IP: undefined,
    CLUSTER_IP_RANGE: '10.244.0.0/16',
    SERVICE_CLUSTER_IP_RANGE: '10.0.0.0/16',
    DNS_SERVER_IP: '10.0.0.10',
    DNS_DOMAIN: 'cluster.local',
    MASTER_IP_RANGE: '10.246.0.0/24',
    NON_MASQUERADE_CIDR: '10.0.0.0/8',
    SSH_CIDR: 'auto',
    HTTP_API_CIDR: ['0.0.0.0/0'],
    KUBE_ENABLE_NODE_PUBLIC_IP: true,
    NODE_SPOT_PRICE: undefined,
    KUBE_LOCAL_MACHINES: true,
    KUBE_USE_EXISTING_MASTER: false,
    KUBE_NODE_LAUNCH: 'template',
    KUBE_TAGS: [],
    KUBE_ENABLE_CLUSTER_MONITORING: 'metrics-server',
    KUBE_ENABLE_CLUSTER_DNS: true,
    KUBE_ENABLE_DEFAULT_STORAGE_CLASS: true,
    KUBE_ENABLE_NODE_LOGGING: false,
    KUBE_ENABLE_CLUSTER_LOGGING: false,
    KUBE_LOGGING_DESTINATION: false,
    KUBE_ENABLE_CLUSTER_UI: false,
    KUBE_ENABLE_CLUSTER_AUTOSCALER: false,
    KUBE_AUTOSCALER_MIN_NODES: 1,
    KUBE_AUTOSCALER_MAX_NODES: 4,
    KUBE_CONFIG_CONTEXT: 'aws_kubernetes',
    KUBECONFIG: '~/.kube/config',
    KUBE_WAIT: 900,
    KUBERNETES_VERSION: 'v1.37.1',
    KUBERNETES_SERVER_TAR: undefined,
    KUBE_COMPONENTS_TAR: undefined,
  })
})

test('the local provider has smaller defaults, and asks nobody who is calling', () => {
  const { NUM_NODES, SSH_CIDR, KUBE_WAIT } = config({ KUBERNETES_PROVIDER: 'local' })
  assert.equal({ NUM_NODES, SSH_CIDR, KUBE_WAIT }, { NUM_NODES: 2, SSH_CIDR: ['198.51.100.1/32'], KUBE_WAIT: 45 * 60 })
})

test('machines that do not boot are not waited for', () =>
  assert.is(config({ KUBERNETES_PROVIDER: 'local', KUBE_LOCAL_MACHINES: 'false' }).KUBE_WAIT, 0))

test('what the person says wins over the local defaults too', () => {
  const env = { KUBERNETES_PROVIDER: 'local', NUM_NODES: '3', SSH_CIDR: 'auto', KUBE_WAIT: '1m' }
  const { NUM_NODES, SSH_CIDR, KUBE_WAIT } = config(env)
  assert.equal({ NUM_NODES, SSH_CIDR, KUBE_WAIT }, { NUM_NODES: 3, SSH_CIDR: 'auto', KUBE_WAIT: 60 })
})

/** Wide enough for any number of nodes. */
const wide = { KUBE_SUBNET_CIDR: '172.20.0.0/16', CLUSTER_IP_RANGE: '11.0.0.0/8' }

const sizes: [nodes: number, master: string, node: string][] = [
  [0, 'c7i-flex.large', 't3.small'],
  [1, 'c7i-flex.large', 't3.small'],
  [5, 'c7i-flex.large', 't3.small'],
  [6, 'm7i-flex.large', 't3.small'],
  [10, 'm7i-flex.large', 't3.small'],
  [11, 'm7i.xlarge', 't3.small'],
  [49, 'm7i.xlarge', 't3.small'],
  [50, 'm7i.xlarge', 't3.medium'],
  [100, 'm7i.xlarge', 't3.medium'],
  [101, 'm7i.2xlarge', 't3.medium'],
  [149, 'm7i.2xlarge', 't3.medium'],
  [150, 'm7i.2xlarge', 't3.large'],
  [250, 'm7i.2xlarge', 't3.large'],
  [251, 'm7i.4xlarge', 't3.large'],
  [500, 'm7i.4xlarge', 't3.large'],
  [501, 'm7i.8xlarge', 't3.large'],
  [5000, 'm7i.8xlarge', 't3.large'],
]
for (const [nodes, master, node] of sizes)
  test(`${nodes} nodes make the master a ${master} and the nodes ${node}s`, () => {
    const { MASTER_SIZE, NODE_SIZE } = config({ ...wide, NUM_NODES: `${nodes}` })
    assert.equal([MASTER_SIZE, NODE_SIZE], [master, node])
  })

test('sizes grow with the old name of NUM_NODES too', () => {
  const { NUM_NODES, MASTER_SIZE, NODE_SIZE } = config({ ...wide, NUM_MINIONS: '200' })
  assert.equal([NUM_NODES, MASTER_SIZE, NODE_SIZE], [200, 'm7i.2xlarge', 't3.large'])
})

test('sizes that the person chose do not grow', () => {
  const { MASTER_SIZE, NODE_SIZE } = config({
    ...wide,
    NUM_NODES: '1000',
    MASTER_SIZE: 't4g.small',
    NODE_SIZE: 't4g.micro',
  })
  assert.equal([MASTER_SIZE, NODE_SIZE], ['t4g.small', 't4g.micro'])
})

test('all sizes that follow from NUM_NODES are of one architecture, so one release serves them', () => {
  for (const [nodes] of sizes) {
    const { MASTER_SIZE, NODE_SIZE } = config({ ...wide, NUM_NODES: `${nodes}` })
    assert.is(architectureOf(MASTER_SIZE), architectureOf(NODE_SIZE), `${nodes} nodes`)
  }
})

test('up to 10 nodes, the sizes may be launched on a Free-plan account', () => {
  const free = ['t3.micro', 't3.small', 't4g.micro', 't4g.small', 'c7i-flex.large', 'm7i-flex.large']
  for (const nodes of [1, 2, 4, 5, 6, 10]) {
    const { MASTER_SIZE, NODE_SIZE } = config({ NUM_NODES: `${nodes}` })
    assert.ok(free.includes(MASTER_SIZE), MASTER_SIZE)
    assert.ok(free.includes(NODE_SIZE), NODE_SIZE)
  }
})

const regions: [zone: string, region: string][] = [
  ['us-west-2a', 'us-west-2'],
  ['us-west-2-lax-1a', 'us-west-2'],
  ['us-east-1-bos-1a', 'us-east-1'],
  ['ap-southeast-2-per-1a', 'ap-southeast-2'],
  ['us-gov-west-1a', 'us-gov-west-1'],
  ['us-iso-east-1b', 'us-iso-east-1'],
  ['us-isob-east-1a', 'us-isob-east-1'],
  ['cn-north-1a', 'cn-north-1'],
  ['cn-northwest-1c', 'cn-northwest-1'],
  ['eu-central-1c', 'eu-central-1'],
  ['ap-northeast-3a', 'ap-northeast-3'],
  ['mx-central-1a', 'mx-central-1'],
  ['il-central-1b', 'il-central-1'],
  // The European Sovereign Cloud, whose region's first word has four letters.
  ['eusc-de-east-1a', 'eusc-de-east-1'],
]
for (const [zone, region] of regions)
  test(`the zone ${zone} is in ${region}, and the bucket with it`, () => {
    const settings = config({ KUBE_AWS_ZONE: zone })
    assert.is(regionOf(settings), region)
    assert.is(settings.AWS_S3_REGION, region)
  })

const follows: [what: string, env: Env, expected: Partial<Config>][] = [
  [
    'the subnet and the master move with the VPC',
    { KUBE_VPC_CIDR_BASE: '10.99' },
    { KUBE_SUBNET_CIDR: '10.99.0.0/24', MASTER_INTERNAL_IP: '10.99.0.9' },
  ],
  [
    "the master's address is the subnet's 9th",
    { KUBE_SUBNET_CIDR: '172.20.4.128/25' },
    { MASTER_INTERNAL_IP: '172.20.4.137' },
  ],
  [
    "the DNS server is the services' 10th",
    { SERVICE_CLUSTER_IP_RANGE: '100.64.255.0/24' },
    { DNS_SERVER_IP: '100.64.255.10' },
  ],
  ['the bucket may be in another region', { AWS_S3_REGION: 'eu-west-1' }, { AWS_S3_REGION: 'eu-west-1' }],
  [
    "the nodes have the master's image",
    { AWS_IMAGE: 'ami-0123456789abcdef0' },
    { AWS_IMAGE: 'ami-0123456789abcdef0', KUBE_NODE_IMAGE: 'ami-0123456789abcdef0' },
  ],
  [
    'unless they are given one',
    { AWS_IMAGE: 'ami-0123456789abcdef0', KUBE_NODE_IMAGE: 'ami-01234567' },
    { AWS_IMAGE: 'ami-0123456789abcdef0', KUBE_NODE_IMAGE: 'ami-01234567' },
  ],
  [
    'an image for the nodes leaves the master its own',
    { KUBE_NODE_IMAGE: 'ami-01234567' },
    { AWS_IMAGE: undefined, KUBE_NODE_IMAGE: 'ami-01234567' },
  ],
  ["the context has the cluster's name", { KUBE_AWS_INSTANCE_PREFIX: 'dev' }, { KUBE_CONFIG_CONTEXT: 'aws_dev' }],
]
for (const [what, env, expected] of follows)
  test(what, () => {
    const settings = config(env)
    for (const [name, value] of Object.entries(expected)) assert.is(settings[name as keyof Config], value, name)
  })

const good: { readonly [Name in keyof Config]?: readonly [text: string, value: unknown][] } = {
  KUBERNETES_PROVIDER: [['aws', 'aws']],
  KUBE_AWS_INSTANCE_PREFIX: [
    ['k', 'k'],
    [`k${'-0'.repeat(19)}x`, `k${'-0'.repeat(19)}x`],
  ],
  NUM_NODES: [
    ['0', 0],
    ['1', 1],
    ['250', 250],
  ],
  MASTER_SIZE: [
    ['u7i-12tb.224xlarge', 'u7i-12tb.224xlarge'],
    ['r8g.metal-24xl', 'r8g.metal-24xl'],
  ],
  MASTER_DISK_TYPE: [['gp2', 'gp2']],
  MASTER_DISK_SIZE: [
    ['1', 1],
    ['16384', 16384],
  ],
  AWS_S3_BUCKET: [
    ['abc', 'abc'],
    [`b${'0'.repeat(62)}`, `b${'0'.repeat(62)}`],
  ],
  AWS_SSH_KEY: [['/home/me/my keys/id_ed25519', '/home/me/my keys/id_ed25519']],
  AWS_IMAGE: [['ami-0123456789abcdef0', 'ami-0123456789abcdef0']],
  KUBE_OS_DISTRIBUTION: [
    ['ubuntu', 'ubuntu'],
    ['flatcar', 'flatcar'],
  ],
  VPC_NAME: [['Réseau de Zoë + 1 = 2 @ home', 'Réseau de Zoë + 1 = 2 @ home']],
  VPC_ID: [['vpc-01234567', 'vpc-01234567']],
  MASTER_RESERVED_IP: [
    ['203.0.113.7', '203.0.113.7'],
    ['auto', undefined],
  ],
  DNS_DOMAIN: [
    ['k8s.example.com', 'k8s.example.com'],
    ['0', '0'],
    [`${'a'.repeat(63)}.example`, `${'a'.repeat(63)}.example`],
  ],
  SSH_CIDR: [
    ['auto', 'auto'],
    ['203.0.113.7', ['203.0.113.7/32']],
    ['203.0.113.7/32, 198.51.100.0/24', ['203.0.113.7/32', '198.51.100.0/24']],
    ['203.0.113.7,203.0.113.7/32', ['203.0.113.7/32']],
    ['0.0.0.0/0', ['0.0.0.0/0']],
  ],
  HTTP_API_CIDR: [['auto', 'auto']],
  KUBE_ENABLE_NODE_PUBLIC_IP: [
    ['false', false],
    ['true', true],
  ],
  NODE_SPOT_PRICE: [
    ['0.05', '0.05'],
    ['1', '1'],
  ],
  KUBE_USE_EXISTING_MASTER: [['true', true]],
  KUBE_LOCAL_MACHINES: [['false', false]],
  KUBE_NODE_LAUNCH: [['configuration', 'configuration']],
  KUBE_TAGS: [
    ['team=a', [{ Key: 'team', Value: 'a' }]],
    [
      ' team = a , cost center=42 ',
      [
        { Key: 'team', Value: 'a' },
        { Key: 'cost center', Value: '42' },
      ],
    ],
    ['formula=a=b', [{ Key: 'formula', Value: 'a=b' }]],
    ['empty=', [{ Key: 'empty', Value: '' }]],
  ],
  KUBE_ENABLE_CLUSTER_MONITORING: [['none', 'none']],
  KUBE_ENABLE_DEFAULT_STORAGE_CLASS: [['false', false]],
  KUBE_ENABLE_CLUSTER_DNS: [['false', false]],
  KUBE_ENABLE_NODE_LOGGING: [['false', false]],
  KUBE_ENABLE_CLUSTER_LOGGING: [['false', false]],
  KUBE_LOGGING_DESTINATION: [['false', false]],
  KUBE_ENABLE_CLUSTER_UI: [['false', false]],
  KUBE_ENABLE_CLUSTER_AUTOSCALER: [['true', true]],
  KUBE_AUTOSCALER_MIN_NODES: [['2', 2]],
  KUBE_AUTOSCALER_MAX_NODES: [['7', 7]],
  KUBE_CONFIG_CONTEXT: [['my cluster: "the" one', 'my cluster: "the" one']],
  KUBECONFIG: [['/a/config:/b/config', '/a/config:/b/config']],
  KUBE_WAIT: [
    ['0', 0],
    ['45', 45],
    ['90s', 90],
    ['15m', 900],
    ['2h', 7200],
  ],
  KUBERNETES_VERSION: [['v1.36.3', 'v1.36.3']],
  KUBE_COMPONENTS_TAR: [['/tmp/components-linux-amd64.tar', '/tmp/components-linux-amd64.tar']],
  KUBERNETES_SERVER_TAR: [['/tmp/kubernetes-server-linux-amd64.tar.gz', '/tmp/kubernetes-server-linux-amd64.tar.gz']],
}
for (const [name, pairs] of Object.entries(good))
  for (const [text, value] of pairs)
    test(`${name}=${text} is right`, () => assert.equal(config({ [name]: text })[name as keyof Config], value))

test('every variable takes an empty string for not set', () => {
  const empty = Object.fromEntries(Object.keys(variables).map(name => [name, '']))
  assert.equal(config(empty), config({}))
})

test('what is not a variable of ours changes nothing', () => {
  assert.equal(config({ PATH: '/bin', NUM_NODE: '9', num_nodes: '9', KUBE_ROOT: '/x' }), config({}))
})

test('settings cannot be changed afterwards', () => {
  const settings = config({}) as { NUM_NODES: number }
  assert.ok(Object.isFrozen(settings))
  assert.throws(() => {
    settings.NUM_NODES = 5
  }, /read only/)
})

test('the environment is only read', () => {
  const env = Object.freeze({ NUM_MINIONS: '3' })
  assert.is(config(env).NUM_NODES, 3)
})

test('every variable says what it means, in one sentence without a full stop', () => {
  for (const [name, { means }] of Object.entries(variables)) assert.match(means, /^[A-Z][^\n]{10,}[^.\n]$/, name)
})

test.run()
