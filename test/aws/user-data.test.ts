import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../../cluster/aws/cluster.ts'
import type { Env } from '../../cluster/aws/config.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import type { StagedFile } from '../../cluster/aws/resources/staged-files.ts'
import type { MachineRole } from '../../cluster/aws/templates.ts'
import { userData, userDataLimit } from '../../cluster/aws/user-data.ts'
import { imagesOf, lineOf } from '../../cluster/release/pins.ts'

const cluster = (env: Env = {}, endpoint?: string) =>
  connect(config(env), new Journal(), { ...(endpoint !== undefined && { endpoint }) })
const bucket = { id: 'kubernetes-staging-0123456789abcdef0123456789abcdef', shared: false }
const file = (name: string, digit: string): StagedFile => {
  const sha256 = digit.repeat(64)
  return { name, sha256, key: `kubernetes/release/${sha256}/${name}`, bytes: 1 }
}
const to = '/opt/kube-up/release'
const files: StagedFile[] = [
  { ...file('node-linux-amd64.tar.gz', 'a'), to },
  { ...file('control-plane-linux-amd64.tar.gz', 'd'), to, on: ['master'] },
  { ...file('kubernetes-salt.tar.gz', 'b'), to: '/srv' },
  file('bootstrap.sh', 'c'),
]
const release = { bucket, files }
const scriptOf = (packed: Buffer) => gunzipSync(packed).toString()
const script = (env: Env = {}, role: MachineRole = 'minion', own?: Record<string, string>) =>
  scriptOf(userData(cluster(env), role, release, own))

const scratch = mkdtempSync(join(tmpdir(), 'kube-up-user-data-'))
test.after(() => rmSync(scratch, { recursive: true, force: true }))

/** Lets bash write the parameters where it may, as a machine would before it fetches anything. */
function written(text: string): Record<string, unknown> {
  const etc = join(scratch, `etc-${randomBytes(4).toString('hex')}`)
  const before = text.slice(0, text.indexOf("echo 'kube-up: fetching"))
  assert.ok(before.length > 0, 'the script announces when it begins to fetch')
  execFileSync('bash', ['-c', before.replaceAll('/etc/kube-up', etc)], { cwd: scratch, stdio: 'pipe' })
  return JSON.parse(readFileSync(join(etc, 'parameters.json'), 'utf8')) as Record<string, unknown>
}

