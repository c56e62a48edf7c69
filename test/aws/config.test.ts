import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Env, oldNames, read } from '../../cluster/aws/config.ts'
import { config, variables } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { UserError } from '../../cluster/errors.ts'
import { explain } from '../../cluster/explain.ts'
import { settings } from '../../cluster/settings.ts'

/** What the settings are refused with. */
function refusal(env: Env): UserError {
  let error: unknown
  try {
    config(env)
  } catch (thrown) {
    error = thrown
  }
  assert.instance(
    error,
    UserError,
    `${JSON.stringify(env).slice(0, 100)} must be refused with a UserError, not ${error}`,
  )
  return error as UserError
}

/** How a command ends with them. */
function ending(env: Env): { sentence: string; exitCode: number } {
  try {
    settings(env)
    return { sentence: 'it went on', exitCode: 0 }
  } catch (error) {
    return explain(error, new Journal())
  }
}

const long = 'x'.repeat(10_000)

/** What is wrong, and a word that a helpful answer has in it. */
const bad: [name: keyof typeof variables, value: string, right: RegExp][] = [
  ['KUBERNETES_PROVIDER', 'gce', /aws or local/],
  ['KUBERNETES_PROVIDER', 'AWS', /aws or local/],
  ['KUBERNETES_PROVIDER', 'vagrant', /aws or local/],
  ['KUBE_AWS_ZONE', 'us-west-2', /is a region.*us-west-2a/],
  ['KUBE_AWS_ZONE', 'ap-southeast-1', /is a region.*ap-southeast-1a/],
  ['KUBE_AWS_ZONE', 'us-gov-west-1', /is a region.*us-gov-west-1a/],
  ['KUBE_AWS_ZONE', 'us-west-2A', /Availability Zone, such as us-west-2a/],
  ['KUBE_AWS_ZONE', 'us-west-2ab', /Availability Zone, such as us-west-2a/],
  ['KUBE_AWS_ZONE', 'us-west-2a ', /Availability Zone, such as us-west-2a/],
  ['KUBE_AWS_ZONE', 'us-west-2a\n', /Availability Zone, such as us-west-2a/],
  ['KUBE_AWS_ZONE', 'usw2-az1', /Availability Zone, such as us-west-2a/],
  ['KUBE_AWS_ZONE', 'us-west-2a; rm -rf /', /Availability Zone/],
  ['KUBE_AWS_ZONE', long, /Availability Zone/],
  ['KUBE_AWS_INSTANCE_PREFIX', 'Kubernetes', /lower-case letters, digits and hyphens/],
  ['KUBE_AWS_INSTANCE_PREFIX', '1st', /beginning with a letter/],
  ['KUBE_AWS_INSTANCE_PREFIX', 'dev-', /not ending in a hyphen/],
  ['KUBE_AWS_INSTANCE_PREFIX', 'k'.repeat(41), /at most 40/],
  ['KUBE_AWS_INSTANCE_PREFIX', 'dev_1', /lower-case letters/],
  ['KUBE_AWS_INSTANCE_PREFIX', '*', /lower-case letters/],
  ['KUBE_AWS_INSTANCE_PREFIX', 'a/b', /lower-case letters/],
  ['KUBE_AWS_INSTANCE_PREFIX', '$(id)', /lower-case letters/],
  ['KUBE_AWS_INSTANCE_PREFIX', 'k8s\nevil', /lower-case letters/],
  ['KUBE_AWS_INSTANCE_PREFIX', 'кластер', /lower-case letters/],
  ['NUM_NODES', 'four', /a whole number from 0 to 5000/],
  ['NUM_NODES', '-1', /a whole number/],
  ['NUM_NODES', '2.5', /a whole number/],
  ['NUM_NODES', '1e3', /a whole number/],
  ['NUM_NODES', '0x10', /a whole number/],
  ['NUM_NODES', ' 4', /a whole number/],
  ['NUM_NODES', '5001', /from 0 to 5000/],
  ['NUM_NODES', '9'.repeat(400), /from 0 to 5000/],
  ['NUM_NODES', '４', /a whole number/],
  ['MASTER_SIZE', 'large', /an instance type, such as t3.small/],
  ['MASTER_SIZE', 't3.', /an instance type/],
  ['MASTER_SIZE', 'T3.small', /an instance type/],
  ['NODE_SIZE', 't3.small,t3.large', /an instance type/],
  ['NODE_SIZE', 't3 small', /an instance type/],
  ['MASTER_DISK_TYPE', 'gp4', /gp3 or gp2/],
  ['MASTER_ROOT_DISK_TYPE', 'ssd', /gp3 or gp2/],
  ['NODE_ROOT_DISK_TYPE', 'GP3', /gp3 or gp2/],
  ['MASTER_DISK_SIZE', '0', /from 1 to 16384/],
  ['MASTER_DISK_SIZE', '20GB', /a whole number/],
  ['MASTER_ROOT_DISK_SIZE', '16385', /from 1 to 16384/],
  ['NODE_ROOT_DISK_SIZE', '-8', /from 1 to 16384/],
  ['AWS_S3_BUCKET', 'ab', /a bucket name: 3 to 63/],
  ['AWS_S3_BUCKET', 'My-Bucket', /lower-case/],
  ['AWS_S3_BUCKET', 's3://bucket', /a bucket name/],
  ['AWS_S3_BUCKET', '192.168.0.1', /a bucket name/],
  ['AWS_S3_BUCKET', '-bucket', /a bucket name/],
  ['AWS_S3_BUCKET', 'b'.repeat(64), /3 to 63/],
  ['AWS_S3_REGION', 'us-west-2a', /a region, such as us-west-2/],
  ['AWS_S3_REGION', 'EU', /a region/],
  ['AWS_S3_REGION', 'us-standard', /a region/],
  ['AWS_SSH_KEY', '/tmp/key\nof mine', /a path/],
  ['AWS_SSH_KEY', '/tmp/\u0000', /a path/],
  ['AWS_SSH_KEY', `/${long}`, /a path/],
  ['AWS_IMAGE', 'debian-13', /ami-0123456789abcdef0/],
  ['AWS_IMAGE', 'ami-xyz', /ami-0123456789abcdef0/],
  ['AWS_IMAGE', 'ami-0123456789ABCDEF0', /ami-0123456789abcdef0/],
  ['KUBE_NODE_IMAGE', 'ami-012345678', /ami-0123456789abcdef0/],
  ['KUBE_OS_DISTRIBUTION', 'jessie', /its successor is debian/],
  ['KUBE_OS_DISTRIBUTION', 'wheezy', /its successor is debian/],
  ['KUBE_OS_DISTRIBUTION', 'trusty', /its successor is ubuntu/],
  ['KUBE_OS_DISTRIBUTION', 'vivid', /its successor is ubuntu/],
  ['KUBE_OS_DISTRIBUTION', 'wily', /its successor is ubuntu/],
  ['KUBE_OS_DISTRIBUTION', 'coreos', /its successor is flatcar/],
  ['KUBE_OS_DISTRIBUTION', 'centos', /must be debian or ubuntu or flatcar\.$/],
  // What every JavaScript object has is no distribution.
  ['KUBE_OS_DISTRIBUTION', 'constructor', /must be debian or ubuntu or flatcar\.$/],
  ['KUBE_OS_DISTRIBUTION', 'toString', /must be debian or ubuntu or flatcar\.$/],
  ['VPC_NAME', 'a\tb', /the value of a Name tag/],
  ['VPC_NAME', 'v'.repeat(257), /the value of a Name tag/],
  ['VPC_NAME', 'vpc;drop', /the value of a Name tag/],
  ['VPC_ID', 'subnet-01234567', /vpc-0123456789abcdef0/],
  ['VPC_ID', 'vpc-', /vpc-0123456789abcdef0/],
  ['SUBNET_ID', '172.20.0.0/24', /subnet-0123456789abcdef0/],
  ['KUBE_VPC_CIDR_BASE', '172.20.0.0/16', /first two numbers of an IPv4 network/],
  ['KUBE_VPC_CIDR_BASE', '172', /first two numbers/],
  ['KUBE_VPC_CIDR_BASE', '172.256', /first two numbers/],
  ['KUBE_VPC_CIDR_BASE', '172.020', /first two numbers/],
  ['KUBE_SUBNET_CIDR', '172.20.0.0', /an IPv4 network, such as 172.20.0.0\/24/],
  ['KUBE_SUBNET_CIDR', '172.20.0.9/24', /its first address/],
  ['KUBE_SUBNET_CIDR', '172.20.0.0/33', /an IPv4 network/],
  ['KUBE_SUBNET_CIDR', '172.20.0.0/24/24', /an IPv4 network/],
  ['KUBE_SUBNET_CIDR', '172.20.0/24', /an IPv4 network/],
  ['KUBE_SUBNET_CIDR', '0xac.20.0.0/24', /an IPv4 network/],
  ['KUBE_SUBNET_CIDR', 'fd00::/64', /an IPv4 network/],
  ['MASTER_INTERNAL_IP', '172.20.0', /an IPv4 address, such as 172.20.0.9/],
  ['MASTER_INTERNAL_IP', '172.20.0.9/32', /an IPv4 address/],
  ['MASTER_INTERNAL_IP', '172.20.0.256', /an IPv4 address/],
  ['MASTER_INTERNAL_IP', '172.20.0.09', /an IPv4 address/],
  ['MASTER_RESERVED_IP', 'eipalloc-01234567', /an IPv4 address/],
  ['MASTER_RESERVED_IP', 'Auto', /an IPv4 address/],
  ['CLUSTER_IP_RANGE', '10.244.0.0-10.244.255.255', /an IPv4 network/],
  ['CLUSTER_IP_RANGE', '10.244.1.0/16', /its first address/],
  ['SERVICE_CLUSTER_IP_RANGE', 'none', /an IPv4 network/],
  ['SERVICE_CLUSTER_IP_RANGE', '10.0.0.0/-1', /an IPv4 network/],
  ['DNS_SERVER_IP', 'kube-dns', /an IPv4 address/],
  ['DNS_DOMAIN', 'Cluster.Local', /a DNS domain, such as cluster.local/],
  ['DNS_DOMAIN', '.local', /a DNS domain/],
  ['DNS_DOMAIN', 'cluster.local.', /a DNS domain/],
  ['DNS_DOMAIN', 'cluster..local', /a DNS domain/],
  ['DNS_DOMAIN', '-cluster.local', /a DNS domain/],
  ['DNS_DOMAIN', 'cluster.local\n  evil: true', /a DNS domain/],
  ['DNS_DOMAIN', '{{ pillar }}', /a DNS domain/],
  ['DNS_DOMAIN', 'x\'"$(id)`id`', /a DNS domain/],
  ['DNS_DOMAIN', `${'a.'.repeat(127)}a`, /a DNS domain/],
  ['DNS_DOMAIN', long, /a DNS domain/],
  // A label has at most 63 characters: RFC 1035, 2.3.4.
  ['DNS_DOMAIN', `${'a'.repeat(64)}.local`, /a DNS domain/],
  ['MASTER_IP_RANGE', '10.246.0.0/24,', /an IPv4 network/],
  ['NON_MASQUERADE_CIDR', '10/8', /an IPv4 network/],
  ['SSH_CIDR', 'me', /auto, or IPv4 networks with commas between/],
  ['SSH_CIDR', 'auto,203.0.113.7/32', /auto, or IPv4 networks/],
  ['SSH_CIDR', '203.0.113.7/32,', /auto, or IPv4 networks/],
  ['SSH_CIDR', '203.0.113.7/24', /auto, or IPv4 networks/],
  ['SSH_CIDR', '203.0.113.0/24/24', /auto, or IPv4 networks/],
  ['SSH_CIDR', '2001:db8::1/128', /auto, or IPv4 networks/],
  ['SSH_CIDR', '203.0.113.7/32;198.51.100.0/24', /auto, or IPv4 networks/],
  ['HTTP_API_CIDR', 'anywhere', /auto, or IPv4 networks/],
  ['HTTP_API_CIDR', '0.0.0.0/0 ::/0', /auto, or IPv4 networks/],
  ['KUBE_ENABLE_NODE_PUBLIC_IP', 'yes', /true or false/],
  ['KUBE_ENABLE_NODE_PUBLIC_IP', '1', /true or false/],
  ['KUBE_ENABLE_NODE_PUBLIC_IP', 'False', /true or false/],
  ['NODE_SPOT_PRICE', '0', /a price in US dollars per hour/],
  ['NODE_SPOT_PRICE', '$0.05', /a price in US dollars per hour/],
  ['NODE_SPOT_PRICE', '0,05', /a price in US dollars per hour/],
  ['NODE_SPOT_PRICE', '.05', /a price in US dollars per hour/],
  ['NODE_SPOT_PRICE', '-1', /a price in US dollars per hour/],
  ['KUBE_LOCAL_MACHINES', 'yes', /true or false/],
  ['KUBE_USE_EXISTING_MASTER', 'TRUE', /true or false/],
  ['KUBE_NODE_LAUNCH', 'lt', /template or configuration/],
  ['KUBE_TAGS', 'team', /tags as k=v,k=v/],
  ['KUBE_TAGS', '=a', /tags as k=v,k=v/],
  ['KUBE_TAGS', 'team=a,', /tags as k=v,k=v/],
  ['KUBE_TAGS', 'team=a,team=b', /each key once/],
  ['KUBE_TAGS', 'team=a,Team=b', /each key once/],
  ['KUBE_TAGS', 'Name=mine', /none of Name/],
  ['KUBE_TAGS', 'name=mine', /none of Name/],
  ['KUBE_TAGS', 'Role=x', /Role/],
  ['KUBE_TAGS', 'KubernetesCluster=other', /KubernetesCluster/],
  ['KUBE_TAGS', 'kubernetes.io/cluster/other=owned', /kubernetes\.io/],
  ['KUBE_TAGS', 'aws:cloudformation:stack-name=x', /aws:/],
  ['KUBE_TAGS', 'team=a;b', /of letters, digits/],
  ['KUBE_TAGS', 'team=a\nb', /of letters, digits/],
  ['KUBE_TAGS', `${'k'.repeat(129)}=v`, /tags as/],
  ['KUBE_TAGS', `k=${'v'.repeat(257)}`, /tags as/],
  ['KUBE_TAGS', Array.from({ length: 41 }, (_, i) => `k${i}=v`).join(), /at most 40/],
  ['KUBE_ENABLE_CLUSTER_MONITORING', 'influxdb', /metrics-server or none/],
  ['KUBE_ENABLE_CLUSTER_DNS', 'coredns', /true or false/],
  ['KUBE_ENABLE_NODE_LOGGING', 'true', /fluentd is no more, its successor is Fluent Bit/],
  ['KUBE_ENABLE_CLUSTER_LOGGING', 'true', /Elasticsearch is no more, its successor is Loki/],
  ['KUBE_LOGGING_DESTINATION', 'elasticsearch', /its successor is Loki/],
  ['KUBE_ENABLE_CLUSTER_UI', 'true', /Dashboard is no more, its successor is Headlamp/],
  ['KUBE_ENABLE_CLUSTER_AUTOSCALER', 'yes', /true or false/],
  ['KUBE_AUTOSCALER_MIN_NODES', '-1', /a whole number from 0 to 5000/],
  ['KUBE_AUTOSCALER_MAX_NODES', 'many', /a whole number from 0 to 5000/],
  ['KUBE_ENABLE_DEFAULT_STORAGE_CLASS', 'gp3', /true or false/],
  ['KUBE_CONFIG_CONTEXT', 'a\nb', /the name of a kubectl context/],
  ['KUBE_CONFIG_CONTEXT', long, /the name of a kubectl context/],
  ['KUBECONFIG', '/home/me/\r.kube', /a path/],
  ['KUBE_WAIT', 'forever', /a time, such as 0, 90s, 15m or 1h/],
  ['KUBE_WAIT', '15 m', /a time/],
  ['KUBE_WAIT', '-1', /a time/],
  ['KUBE_WAIT', '1d', /a time/],
  ['KUBERNETES_VERSION', '1.37.1', /must be v1\.37\.1 or v1\.36\.3/],
  ['KUBERNETES_VERSION', 'v1.2.0', /v1\.37\.1/],
  ['KUBERNETES_VERSION', 'v1.37', /v1\.37\.1/],
  ['KUBERNETES_VERSION', 'v1.38.0', /v1\.37\.1/],
  ['KUBERNETES_VERSION', 'latest', /v1\.37\.1/],
  ['KUBERNETES_VERSION', 'v1.37.1/../..', /v1\.37\.1/],
  ['KUBERNETES_SERVER_TAR', 'release\u0007.tar.gz', /a path/],
  ['KUBE_COMPONENTS_TAR', 'components\u0007.tar', /a path/],
]

