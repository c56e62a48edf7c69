/**
 * Instances that really boot. One story in one order, because a boot under emulation takes half a minute: three machines,
 * and what is true of them. It needs root and what local:setup installs, and fails with the install line where that is missing.
 */
import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as ec2 from '@aws-sdk/client-ec2'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { config } from '../../cluster/aws/config-default.ts'
import { startLocalAws, stopLocalAws } from '../../cluster/local/aws.ts'
import {
  following,
  imageCache,
  reach,
  requirements,
  startMachines,
  status,
  stopMachines,
} from '../../cluster/local/machines/index.ts'
import { machinePlaces, places as placesOf } from '../../cluster/local/machines/places.ts'
import { recall, signal } from '../../cluster/local/machines/processes.ts'
import { run } from '../../cluster/local/machines/tools.ts'
import { hostNetwork, processesWith } from './host.ts'
import { type Lab, lab as makeLab } from './lab.ts'
import { until } from './patience.ts'
import { remote, shell } from './remote.ts'
import { settled as settledAt } from './settled.ts'
import { story } from './stages.ts'
import { closeWorld, openWorld, somewhere } from './world.ts'

// One folder for each checkout, so that a suite that was killed is cleaned up after by the next one.
const checkout = createHash('sha256')
  .update(import.meta.url)
  .digest('hex')
  .slice(0, 8)
const folder = join(tmpdir(), `kube-up-machines-${checkout}`)
const places = placesOf(join(folder, 'local'))
const key = join(folder, 'key')
const userData = `#!/bin/sh
echo "user data of $(hostname) at $(cut -d' ' -f1 /proc/uptime)" | tee -a /var/lib/ran > /dev/ttyS0
`

let before: Awaited<ReturnType<typeof hostNetwork>>
let endpoint: string
let lab: Lab
let a: string
let b: string
let c: string
let groupOfA: string
let nodes: Awaited<ReturnType<Lab['scaled']>>
let groupOfAll: string
const say = (line: string) => console.log(`  ${line}`)

const { stage, broken, table } = story()
const start = (credentialSeconds = 3600) =>
  startMachines({ dir: places.dir, endpoint, outside: false, credentialSeconds, say })
const settled = () => settledAt(places, endpoint)
const machine = (id: string) => {
  const found = status(places.dir).machines.find(one => one.instance === id)
  if (!found) throw new Error(`${id} has no machine`)
  return found
}
const on = (id: string) => remote(places, key, machine(id).address)
const consoleOf = (id: string) => readFileSync(machinePlaces(places, id).console, 'latin1')
const ready = (ids: string[], seconds: number) =>
  until(
    `${ids.length} machines are ready`,
    seconds,
    () => ids.every(id => status(places.dir).machines.find(one => one.instance === id)?.stage === 'ready'),
    () => [
      status(places.dir).machines,
      ids.map(id => consoleOf(id).slice(-800)),
      readFileSync(places.log, 'utf8').slice(-1500),
    ],
  )
const stateOf = async (id: string) => (await lab.describe(id)).State?.Name

/** What a failure leaves to think about: the log without the name server's chatter, and what the namespace was like. */
const evidence = async () => {
  const log = existsSync(places.log) ? readFileSync(places.log, 'utf8').split('\n') : []
  console.error(
    log
      .filter(line => !/dnsmasq/.test(line))
      .slice(-40)
      .join('\n'),
  )
  const looks = [['rule'], ['route', 'show', 'table', 'all'], ['-br', 'link'], ['neigh']]
  for (const what of looks) console.error(await run('ip', ['-n', places.namespace, ...what]).catch(String))
  console.error(await run('ip', ['netns', 'exec', places.namespace, 'nft', 'list', 'ruleset']).catch(String))
}

const clean = async () => {
  await closeWorld(places)
  await stopMachines(places.dir)
  await stopLocalAws(places.dir)
  rmSync(folder, { recursive: true, force: true })
}

