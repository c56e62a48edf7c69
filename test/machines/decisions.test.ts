import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { config } from '../../cluster/aws/config-default.ts'
import { mayInstall } from '../../cluster/local/machines/install.ts'
import { lookUp, tree } from '../../cluster/local/machines/metadata/tree.ts'
import { plan } from '../../cluster/local/machines/network/plan.ts'
import { person } from '../../cluster/local/machines/network/well-known.ts'
import { qemu } from '../../cluster/local/machines/qemu.ts'
import { backports, installLine, requirements, tooOld } from '../../cluster/local/machines/requirements.ts'
import { accelerator, bounded, refusal } from '../../cluster/local/machines/size.ts'
import type { World } from '../../cluster/local/machines/world.ts'

const size = suite('what a machine gets')
const laptop = { cpus: 4, memoryMiB: 16384, freeMiB: 12000 }

size('hardware virtualisation is used only where the CPU shows it', () => {
  assert.is(accelerator(undefined, 'flags\t: fpu vmx sse'), 'kvm')
  assert.is(accelerator(undefined, 'flags\t: fpu svm'), 'kvm')
  assert.is(accelerator(undefined, 'flags\t: fpu vmmcall hypervisor'), 'tcg')
  assert.is(accelerator('kvm', 'flags\t: fpu'), 'kvm')
  assert.throws(() => accelerator('fast', ''), /must be kvm or tcg/)
})
size('CPUs and memory follow the type, up to what the host has', () => {
  assert.equal(bounded({ cpus: 2, memoryMiB: 4096 }, laptop), { cpus: 2, memoryMiB: 4096 })
  assert.equal(bounded({ cpus: 96, memoryMiB: 393216 }, laptop), { cpus: 4, memoryMiB: 8192 })
})
size('a cluster that does not fit is refused in one sentence that says what to do', () => {
  const node = { cpus: 2, memoryMiB: 2048 }
  assert.is(refusal([{ cpus: 2, memoryMiB: 4096 }, node, node], laptop), undefined)
  const why = refusal([{ cpus: 2, memoryMiB: 4096 }, ...Array(5).fill(node)], laptop)
  assert.match(why ?? '', /need 14\.0 GiB.*has 11\.2 GiB.*NUM_NODES/)
})
size('what is missing is named with the line that installs it', () => {
  assert.is(
    installLine(['qemu-system-x86', 'nftables'], 'bookworm-backports'),
    'apt-get install --no-install-recommends -t bookworm-backports qemu-system-x86 nftables',
  )
})
size('a QEMU that is too old comes from backports on Debian 12, and from nowhere on an older Ubuntu', () => {
  const os = (id: string, codename: string, version: number) => ({ id, codename, version })
  assert.is(backports(os('debian', 'bookworm', 12)), 'bookworm-backports')
  assert.is(backports(os('debian', 'trixie', 13)), undefined)
  assert.is(tooOld(os('debian', 'bookworm', 12)), '')
  assert.is(tooOld(os('ubuntu', 'questing', 25.1)), '')
  assert.match(tooOld(os('ubuntu', 'noble', 24.04)), /since 25\.10; .* put QEMU 10 in the PATH/)
})
size('without root, and without user namespaces, the refusal says what to do', async () => {
  assert.match((await requirements(1000, async () => false)) ?? '', /lets only root make: run .* with sudo -E\.$/)
  assert.not.match((await requirements(1000, async () => true)) ?? '', /root make/)
})
size('packages are installed by root alone, on Debian or Ubuntu, and not where that is forbidden', () => {
  assert.ok(mayInstall({}, 0, true))
  assert.not(mayInstall({}, 1000, true))
  assert.not(mayInstall({}, 0, false))
  assert.not(mayInstall({ KUBE_LOCAL_INSTALL: 'false' }, 0, true))
})
size('QEMU says it is EC2, and the root disk has its volume id', () => {
  const machine = {
    ...{ instance: 'i-0123456789abcdef0', rootVolume: 'vol-0a', mac: '02:00:00:00:00:01', tap: 't-1' },
    ...{ size: { cpus: 2, memoryMiB: 2048 }, accelerator: 'tcg' as const, kernel: 'k', initrd: 'r' },
    ...{ disk: 'd', console: 'c', monitor: 'm' },
  }
  const line = qemu(machine).join(' ')
  assert.match(line, /manufacturer=Amazon EC2,.*uuid=ec2[0-9a-f]{5}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12},/)
  assert.match(line, /nvme,serial=vol0a,/)
  assert.match(line, /-accel tcg/)
})
size.run()