const shown = (value: string) => JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
for (const [name, value, right] of bad)
  test(`${name}=${shown(value)} is refused with what would be right`, () => {
    const { message, exitCode } = refusal({ [name]: value })
    assert.is(exitCode, 2)
    const beginning = `Nothing was created. ${name}=${JSON.stringify(value).slice(0, 60).replace(/"$/, '')}`
    assert.is(message.slice(0, beginning.length), beginning)
    assert.match(message, / must be .*\.$/)
    assert.match(message, right)
    assert.not.match(message, /[\p{Cc}]/u, 'a sentence is one line, and what was written cannot move the cursor')
    assert.ok(message.length < 400, `short enough to read: ${message.length} characters`)
  })

test('the commands end with 2 and that sentence for each of them, before there is a client that could make anything', () => {
  for (const [name, value] of bad) {
    const { sentence, exitCode } = ending({ [name]: value })
    assert.is(exitCode, 2, name)
    assert.match(sentence, /^Nothing was created\. /, name)
    assert.not.match(sentence, /\n\s+at /, name)
  }
  console.log(
    `# inputs refused with exit 2 and a sentence, nothing created: ${bad.length} bad values of ${Object.keys(variables).length} settings`,
  )
})

test('every variable that can be wrong has a bad value in the table above', () => {
  const without = Object.keys(variables).filter(name => !bad.some(([one]) => one === name))
  assert.equal(without, [])
})