test.before(async () => {
  const lacks = await requirements()
  if (lacks) throw new Error(lacks)
  await clean()
  mkdirSync(folder, { recursive: true })
  before = await hostNetwork(places.namespace)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const place = { folder: places.dir, cache: join(imageCache(process.env), '..'), machines: true }
  endpoint = (await startLocalAws(place, 'us-west-2', say)).endpoint
})

test.after(async () => {
  if (broken()) await evidence()
  await clean()
  console.log(table())
})

stage('the image is there, and the background process follows moto', async () => {
  const { proxy } = await start()
  assert.match(proxy, /^http:\/\/127\.0\.0\.1:\d+$/)
  lab = await makeLab(endpoint, `${key}.pub`)
})

stage('three machines boot, and each runs its user data', async () => {
  groupOfA = await lab.group('a')
  groupOfAll = await lab.group('all')
  const groups = [groupOfAll]
  a = await lab.launch('a', userData, [groupOfA], {}, false)
  b = await lab.launch('b', userData, groups, {
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 2, InstanceMetadataTags: 'enabled' },
    BlockDeviceMappings: [{ DeviceName: '/dev/xvda', Ebs: { VolumeSize: 12 } }],
  })
  nodes = await lab.scaled(userData, groups)
  c = await nodes.now()
  const began = Date.now()
  await until('all three are running', 120, async () =>
    (await Promise.all([a, b, c].map(stateOf))).every(s => s === 'running'),
  )
  await until(
    'user data ran on all three',
    900,
    () => [a, b, c].every(id => /user data of ip-172-20-0-\d+ at/.test(consoleOf(id))),
    () => [a, b, c].map(id => consoleOf(id).slice(-800)),
  )
  say(`user data ran on three machines after ${((Date.now() - began) / 1000).toFixed(0)} s`)
  await ready([a, b, c], 600)
  for (const one of status(places.dir).machines) say(`${one.name} holds ${one.residentMiB} MiB of its ${one.memoryMiB}`)
})

/** The address that a person's ssh comes from is what kube-up opens port 22 for when nobody says otherwise. */
const [ssh = ''] = config({ KUBERNETES_PROVIDER: 'local' }).SSH_CIDR
const everywhere = () => ({ RouteTableId: lab.routeTable, DestinationCidrBlock: '0.0.0.0/0' })

stage(
  'a machine reaches the world outside with a public address, behind a route to a gateway that is attached',
  async () => {
    await openWorld(places)
    const fetches = async (from: string, url: string) =>
      (await on(from)(`curl -s -m 5 -o /dev/null -w '%{http_code}' ${url} || true`)) !== '000'
    const world = (from: string) => fetches(from, `http://${somewhere}/`)
    await until('b reaches it', 240, () => world(b))
    assert.not(await world(a), 'a has no public address')
    assert.not(await fetches(a, 'https://s3.us-west-2.amazonaws.com/'), 'nor a way to S3')
    await lab.api.send(new ec2.DeleteRouteCommand(everywhere()))
    await settled()
    assert.not(await world(b), 'there is no route')
    await lab.api.send(new ec2.CreateRouteCommand({ ...everywhere(), GatewayId: lab.gateway }))
    await until('b reaches it again', 240, () => world(b))
    const attachment = { InternetGatewayId: lab.gateway, VpcId: lab.vpc }
    await lab.api.send(new ec2.DetachInternetGatewayCommand(attachment))
    await settled()
    assert.not(await world(b), 'the gateway is not attached')
    await lab.api.send(new ec2.AttachInternetGatewayCommand(attachment))
    await until('b reaches it at last', 240, () => world(b))
  },
)

