import type { Subnet } from '@aws-sdk/client-ec2'
import type { World } from '../world.ts'
import { mask, nth } from './cidr.ts'
import { bridgeOf, type Nic } from './nics.ts'
import { endpoints } from './well-known.ts'

const option = (world: World, subnet: Subnet, key: string) => {
  const vpc = world.vpcs.find(one => one.VpcId === subnet.VpcId)
  const set = world.dhcp.find(one => one.DhcpOptionsId === vpc?.DhcpOptionsId)
  return (set?.DhcpConfigurations ?? [])
    .find(one => one.Key === key)
    ?.Values?.flatMap(value => value.Value ?? [])
    .filter(value => value !== 'AmazonProvidedDNS')
}

const domain = ({ AvailabilityZone = '' }: Subnet) => {
  const region = AvailabilityZone.replace(/[a-z]$/, '')
  return region === 'us-east-1' ? 'ec2.internal' : `${region}.compute.internal`
}

const network = (world: World, subnet: Subnet) => {
  const bridge = bridgeOf(subnet.SubnetId ?? '')
  const cidr = subnet.CidrBlock ?? ''
  const vpc = world.vpcs.find(one => one.VpcId === subnet.VpcId)?.CidrBlock ?? cidr
  const servers = option(world, subnet, 'domain-name-servers') ?? []
  const search = option(world, subnet, 'domain-name')?.[0] ?? domain(subnet)
  const tell = (name: string, value: string) => `dhcp-option=tag:${bridge},option:${name},${value}`
  return [
    `interface=${bridge}`,
    `dhcp-range=set:${bridge},${nth(cidr, 0)},static,${mask(cidr)},1h`,
    tell('router', nth(cidr, 1)),
    tell('dns-server', servers.length > 0 ? servers.join(',') : nth(vpc, 2)),
    // EC2 hands out several search domains as one space-separated string; the first is the domain.
    tell('domain-name', search.split(/\s+/)[0] ?? search),
  ]
}

/** What dnsmasq is told. The two host lists may change while it runs; anything else takes a restart. */
export const dnsmasq = (
  world: World,
  subnets: readonly Subnet[],
  nics: readonly Nic[],
  run: string,
  upstream?: string,
) => ({
  config: [
    'port=53',
    'bind-dynamic',
    'user=root',
    'no-resolv',
    'no-hosts',
    'no-ping',
    'dhcp-authoritative',
    // cloud-init and networkd name themselves differently; the machine is the same.
    'dhcp-ignore-clid',
    'no-daemon',
    'log-facility=-',
    'quiet-dhcp',
    `dhcp-leasefile=${run}/leases`,
    `dhcp-hostsfile=${run}/dhcp-hosts`,
    `addn-hosts=${run}/names`,
    // Every AWS service is the local one. The machines' own public names are in the list above and come first.
    `address=/amazonaws.com/${endpoints}`,
    'local=/internal/',
    ...(upstream ? [`server=${upstream}`] : []),
    ...subnets.flatMap(subnet => network(world, subnet)),
    '',
  ].join('\n'),
  leases: nics.map(nic => `${nic.mac},${nic.address},infinite\n`).join(''),
  // Inside a VPC a public name means the private address.
  names: nics.map(nic => `${nic.address} ${[...nic.names, nic.publicName ?? []].flat().join(' ')}\n`).join(''),
})