test('all mistakes are reported at once, one to a line, in the order of the table', () => {
  const lines = refusal({ NUM_NODES: 'x', SSH_CIDR: 'me', KUBE_AWS_ZONE: 'us-west-2' }).message.split('\n')
  assert.is(lines.length, 4)
  assert.is(lines[0], 'Nothing was created. 3 settings need mending:')
  assert.match(lines[1] ?? '', /^ {2}KUBE_AWS_ZONE="us-west-2" must be .*\.$/)
  assert.match(lines[2] ?? '', /^ {2}NUM_NODES="x" must be .*\.$/)
  assert.match(lines[3] ?? '', /^ {2}SSH_CIDR="me" must be .*\.$/)
})

test('every variable wrong at once: a line for each, and no more', () => {
  const env = Object.fromEntries(Object.keys(variables).map(name => [name, '\u0001']))
  const { message, exitCode } = refusal(env)
  const lines = message.split('\n').slice(1)
  assert.is(exitCode, 2)
  assert.equal(
    lines.map(line => line.trim().split('=')[0]),
    Object.keys(variables),
  )
})

const followUps: [what: string, env: Env, names: string[]][] = [
  ['a bad NUM_NODES does not make the sizes wrong', { NUM_NODES: 'x' }, ['NUM_NODES']],
  ['a bad zone does not make the region wrong', { KUBE_AWS_ZONE: '?' }, ['KUBE_AWS_ZONE']],
  ['a bad VPC does not make subnet and master wrong', { KUBE_VPC_CIDR_BASE: '?' }, ['KUBE_VPC_CIDR_BASE']],
  ['a bad subnet does not make the master wrong', { KUBE_SUBNET_CIDR: '?' }, ['KUBE_SUBNET_CIDR']],
  ['a bad service network does not make DNS wrong', { SERVICE_CLUSTER_IP_RANGE: '?' }, ['SERVICE_CLUSTER_IP_RANGE']],
  ["a bad image does not make the nodes' wrong", { AWS_IMAGE: '?' }, ['AWS_IMAGE']],
  ['a bad provider is one mistake', { KUBERNETES_PROVIDER: '?' }, ['KUBERNETES_PROVIDER']],
  [
    'a bad prefix does not make the context wrong',
    { KUBE_AWS_INSTANCE_PREFIX: '\u0001' },
    ['KUBE_AWS_INSTANCE_PREFIX'],
  ],
]
for (const [what, env, names] of followUps)
  test(what, () => {
    const { message } = refusal(env)
    assert.equal(
      Object.keys(variables).filter(name => message.includes(` ${name}=`)),
      names,
    )
  })