stage('an Elastic IP reaches its machine from here, through the namespace and not through this host', async () => {
  const { AllocationId = '', PublicIp = '' } = await lab.api.send(new ec2.AllocateAddressCommand({ Domain: 'vpc' }))
  await lab.api.send(new ec2.AssociateAddressCommand({ AllocationId, InstanceId: a }))
  const banner = async () => {
    const socket = await reach(places, PublicIp, 22, 10_000)
    try {
      const [bytes] = (await once(socket.resume(), 'data', { signal: AbortSignal.timeout(10_000) })) as [Buffer]
      return bytes.toString()
    } finally {
      socket.destroy()
    }
  }
  const refused = () =>
    banner().then(
      () => false,
      () => true,
    )
  await settled()
  assert.ok(await refused(), 'its security group knows nobody yet')
  const rule = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, IpRanges: [{ CidrIp: ssh }] }
  await lab.api.send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId: groupOfA, IpPermissions: [rule] }))
  assert.match(await until('the address answers', 240, banner), /^SSH-2\.0/)
  assert.is(await remote(places, key, PublicIp)('hostname -I'), machine(a).address, 'ssh to the public address')
  assert.not.match(await run('ip', ['route', 'get', PublicIp]).catch(() => ''), /dev (s-|internet|lo)/)
  await lab.api.send(new ec2.DeleteRouteCommand(everywhere()))
  await settled()
  assert.ok(await refused(), 'without a route to the gateway nothing comes back')
  await lab.api.send(new ec2.CreateRouteCommand({ ...everywhere(), GatewayId: lab.gateway }))
  await until('with it the address answers again', 240, banner)
  await lab.api.send(new ec2.RevokeSecurityGroupIngressCommand({ GroupId: groupOfA, IpPermissions: [rule] }))
})

stage('a machine knows itself: identity, name, tags, and its role', async () => {
  assert.is(
    await on(c)(`${shell} meta meta-data/tags/instance/Name; role | jq -r .Code`),
    'cSuccess',
    'the one of a group, too',
  )
  assert.is(await on(b)('lsblk -bdno SIZE /dev/nvme0n1; nproc'), `${12 * 2 ** 30}\n${machine(b).cpus}`)
  const said = await on(a)(`${shell}
    meta meta-data/instance-id; echo; meta dynamic/instance-identity/document | jq -r .instanceId
    meta meta-data/tags/instance/Name; echo; hostname -f; meta meta-data/iam/security-credentials/; echo
    meta meta-data/public-ipv4; echo; role | jq -r .AccessKeyId`)
  const { address, publicAddress } = machine(a)
  const name = `ip-${address.replaceAll('.', '-')}.us-west-2.compute.internal`
  assert.match(said, new RegExp(`^${a}\n${a}\na\n${name}\nreader\n${publicAddress}\nASIA`))
})

stage('the metadata service refuses who asks without a token', async () => {
  const said = await on(a)(`${shell}
    curl -s -o /dev/null -w '%{http_code} ' http://169.254.169.254/latest/meta-data/
    curl -s -o /dev/null -w '%{http_code} ' -H 'X-aws-ec2-metadata-token: made-up' http://169.254.169.254/latest/meta-data/
    curl -s -o /dev/null -w '%{http_code}' -H "X-aws-ec2-metadata-token: $(token)" http://169.254.169.254/latest/meta-data/`)
  assert.is(said, '401 401 200')
})

const pod = `
ip netns add pod; ip link add pod0 type veth peer name eth0 netns pod
ip address add 10.99.0.1/24 dev pod0; ip link set pod0 up
ip -n pod address add 10.99.0.2/24 dev eth0; ip -n pod link set eth0 up; ip -n pod route add default via 10.99.0.1
sysctl -qw net.ipv4.ip_forward=1; nft 'table ip masq { chain c { type nat hook postrouting priority 100; ip saddr 10.99.0.0/24 masquerade; }; }'
ip netns exec pod curl -s -m 15 -o /dev/null -w '%{http_code}' -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 60' http://169.254.169.254/latest/api/token || true
ip netns del pod; nft delete table ip masq`

stage('the hop limit keeps a token from a pod, and lets it through when it is 2', async () => {
  const [near, far] = await Promise.all([on(a)(pod), on(b)(pod)])
  assert.is(near, '000', 'hop limit 1')
  assert.is(far, '200', 'hop limit 2')
})

