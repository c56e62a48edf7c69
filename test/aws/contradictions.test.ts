import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Env } from '../../cluster/aws/config.ts'
import { type Config, config } from '../../cluster/aws/config-default.ts'
import { contradictions } from '../../cluster/aws/contradictions.ts'
import { UserError } from '../../cluster/errors.ts'

/** What config() says about settings that are right one by one, a sentence each. */
function said(env: Env): string[] {
  let error: unknown
  try {
    config(env)
    return []
  } catch (thrown) {
    error = thrown
  }
  assert.instance(error, UserError)
  const { message, exitCode } = error as UserError
  assert.is(exitCode, 2)
  const lines = message.replace('Nothing was created. ', '').split('\n')
  return lines.length === 1 ? lines : lines.slice(1).map(line => line.trim())
}

const right: [what: string, env: Env][] = [
  ['the defaults', {}],
  ['the local defaults', { KUBERNETES_PROVIDER: 'local' }],
  ['a subnet as large as its VPC', { KUBE_SUBNET_CIDR: '172.20.0.0/16' }],
  ['the smallest subnet', { KUBE_SUBNET_CIDR: '172.20.0.0/28', NUM_NODES: '10' }],
  ['the last subnet of the VPC', { KUBE_SUBNET_CIDR: '172.20.255.240/28' }],
  ['the first address that AWS leaves free', { MASTER_INTERNAL_IP: '172.20.0.4' }],
  ['the last address that AWS leaves free', { MASTER_INTERNAL_IP: '172.20.0.254' }],
  ['as many nodes as a /24 has room for', { NUM_NODES: '250' }],
  ['as many nodes as there are /24s for pods', { NUM_NODES: '255', KUBE_SUBNET_CIDR: '172.20.0.0/23' }],
  [
    'an autoscaler whose bounds hold NUM_NODES',
    { KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true', KUBE_AUTOSCALER_MAX_NODES: '9' },
  ],
  ['bounds that nobody scales by', { KUBE_AUTOSCALER_MIN_NODES: '9', KUBE_AUTOSCALER_MAX_NODES: '2' }],
  [
    'an autoscaler that begins with no nodes',
    { KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true', NUM_NODES: '0', KUBE_AUTOSCALER_MAX_NODES: '2' },
  ],
  ['no nodes, and pods for the master only', { NUM_NODES: '0', CLUSTER_IP_RANGE: '10.244.0.0/24' }],
  ['a DNS server at the end of the services', { DNS_SERVER_IP: '10.0.255.254' }],
  ['networks that touch and do not overlap', { CLUSTER_IP_RANGE: '10.1.0.0/16', MASTER_IP_RANGE: '10.2.0.0/24' }],
  ['a subnet of a VPC of mine', { VPC_ID: 'vpc-01234567', KUBE_SUBNET_CIDR: '192.168.7.0/24' }],
  ['a VPC and a subnet of mine', { VPC_ID: 'vpc-01234567', SUBNET_ID: 'subnet-01234567' }],
  [
    'pods in the rest of a VPC of mine, which only AWS can judge',
    { VPC_ID: 'vpc-01234567', KUBE_SUBNET_CIDR: '10.9.0.0/24', CLUSTER_IP_RANGE: '10.10.0.0/16' },
  ],
  [
    "another zone's nodes beside a master in another subnet",
    { KUBE_USE_EXISTING_MASTER: 'true', KUBE_SUBNET_CIDR: '172.20.1.0/24', MASTER_INTERNAL_IP: '172.20.0.9' },
  ],
]
for (const [what, env] of right) test(`${what}: nothing contradicts`, () => assert.equal(said(env), []))

const wrong: [what: string, env: Env, ...sentences: RegExp[]][] = [
  [
    'a subnet outside of the VPC',
    { KUBE_SUBNET_CIDR: '172.21.0.0/24' },
    /^KUBE_SUBNET_CIDR=172\.21\.0\.0\/24 must lie within the VPC's network, 172\.20\.0\.0\/16\.$/,
  ],
  [
    'a subnet larger than the VPC',
    { KUBE_SUBNET_CIDR: '172.20.0.0/15' },
    /must lie within the VPC's network/,
    /^KUBE_SUBNET_CIDR=172\.20\.0\.0\/15 must be between a \/28 and a \/16\.$/,
  ],
  [
    'a subnet that AWS has too few addresses for',
    { KUBE_SUBNET_CIDR: '172.20.0.0/29', MASTER_INTERNAL_IP: '172.20.0.5', NUM_NODES: '1' },
    /^KUBE_SUBNET_CIDR=172\.20\.0\.0\/29 must be between a \/28 and a \/16\.$/,
  ],
  ['a Mac for a master', { MASTER_SIZE: 'mac2.metal' }, /^MASTER_SIZE=mac2\.metal is a Mac, which runs macOS/],
  ['Macs for nodes', { NODE_SIZE: 'mac2-m2pro.metal' }, /^NODE_SIZE=mac2-m2pro\.metal is a Mac/],
  ['a subnet of mine in no VPC of mine', { SUBNET_ID: 'subnet-01234567' }, /^SUBNET_ID=subnet-01234567 needs VPC_ID/],
  ['a master outside of the subnet', { MASTER_INTERNAL_IP: '172.20.1.9' }, /^MASTER_INTERNAL_IP=172\.20\.1\.9 must be/],
  ["the master on AWS's network address", { MASTER_INTERNAL_IP: '172.20.0.0' }, /first four and last AWS keeps\.$/],
  ["the master on AWS's router", { MASTER_INTERNAL_IP: '172.20.0.1' }, /^MASTER_INTERNAL_IP=172\.20\.0\.1 /],
  ["the master on AWS's DNS server", { MASTER_INTERNAL_IP: '172.20.0.2' }, /^MASTER_INTERNAL_IP=172\.20\.0\.2 /],
  [
    'the master on what AWS keeps for later',
    { MASTER_INTERNAL_IP: '172.20.0.3' },
    /^MASTER_INTERNAL_IP=172\.20\.0\.3 /,
  ],
  ['the master on the last address', { MASTER_INTERNAL_IP: '172.20.0.255' }, /^MASTER_INTERNAL_IP=172\.20\.0\.255 /],
  [
    'more nodes than the subnet has addresses',
    { NUM_NODES: '251' },
    /^NUM_NODES=251 and a master do not fit in KUBE_SUBNET_CIDR=172\.20\.0\.0\/24, which has 251 addresses to give\.$/,
  ],
  [
    'more nodes to begin with than the autoscaler may have',
    { KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true', NUM_NODES: '4', KUBE_AUTOSCALER_MAX_NODES: '3' },
    /^NUM_NODES=4 must lie between KUBE_AUTOSCALER_MIN_NODES=1 and KUBE_AUTOSCALER_MAX_NODES=3\.$/,
  ],
  [
    'more nodes than the subnet holds, should the autoscaler ask for them',
    { KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true', KUBE_AUTOSCALER_MAX_NODES: '251' },
    /^KUBE_AUTOSCALER_MAX_NODES=251 and a master do not fit in KUBE_SUBNET_CIDR/,
  ],
  [
    'more nodes than there are /24s for pods',
    { NUM_NODES: '256', KUBE_SUBNET_CIDR: '172.20.0.0/22' },
    /^NUM_NODES=256 and a master do not fit in CLUSTER_IP_RANGE=10\.244\.0\.0\/16/,
  ],
  [
    'pods in less than a /24',
    { NUM_NODES: '0', CLUSTER_IP_RANGE: '10.244.0.0/25' },
    /do not fit in CLUSTER_IP_RANGE=10\.244\.0\.0\/25/,
  ],
  [
    'a DNS server outside of the services',
    { DNS_SERVER_IP: '10.1.0.10' },
    /^DNS_SERVER_IP=10\.1\.0\.10 must lie within SERVICE_CLUSTER_IP_RANGE=10\.0\.0\.0\/16\.$/,
  ],
  [
    "a DNS server on the first service's address, which the API has",
    { DNS_SERVER_IP: '10.0.0.1' },
    /^DNS_SERVER_IP=10\.0\.0\.1 must /,
  ],
  [
    'hardly any addresses for services',
    { SERVICE_CLUSTER_IP_RANGE: '10.0.0.0/29', DNS_SERVER_IP: '10.0.0.5' },
    /^SERVICE_CLUSTER_IP_RANGE=10\.0\.0\.0\/29 must be a \/28 or larger/,
  ],
  [
    'pods in the VPC',
    { CLUSTER_IP_RANGE: '172.20.0.0/16' },
    /^the VPC's network \(172\.20\.0\.0\/16\) and CLUSTER_IP_RANGE \(172\.20\.0\.0\/16\) must not overlap\.$/,
  ],
  [
    'services within the VPC',
    { SERVICE_CLUSTER_IP_RANGE: '172.20.128.0/20' },
    /VPC's network .* SERVICE_CLUSTER_IP_RANGE \(172\.20\.128\.0\/20\) must not overlap/,
  ],
  ["the master's pods within the VPC", { MASTER_IP_RANGE: '172.20.9.0/24' }, /VPC's network .* MASTER_IP_RANGE/],
  ["the master's pods among the others", { MASTER_IP_RANGE: '10.244.9.0/24' }, /CLUSTER_IP_RANGE .* MASTER_IP_RANGE/],
  [
    "the master's pods among the services",
    { MASTER_IP_RANGE: '10.0.9.0/24' },
    /SERVICE_CLUSTER_IP_RANGE .* MASTER_IP_R/,
  ],
  [
    'services among the pods',
    { SERVICE_CLUSTER_IP_RANGE: '10.244.128.0/17' },
    /CLUSTER_IP_RANGE \(10\.244\.0\.0\/16\) and SERVICE_CLUSTER_IP_RANGE \(10\.244\.128\.0\/17\)/,
  ],
  [
    'pods everywhere',
    { CLUSTER_IP_RANGE: '10.0.0.0/8' },
    /CLUSTER_IP_RANGE \(10\.0\.0\.0\/8\) and SERVICE_CLUSTER_IP_RANGE/,
    /CLUSTER_IP_RANGE \(10\.0\.0\.0\/8\) and MASTER_IP_RANGE/,
  ],
  [
    'pods in a subnet of mine',
    { VPC_ID: 'vpc-01234567', KUBE_SUBNET_CIDR: '10.244.7.0/24' },
    /^KUBE_SUBNET_CIDR \(10\.244\.7\.0\/24\) and CLUSTER_IP_RANGE \(10\.244\.0\.0\/16\) must not overlap\.$/,
  ],
]
for (const [what, env, ...sentences] of wrong)
  test(`${what}: told`, () => {
    const lines = said(env)
    assert.is(lines.length, sentences.length, lines.join('\n'))
    sentences.forEach((sentence, i) => {
      assert.match(lines[i] ?? '', sentence)
    })
  })

test('it adds nothing to the settings and needs nothing else', () => {
  const settings: Config = config({})
  assert.equal(contradictions(settings), [])
  assert.equal(settings, config({}))
})

console.log(
  `# inputs refused with exit 2 and a sentence, nothing created: ${wrong.length} contradictions between settings`,
)

test.run()