test('every old name works', () => {
  const values: Record<string, string> = {
    NUM_MINIONS: '3',
    MINION_SIZE: 'm7i.large',
    KUBE_MINION_IMAGE: 'ami-01234567',
    MINION_ROOT_DISK_TYPE: 'gp2',
    MINION_ROOT_DISK_SIZE: '50',
  }
  assert.equal(Object.keys(values), Object.keys(oldNames))
  const settings = config(values)
  for (const [old, value] of Object.entries(values)) assert.is(`${settings[oldNames[old] as 'NUM_NODES']}`, value, old)
})

test('the new name wins over the old one', () => assert.is(config({ NUM_NODES: '2', NUM_MINIONS: '3' }).NUM_NODES, 2))

test('an empty new name leaves the old one its say', () =>
  assert.is(config({ NUM_NODES: '', NUM_MINIONS: '3' }).NUM_NODES, 3))

test('an empty old name counts as not set', () => assert.is(config({ NUM_MINIONS: '' }).NUM_NODES, 4))

test('a mistake under an old name is told under the name that the person wrote', () =>
  assert.match(refusal({ NUM_MINIONS: 'x' }).message, /NUM_MINIONS="x"/))

test('a default of ours that fails its own check is not told as a mistake of the person', () => {
  const table = { ...variables, NUM_NODES: { ...variables.NUM_NODES, default: 'none' } }
  let error: unknown
  try {
    read(table, {})
  } catch (thrown) {
    error = thrown
  }
  assert.instance(error, Error)
  assert.not.instance(error, UserError)
})

test.run()