stage("S3 gives what the role may read, with curl's SigV4, and refuses everything else", async () => {
  const said = await on(a)(`${shell}
    role > /var/tmp/role; bucket=https://${lab.bucket}.s3.us-west-2.amazonaws.com
    signed s3 /var/tmp/role $bucket/allowed/hello; echo
    signed s3 /var/tmp/role $bucket/secret/hello | tail -1; echo
    curl -s -o /dev/null -w '%{http_code}\\n' $bucket/allowed/hello
    jq '.SecretAccessKey |= ascii_upcase' /var/tmp/role > /var/tmp/forged
    signed s3 /var/tmp/forged $bucket/allowed/hello | tail -1; echo
    ec2='https://ec2.us-west-2.amazonaws.com/?Version=2016-11-15&Action='
    signed ec2 /var/tmp/role "\${ec2}DescribeInstances" | grep -o ${b} | head -1; signed ec2 /var/tmp/role "\${ec2}DescribeVpcs" | tail -1`)
  assert.is(said, `hello from s3\n\n200\n403\n403\n403\n${b}\n403`)
})

stage('the console comes through the API', async () => {
  const { Output } = await lab.api.send(new ec2.GetConsoleOutputCommand({ InstanceId: a }))
  assert.match(Buffer.from(Output ?? '', 'base64').toString(), /user data of ip-172-20-0-/)
})

const entry = (name: string, ...args: string[]) => {
  const script = fileURLToPath(new URL(`../../cluster/local/machines/entries/${name}.ts`, import.meta.url))
  const PATH = `${join(folder, 'bin')}:${process.env.PATH}`
  const env = { ...process.env, PATH, KUBE_LOCAL_FOLDER: places.dir, AWS_SSH_KEY: key, KUBECONFIG: '/a/config' }
  return execFileSync(process.execPath, ['--import', 'tsx', script, ...args], { env, encoding: 'utf8' }).trim()
}

stage('people have their handles: status, console, shell and kubectl', async () => {
  assert.match(entry('status'), new RegExp(`${a}.*172\\.20\\.0\\.\\d+.*203\\.0\\.113\\.\\d+.*ready.*MiB`))
  assert.match(entry('console', 'a'), /user data of ip-172-20-0-/)
  assert.is(entry('shell', 'a', 'hostname'), `ip-${machine(a).address.replaceAll('.', '-')}`)
  assert.throws(() => entry('shell', 'nobody', 'hostname'), /Which machine\?/)
  // There is no cluster here to ask, so kubectl is a program that says what the real one would be given.
  const kubectl = '#!/bin/sh\necho "$* $KUBECONFIG"; [ "$1" = get ] || exit 3\n'
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(join(folder, 'bin', 'kubectl'), kubectl, { mode: 0o755 })
  assert.match(entry('kubectl', 'get', 'nodes'), /^get nodes \/a\/config$/)
  const fails = (error: Error & { status?: number }) => error.status === 3
  assert.throws(() => entry('kubectl', 'top'), fails)
})

const knocks = async (from: string, to: string, port: number) =>
  (await on(from)(`timeout 3 bash -c '</dev/tcp/${to}/${port}' 2>/dev/null && echo open || echo closed`)) === 'open'

stage('a port that its security group closes is closed, and opens when the rule is added', async () => {
  const address = machine(a).address
  assert.not(await knocks(b, address, 22), 'no rule')
  const rule = { IpProtocol: 'tcp', FromPort: 22, ToPort: 22, UserIdGroupPairs: [{ GroupId: groupOfAll }] }
  await lab.api.send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId: groupOfA, IpPermissions: [rule] }))
  await until('b reaches a, in its group', 240, () => knocks(b, address, 22))
  await lab.api.send(new ec2.RevokeSecurityGroupIngressCommand({ GroupId: groupOfA, IpPermissions: [rule] }))
  await until('b no longer reaches a', 240, async () => !(await knocks(b, address, 22)))
  const everything = { IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }
  await lab.api.send(new ec2.RevokeSecurityGroupEgressCommand({ GroupId: groupOfA, IpPermissions: [everything] }))
  await settled()
  const status = await on(a)(`curl -s -m 4 -o /dev/null -w '%{http_code}' http://s3.us-west-2.amazonaws.com/ || true`)
  assert.is(status, '000', 'nothing leaves without an egress rule')
  await lab.api.send(new ec2.AuthorizeSecurityGroupEgressCommand({ GroupId: groupOfA, IpPermissions: [everything] }))
})