const network = suite('what the network lets through')
const instance = (n: number, more: object = {}) => ({
  ...{ InstanceId: `i-0000000000000000${n}`, VpcId: 'vpc-1', SubnetId: 'subnet-00000000000000001' },
  ...{ PrivateIpAddress: `172.20.0.1${n}`, State: { Name: 'running' as const } },
  NetworkInterfaces: [
    { NetworkInterfaceId: `eni-${n}`, MacAddress: `02:00:00:00:00:0${n}`, Groups: [{ GroupId: `sg-${n}` }] },
  ],
  ...more,
})
const world = (more: Partial<World> = {}): World => ({
  region: 'us-west-2',
  instances: [instance(1, { PublicIpAddress: '203.0.113.7' }), instance(2)],
  subnets: [
    {
      SubnetId: 'subnet-00000000000000001',
      VpcId: 'vpc-1',
      CidrBlock: '172.20.0.0/24',
      AvailabilityZone: 'us-west-2a',
    },
  ],
  vpcs: [{ VpcId: 'vpc-1', CidrBlock: '172.20.0.0/16' }],
  routeTables: [
    {
      ...{ RouteTableId: 'rtb-1', VpcId: 'vpc-1', Associations: [{ Main: true }] },
      Routes: [
        { DestinationCidrBlock: '172.20.0.0/16', GatewayId: 'local' },
        { DestinationCidrBlock: '0.0.0.0/0', GatewayId: 'igw-1' },
        { DestinationCidrBlock: '10.244.1.0/24', InstanceId: 'i-00000000000000002' },
        { DestinationCidrBlock: '10.244.2.0/24', InstanceId: 'i-0000000000000gone' },
      ],
    },
  ],
  groups: [
    {
      GroupId: 'sg-1',
      IpPermissions: [{ IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    },
    { GroupId: 'sg-2', IpPermissions: [{ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-1' }] }] },
  ],
  gateways: [{ InternetGatewayId: 'igw-1', Attachments: [{ VpcId: 'vpc-1', State: 'available' as never }] }],
  ...{ volumes: [], dhcp: [], keys: [], types: new Map() },
  ...more,
})
const routesOf = (some: World) => plan(some, '/run').bridges[0]?.routes ?? []

network('a subnet follows its route table, and everything else is a black hole', () => {
  const routes = routesOf(world())
  assert.ok(routes.includes('throw 0.0.0.0/0'), 'the way out')
  assert.ok(routes.includes('10.244.1.0/24 via 172.20.0.12 dev s-000000000001 onlink'))
  assert.ok(routes.includes('blackhole 10.244.2.0/24'), 'a route to an instance that is gone')
  assert.ok(routes.includes('blackhole 172.20.0.0/16'), 'the VPC outside its subnets')
})
network('a gateway that is not attached leads nowhere', () => {
  const routes = routesOf(world({ gateways: [{ InternetGatewayId: 'igw-1', Attachments: [] }] }))
  assert.ok(routes.includes('blackhole 0.0.0.0/0'))
  assert.not(plan(world({ gateways: [] }), '/run').firewall.includes('203.0.113.7'))
})
network('only who has a public address, behind a route to a gateway, is online', () => {
  assert.match(plan(world(), '/run').firewall, /set online { type ipv4_addr; elements = { 172\.20\.0\.11 }; }/)
})
network('security groups become rules: addresses by network, groups by the machine a packet came from', () => {
  const { firewall } = plan(world(), '/run')
  assert.match(firewall, /chain in_sg_1 {\s+ip saddr 0\.0\.0\.0\/0 tcp dport 443-443 accept\s+}/)
  assert.match(firewall, /chain in_sg_2 {\s+ct status & dnat == 0 meta mark @from_sg_1\s+accept\s+}/)
})
network('SSH is open to the person at the keyboard, when nobody says otherwise', () => {
  assert.equal(config({ KUBERNETES_PROVIDER: 'local' }).SSH_CIDR, [`${person}/32`])
})
network('the source/destination check is a rule that goes away when it is off', () => {
  const check = /ip saddr != 172\.20\.0\.12 drop/
  assert.match(plan(world(), '/run').firewall, check)
  const free = world({ instances: [instance(1), instance(2, { SourceDestCheck: false })] })
  assert.not.match(plan(free, '/run').firewall, check)
})
network('a VPC with the addresses of another one is refused a machine', () => {
  const late = instance(3, { VpcId: 'vpc-2', SubnetId: 'subnet-2', LaunchTime: new Date(9e12) })
  const both = world()
  const two = {
    ...both,
    instances: [instance(1, { LaunchTime: new Date(1) }), late],
    subnets: [...both.subnets, { SubnetId: 'subnet-2', VpcId: 'vpc-2', CidrBlock: '172.20.0.0/24' }],
    vpcs: [...both.vpcs, { VpcId: 'vpc-2', CidrBlock: '172.20.0.0/16' }],
  }
  assert.equal(
    plan(two, '/run').nics.map(nic => nic.instance),
    ['i-00000000000000001'],
  )
})
network.run()

const metadata = suite('what the metadata service answers')
const subject = {
  ...{
    region: 'us-west-2',
    subnet: undefined,
    vpc: undefined,
    account: '1',
    publicKey: 'ssh-ed25519 A',
    profile: undefined,
  },
  ...{ instance: instance(1, { Tags: [{ Key: 'Name', Value: 'x' }] }), userData: Buffer.from([0x1f, 0x8b, 0xff]) },
}
metadata('directories list their names, and what is not there is not listed', () => {
  const top = lookUp(tree(subject), ['meta-data'])?.split('\n') ?? []
  assert.ok(top.includes('public-keys/') && top.includes('instance-id'))
  assert.not(top.includes('iam/'), 'no role')
  assert.not(top.includes('tags/'), 'tags are off')
  assert.not(top.includes('public-ipv4'))
  assert.is(lookUp(tree(subject), ['meta-data', 'toString']), undefined)
})
metadata('user data keeps its bytes', () => {
  assert.equal(Buffer.from(lookUp(tree(subject), ['user-data']) ?? '', 'latin1'), subject.userData)
})
metadata.run()