for (const role of ['master', 'minion'] as const) {
  test(`the ${role}'s is a gzipped script that bash can read`, () => {
    const text = script({}, role)
    assert.match(text, /^#!\/bin\/bash\n/)
    execFileSync('bash', ['-n'], { input: text, stdio: 'pipe' })
  })

  test(`the ${role}'s is the same byte for byte from the same settings`, () =>
    assert.ok(userData(cluster(), role, release).equals(userData(cluster(), role, release))))

  test(`the ${role} is told what it is`, () => assert.is(written(script({}, role)).role, role))
}

test('a machine is told all about its cluster', () => {
  assert.equal(written(script({}, 'master', { volume: 'vol-0123' })), {
    cluster: 'kubernetes',
    region: 'us-west-2',
    zone: 'us-west-2a',
    arch: 'amd64',
    kubernetesVersion: 'v1.37.1',
    masterInternalIp: '172.20.0.9',
    clusterIpRange: '10.244.0.0/16',
    masterIpRange: '10.246.0.0/24',
    serviceClusterIpRange: '10.0.0.0/16',
    nonMasqueradeCidr: '10.0.0.0/8',
    dnsServerIp: '10.0.0.10',
    dnsDomain: 'cluster.local',
    clusterDns: true,
    monitoring: 'metrics-server',
    defaultStorageClass: true,
    clusterAutoscaler: false,
    nodeLogging: false,
    bucketPrefix: 'kube-up/us-west-2/kubernetes/',
    images: imagesOf(lineOf('v1.37.1')),
    files: Object.fromEntries(files.slice(0, 3).map(({ name, key, sha256, to }) => [name, { key, sha256, to }])),
    bucketUrl: `https://${bucket.id}.s3.us-west-2.amazonaws.com`,
    role: 'master',
    volume: 'vol-0123',
  })
})

const told: [variable: string, value: string, parameter: string, expected: unknown][] = [
  ['KUBE_AWS_INSTANCE_PREFIX', 'dev', 'cluster', 'dev'],
  ['KUBE_AWS_ZONE', 'eu-central-1c', 'zone', 'eu-central-1c'],
  ['KUBE_AWS_ZONE', 'us-west-2-lax-1a', 'region', 'us-west-2'],
  ['KUBERNETES_VERSION', 'v1.36.3', 'kubernetesVersion', 'v1.36.3'],
  ['MASTER_INTERNAL_IP', '172.20.0.77', 'masterInternalIp', '172.20.0.77'],
  ['CLUSTER_IP_RANGE', '10.128.0.0/16', 'clusterIpRange', '10.128.0.0/16'],
  ['MASTER_IP_RANGE', '10.200.0.0/24', 'masterIpRange', '10.200.0.0/24'],
  ['SERVICE_CLUSTER_IP_RANGE', '10.96.0.0/12', 'serviceClusterIpRange', '10.96.0.0/12'],
  ['SERVICE_CLUSTER_IP_RANGE', '10.96.0.0/12', 'dnsServerIp', '10.96.0.10'],
  ['NON_MASQUERADE_CIDR', '0.0.0.0/0', 'nonMasqueradeCidr', '0.0.0.0/0'],
  ['DNS_SERVER_IP', '10.0.0.53', 'dnsServerIp', '10.0.0.53'],
  ['DNS_DOMAIN', 'k8s.example.com', 'dnsDomain', 'k8s.example.com'],
  ['KUBE_ENABLE_CLUSTER_MONITORING', 'none', 'monitoring', 'none'],
  ['KUBE_ENABLE_CLUSTER_DNS', 'false', 'clusterDns', false],
  ['KUBE_ENABLE_DEFAULT_STORAGE_CLASS', 'false', 'defaultStorageClass', false],
  ['KUBE_ENABLE_CLUSTER_AUTOSCALER', 'true', 'clusterAutoscaler', true],
  ['NODE_SIZE', 't4g.small', 'arch', 'arm64'],
  ['MASTER_SIZE', 't4g.small', 'arch', 'amd64'],
]
for (const [variable, value, parameter, expected] of told)
  test(`${variable}=${value} reaches the machine as ${parameter}`, () =>
    assert.is(written(script({ [variable]: value }))[parameter], expected))

const sameScript: Env[] = [{ NUM_NODES: '7' }, { NODE_SIZE: 't3.large' }, { SSH_CIDR: '0.0.0.0/0' }, { KUBE_WAIT: '0' }]
for (const env of sameScript)
  test(`${Object.entries(env).join().replace(',', '=')} does not change it, so no node is made from a new template`, () =>
    assert.is(script(env), script()))

test('it names the bootstrap script by the sum of what was staged, and checks it before it runs it', () => {
  const text = script()
  const bootstrap = file('bootstrap.sh', 'c')
  const url = `https://${bucket.id}.s3.us-west-2.amazonaws.com/${bootstrap.key}`
  const fetched = text.indexOf(` --output /etc/kube-up/bootstrap.sh '${url}'\n`)
  const checked = text.indexOf(`echo '${bootstrap.sha256}  /etc/kube-up/bootstrap.sh' | sha256sum --check --quiet\n`)
  const run = text.indexOf('exec bash /etc/kube-up/bootstrap.sh install\n')
  assert.ok(fetched > 0 && checked > fetched && run > checked)
})

test('a machine is told of what it unpacks itself, and of nothing else', () => {
  const told = (role: MachineRole) => Object.keys(written(script({}, role)).files as object)
  assert.equal(told('master'), [
    'node-linux-amd64.tar.gz',
    'control-plane-linux-amd64.tar.gz',
    'kubernetes-salt.tar.gz',
  ])
  assert.equal(told('minion'), ['node-linux-amd64.tar.gz', 'kubernetes-salt.tar.gz'])
})

const domains: [zone: string, url: string][] = [
  ['us-east-1a', `https://${bucket.id}.s3.us-east-1.amazonaws.com`],
  ['us-gov-west-1a', `https://${bucket.id}.s3.us-gov-west-1.amazonaws.com`],
  ['cn-north-1a', `https://${bucket.id}.s3.cn-north-1.amazonaws.com.cn`],
  // The European Sovereign Cloud has a domain of its own, as the SDK's table of partitions says.
  ['eusc-de-east-1a', `https://${bucket.id}.s3.eusc-de-east-1.amazonaws.eu`],
]
for (const [zone, url] of domains)
  test(`in ${zone} the bucket is at ${url.slice(url.indexOf('.s3.') + 1)}`, () =>
    assert.is(written(script({ KUBE_AWS_ZONE: zone })).bucketUrl, url))

test('a bucket in another region is asked for there, and signed for there', () => {
  const text = script({ AWS_S3_REGION: 'eu-west-1' })
  assert.is(written(text).bucketUrl, `https://${bucket.id}.s3.eu-west-1.amazonaws.com`)
  assert.match(text, "'aws:amz:eu-west-1:s3'")
})

test("at an endpoint of one's own a machine still reaches the bucket by its AWS name", () => {
  const text = scriptOf(userData(cluster({}, 'http://127.0.0.1:5000'), 'minion', release))
  assert.is(written(text).bucketUrl, `https://${bucket.id}.s3.us-west-2.amazonaws.com`)
})

const nasty = [
  '',
  ' leading and trailing ',
  `it's "quoted"`,
  '\\ \\n \\\\ \\u0041',
  `$(touch owned) \`touch owned\` \${HOME} $HOME`,
  "'; touch owned; '",
  '"; touch owned; "',
  '\nPARAMETERS\ntouch owned\n',
  'PARAMETERS',
  'BUCKET',
  'METADATA',
  '{{region}} {{parameters}} {{nobody}}',
  "$& $1 $$ $` $'",
  'tab\tnewline\nreturn\rnull\u0000bell\u0007escape\u001b[31m',
  'ünïcödé 漢字 😀 \u2028\u2029 \ud800',
  '- yaml: [x]\n# comment\n--- &a *a !tag',
  '!history !!',
  '%s %n',
  '*?[a-z]~',
]
for (const value of nasty)
  test(`${JSON.stringify(value)} stays data, exactly`, () => {
    const text = script({}, 'minion', { volume: value, [value]: 'as a key' })
    execFileSync('bash', ['-n'], { input: text, stdio: 'pipe' })
    const got = written(text)
    assert.is(got.volume, value)
    assert.is(got[value], 'as a key')
    assert.is(got.cluster, 'kubernetes')
    assert.not.ok(existsSync(join(scratch, 'owned')), 'nothing in it was run')
  })

test('whatever the names of the files are, they stay data too', () => {
  const odd = nasty.map((name, i) => ({ ...file(name, (i % 10).toString()), key: name, to: name || '/' }))
  const got = written(scriptOf(userData(cluster(), 'minion', { bucket, files: [...odd, ...files] })))
  for (const { name, key, sha256, to } of odd)
    assert.equal((got.files as Record<string, unknown>)[name], { key, sha256, to }, JSON.stringify(name))
})

const longest = {
  KUBE_AWS_INSTANCE_PREFIX: `k${randomBytes(20).toString('hex').slice(0, 38)}z`,
  KUBE_AWS_ZONE: 'ap-southeast-2-per-1a',
  DNS_DOMAIN: `${[1, 2, 3].map(() => `${randomBytes(31).toString('hex')}`).join('.')}.${randomBytes(30).toString('hex')}`,
  KUBE_SUBNET_CIDR: '172.20.255.128/25',
  KUBE_TAGS: Array.from(
    { length: 40 },
    () => `${randomBytes(60).toString('hex')}=${randomBytes(120).toString('hex')}`,
  ).join(),
  KUBE_CONFIG_CONTEXT: randomBytes(128).toString('hex'),
}
test('with the longest settings it still fits, with half of the room to spare', () => {
  const many = Array.from({ length: 4 }, (_, i) => file(`file-${i}`, `${i}`)).map(one => ({
    ...one,
    sha256: randomBytes(32).toString('hex'),
    key: randomBytes(64).toString('hex'),
    to,
  }))
  const release = { bucket: { id: randomBytes(31).toString('hex'), shared: true }, files: [...many, ...files] }
  const packed = userData(cluster(longest), 'master', release, { volume: 'vol-0123456789abcdef0' })
  assert.ok(packed.length < userDataLimit / 2, `${packed.length} bytes`)
})

test("the limit is EC2's", () => assert.is(userDataLimit, 16_384))

test('what does not fit is refused before any call, as the mistake of ours that it is', () => {
  const own = { volume: randomBytes(20_000).toString('hex') }
  assert.throws(() => userData(cluster(), 'master', release, own), /user data of the master has \d+ bytes, 16384 fit/)
})

test('without a bootstrap script there is nothing to fetch', () =>
  assert.throws(() => userData(cluster(), 'master', { bucket, files: [] }), /no bootstrap\.sh was staged/))

test("it holds no secret: not the person's keys, and no parameter that is called one", () => {
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY' }
  const connected = connect(config({}), new Journal(), { credentials, user: 'ada' })
  for (const role of ['master', 'minion'] as const) {
    const text = scriptOf(userData(connected, role, release))
    for (const secret of [...Object.values(credentials), 'PRIVATE KEY', 'kube_aws_rsa'])
      assert.not.ok(text.includes(secret), secret)
    assert.not.match(JSON.stringify(written(text)), /secret|password|passwd|token|credential|private/i)
  }
})

test('the credentials of the role never reach a command line', () => {
  const text = script()
  const lines = text.split('\n').filter(line => /SecretAccessKey/.test(line))
  assert.is(lines.length, 1)
  assert.match(lines[0] ?? '', /^printf /, 'printf is built into bash, so no process has it among its arguments')
  assert.match(text, /--config - /)
})

test.run()