stage('a route to an instance carries foreign addresses only without its source/destination check', async () => {
  const Groups = { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: groupOfAll }] }
  await lab.api.send(new ec2.AuthorizeSecurityGroupIngressCommand({ GroupId: groupOfAll, IpPermissions: [Groups] }))
  const foreign = { RouteTableId: lab.routeTable, DestinationCidrBlock: '10.244.1.0/24', InstanceId: b }
  await lab.api.send(new ec2.CreateRouteCommand(foreign))
  await on(b)('ip address add 10.244.1.1/32 dev lo')
  const answers = async () => (await on(c)('ping -c 1 -W 2 10.244.1.1 > /dev/null && echo yes || echo no')) === 'yes'
  await settled()
  assert.not(await answers(), 'the check is on')
  const free = { InstanceId: b, SourceDestCheck: { Value: false } }
  await lab.api.send(new ec2.ModifyInstanceAttributeCommand(free))
  await until('packets cross', 240, answers)
  await lab.api.send(
    new ec2.DeleteRouteCommand({ RouteTableId: lab.routeTable, DestinationCidrBlock: '10.244.1.0/24' }),
  )
  await until('without the route they do not', 240, async () => !(await answers()))
})

stage('machines for which there is no room are refused, and say why', async () => {
  // Each may have half of this computer's memory, so two of them and the three that run are too many anywhere.
  const big = await Promise.all(
    ['one', 'two'].map(name => lab.launch(name, userData, [groupOfAll], { InstanceType: 'm7i.8xlarge' })),
  )
  const refused = await until('one is refused', 120, async () => {
    const all = await Promise.all(big.map(id => lab.describe(id)))
    return all.find(one => one.State?.Name === 'terminated')
  })
  assert.is(refused.StateReason?.Code, 'Server.InsufficientInstanceCapacity')
  assert.match(refused.StateReason?.Message ?? '', /need .* GiB of memory and this computer has .* GiB to give/)
  await lab.api.send(new ec2.TerminateInstancesCommand({ InstanceIds: big }))
  await until('both are gone', 240, () => big.every(id => !existsSync(machinePlaces(places, id).dir)))
})

const volumeLink = (volume: string) => `/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume.replace('-', '')}`
let volume: string

stage('an attached volume appears under its id, and disappears when it is detached', async () => {
  const made = await lab.api.send(
    new ec2.CreateVolumeCommand({ AvailabilityZone: lab.zone, Size: 1, VolumeType: 'gp3' }),
  )
  volume = made.VolumeId ?? ''
  await lab.api.send(new ec2.AttachVolumeCommand({ VolumeId: volume, InstanceId: c, Device: '/dev/xvdb' }))
  await on(c)(`timeout 120 sh -c 'until [ -e ${volumeLink(volume)} ]; do sleep 0.3; done'`)
  await lab.api.send(new ec2.DetachVolumeCommand({ VolumeId: volume, InstanceId: c, Device: '/dev/xvdb' }))
  await on(c)(`timeout 120 sh -c 'while [ -e ${volumeLink(volume)} ]; do sleep 0.3; done'`)
  await lab.api.send(new ec2.AttachVolumeCommand({ VolumeId: volume, InstanceId: c, Device: '/dev/xvdb' }))
  await on(c)(`timeout 120 sh -c 'until [ -e ${volumeLink(volume)} ]; do sleep 0.3; done'
    mkfs.ext4 -q ${volumeLink(volume)}; mkdir -p /mnt/v; mount ${volumeLink(volume)} /mnt/v; echo kept > /mnt/v/file`)
})

const kill = async () => {
  process.kill(JSON.parse(readFileSync(places.daemon, 'utf8')).pid as number, 'SIGKILL')
  await until('the background process is dead', 30, () => following(places.dir) === undefined)
}
const qemuOf = (id: string) => JSON.parse(readFileSync(machinePlaces(places, id).process, 'utf8')).pid as number

