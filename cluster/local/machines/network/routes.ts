import type { Route, RouteTable, Subnet } from '@aws-sdk/client-ec2'
import type { World } from '../world.ts'
import { bits, contains, nth } from './cidr.ts'
import { bridgeOf, type Nic } from './nics.ts'
import { metadata, names } from './well-known.ts'

/** The table that a subnet's packets follow: its own by association, else its VPC's main one. */
export const tableOf = (world: World, subnet: Subnet): RouteTable | undefined =>
  world.routeTables.find(table => table.Associations?.some(one => one.SubnetId === subnet.SubnetId)) ??
  world.routeTables.find(table => table.VpcId === subnet.VpcId && table.Associations?.some(one => one.Main))

/** Whether a route leads out: its gateway has to be attached to this very VPC. */
const leadsOut = (world: World, vpc: string, route: Route) =>
  world.gateways.some(
    gateway =>
      gateway.InternetGatewayId === route.GatewayId && gateway.Attachments?.some(attached => attached.VpcId === vpc),
  )

/** Whether packets from this subnet to an address outside go through an internet gateway: the longest prefix decides. */
export const reachesInternet = (world: World, subnet: Subnet, network: string) => {
  const matching = (tableOf(world, subnet)?.Routes ?? [])
    .filter(route => route.DestinationCidrBlock && contains(route.DestinationCidrBlock, network))
    .sort((a, b) => bits(b.DestinationCidrBlock ?? '') - bits(a.DestinationCidrBlock ?? ''))
  return matching[0] !== undefined && leadsOut(world, subnet.VpcId ?? '', matching[0])
}

const target = (world: World, vpc: string, route: Route, nics: readonly Nic[]) => {
  const cidr = route.DestinationCidrBlock
  if (!cidr || route.GatewayId === 'local') return []
  // "throw" leaves this table: what follows is the internet side.
  if (leadsOut(world, vpc, route)) return [`throw ${cidr}`]
  const nic = nics.find(one => one.instance === route.InstanceId && one.vpc === vpc) ?? byInterface(world, route, nics)
  return [nic ? `${cidr} via ${nic.address} dev ${bridgeOf(nic.subnet)} onlink` : `blackhole ${cidr}`]
}

const byInterface = (world: World, route: Route, nics: readonly Nic[]) => {
  const owner = world.instances.find(one =>
    one.NetworkInterfaces?.some(nic => nic.NetworkInterfaceId === route.NetworkInterfaceId),
  )
  return route.NetworkInterfaceId ? nics.find(nic => nic.instance === owner?.InstanceId) : undefined
}

/**
 * One subnet's packets, as the kernel is to route them. Everything that EC2 would not route is a black hole, and a subnet
 * without a route to the gateway sees nothing but its VPC and the two link-local services.
 */
export const routes = (world: World, subnet: Subnet, nics: readonly Nic[]): string[] => {
  const vpc = world.vpcs.find(one => one.VpcId === subnet.VpcId)
  const cidr = vpc?.CidrBlock ?? subnet.CidrBlock ?? ''
  const inside = world.subnets.filter(
    one => one.VpcId === subnet.VpcId && nics.some(nic => nic.subnet === one.SubnetId),
  )
  const bridge = bridgeOf(subnet.SubnetId ?? '')
  const router = nth(subnet.CidrBlock ?? '', 1)
  return [
    'blackhole default',
    `blackhole ${cidr}`,
    ...[router, nth(cidr, 2), metadata, names].map(address => `local ${address} dev ${bridge}`),
    ...inside.map(one => `${one.CidrBlock} dev ${bridgeOf(one.SubnetId ?? '')}`),
    ...(tableOf(world, subnet)?.Routes ?? []).flatMap(route => target(world, vpc?.VpcId ?? '', route, nics)),
  ].filter((route, at, all) => all.findLastIndex(other => destination(other) === destination(route)) === at)
}

/** Later routes replace earlier ones of the same destination: the table's own default replaces the black hole. */
const destination = (route: string) => {
  const words = route.split(' ')
  const where = ['blackhole', 'throw', 'local'].includes(words[0] ?? '') ? words[1] : words[0]
  return where === '0.0.0.0/0' ? 'default' : where
}