stage('kill -9 of the background process and a restart find the same machines', async () => {
  const then = [a, b, c].map(qemuOf)
  const uptime = Number(await on(a)(`cut -d. -f1 /proc/uptime`))
  // A process that was started and not yet written down when the end came; and one that a person runs in there.
  const resolver = () => processesWith(join(places.run, 'dnsmasq.conf'))
  const [unknown = ''] = resolver()
  rmSync(join(places.run, 'dnsmasq.json'))
  const person = spawn('ip', ['netns', 'exec', places.namespace, 'sleep', '543'], { stdio: 'ignore' })
  await kill()
  // From here on a role's credentials end, while the next stages go on.
  await start(120)
  await until('there is one name server', 60, () => resolver().length === 1 && !resolver().includes(unknown), resolver)
  assert.is(person.signalCode, null, 'a shell of the person is no stray')
  person.kill('SIGKILL')
  assert.equal([a, b, c].map(qemuOf), then)
  assert.ok(Number(await on(a)(`cut -d. -f1 /proc/uptime`)) >= uptime, 'and none was rebooted')
  await until('metadata is served again', 240, async () => (await on(a)(`${shell} meta meta-data/instance-id`)) === a)
  await on(a)(`${shell} role > /var/tmp/first`)
})

stage(
  "a terminated machine's volume goes to its replacement with its file, and user data runs once over a reboot",
  async () => {
    const rebooted = consoleOf(b).split('Linux version').length
    await lab.api.send(new ec2.RebootInstancesCommand({ InstanceIds: [b] }))
    await lab.api.send(new ec2.TerminateInstancesCommand({ InstanceIds: [c] }))
    assert.is(await stateOf(c), 'shutting-down', 'the guest shuts down before the instance is gone')
    const PrivateIpAddress = (await lab.describe(c)).PrivateIpAddress ?? machine(c).address
    const there = { DeviceIndex: 0, SubnetId: lab.subnet, Groups: [groupOfAll], PrivateIpAddress }
    const taken = await lab.launch('d', userData, [], { NetworkInterfaces: [there] }).catch(error => error as Error)
    assert.match(String(taken), /InvalidIPAddress.InUse/, 'until then it has its address')
    await until(
      'it is terminated',
      240,
      async () => (await stateOf(c)) === 'terminated',
      () => [
        readFileSync(places.log, 'utf8').slice(-1500),
        existsSync(machinePlaces(places, c).console) && consoleOf(c).slice(-1000),
      ],
    )
    assert.not(existsSync(machinePlaces(places, c).dir))
    const replacement = await nodes.now()
    await lab.api.send(new ec2.AttachVolumeCommand({ VolumeId: volume, InstanceId: replacement, Device: '/dev/xvdb' }))
    await until('b starts again', 400, () => consoleOf(b).split('Linux version').length > rebooted)
    await ready([replacement, b], 900)
    assert.is(await on(replacement)(`mkdir -p /mnt/v; mount ${volumeLink(volume)} /mnt/v; cat /mnt/v/file`), 'kept')
    assert.is(await on(b)('wc -l < /var/lib/ran'), '1')
    c = replacement
  },
)

stage('role credentials end, and the metadata service has new ones', async () => {
  const said = await on(a)(
    `${shell}
    ends=$(date -d "$(jq -r .Expiration /var/tmp/first)" +%s); while [ $(date +%s) -le $((ends + 2)) ]; do sleep 1; done
    url=https://${lab.bucket}.s3.us-west-2.amazonaws.com/allowed/hello
    signed s3 /var/tmp/first $url | grep -o '<Code>.*</Code>'; role > /var/tmp/now; signed s3 /var/tmp/now $url | head -1
    [ "$(jq -r .AccessKeyId /var/tmp/first)" != "$(jq -r .AccessKeyId /var/tmp/now)" ] && echo renewed`,
    600_000,
  )
  assert.is(said, '<Code>ExpiredToken</Code>\nhello from s3\nrenewed')
})

stage(
  'a machine that powers itself off is stopped, starts again, and one that should then terminate is terminated',
  async () => {
    await on(a)('echo here > /var/lib/still; systemctl poweroff').catch(() => {})
    await until('a is stopped', 240, async () => (await stateOf(a)) === 'stopped')
    assert.equal(processesWith(`-name ${a}`), [], 'a stopped machine has no process')
    await lab.api.send(new ec2.StartInstancesCommand({ InstanceIds: [a] }))
    await on(c)('systemctl poweroff').catch(() => {})
    await until('c is terminated', 240, async () => (await stateOf(c)) === 'terminated')
    await until('a is running', 120, async () => (await stateOf(a)) === 'running')
    await until(
      'a has its files',
      900,
      async () => (await on(a)('cat /var/lib/still; wc -l < /var/lib/ran')) === 'here\n1',
    )
  },
)

stage(
  'terminated machines leave no process, file, interface or rule behind, also when nobody watched them go',
  async () => {
    c = await nodes.now()
    await kill()
    await nodes.end()
    await lab.api.send(new ec2.TerminateInstancesCommand({ InstanceIds: [a, b] }))
    await start()
    await until('all are terminated', 240, async () =>
      (await Promise.all([a, b, c].map(stateOf))).every(state => state === 'terminated'),
    )
    await lab.api.send(new ec2.DeleteVolumeCommand({ VolumeId: volume }))
    const links = () => run('ip', ['-n', places.namespace, '-br', 'link'])
    await until('their links are gone', 60, async () => !/^[st]-[0-9a-f]+/m.test(await links()), links)
    assert.equal(
      processesWith('qemu-system').filter(line => line.includes(folder)),
      [],
    )
    assert.equal(readdirSync(places.machines), [])
    await until('the volume is gone', 60, () => readdirSync(places.volumes).length === 0)
    const firewall = await run('ip', ['netns', 'exec', places.namespace, 'nft', 'list', 'ruleset'])
    assert.not.match(firewall, new RegExp([a, b, c].map(id => id.replace('-', '_')).join('|')))
  },
)

const isAsBefore = async () => {
  assert.equal(processesWith(places.dir), [])
  assert.equal(readdirSync(places.dir).sort(), ['aws.log', 'lock', 'machines.log'])
  assert.equal(await hostNetwork(places.namespace), before)
}
const localStop = () => {
  const script = fileURLToPath(new URL('../../cluster/bin/local-stop.js', import.meta.url))
  const env = { ...process.env, KUBE_LOCAL_FOLDER: places.dir }
  return execFileSync(process.execPath, [script], { env, encoding: 'utf8' }).trim()
}

stage('local:stop finds everything also when every process was killed', async () => {
  const last = await lab.launch('last', userData, [groupOfAll])
  await until('it runs', 120, async () => (await stateOf(last)) === 'running')
  const processes = ['daemon.json', 'gate.json', 'dnsmasq.json'].map(name => join(places.run, name))
  for (const file of [...processes, machinePlaces(places, last).process]) {
    const one = recall(file)
    assert.ok(one, file)
    signal(one.pid, 'SIGKILL')
  }
  process.kill(JSON.parse(readFileSync(join(places.dir, 'aws.json'), 'utf8')).pid as number, 'SIGKILL')
  await until(
    'all are dead',
    30,
    () => processesWith(places.dir).length === 0,
    () => processesWith(places.dir),
  )
  await closeWorld(places)
  assert.is(localStop(), 'The local AWS was not running; what its machines had left is gone.')
  await isAsBefore()
})

stage('stopping takes all of it away, and the host is as it was', async () => {
  const place = { folder: places.dir, cache: join(imageCache(process.env), '..'), machines: true }
  endpoint = (await startLocalAws(place, 'us-west-2', say)).endpoint
  await start()
  assert.is(localStop(), 'The local AWS is stopped, and everything in it is gone.')
  await isAsBefore()
  assert.is(localStop(), 'The local AWS was not running.')
})

test.run()
