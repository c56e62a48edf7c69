import { createHash } from 'node:crypto'
import type { World } from '../world.ts'
import { bits, nth } from './cidr.ts'
import { firewall } from './firewall.ts'
import { dnsmasq } from './names.ts'
import { bridgeOf, type Nic, nics as nicsOf } from './nics.ts'
import { routes } from './routes.ts'

/** Everything the namespace should be, in texts and lists that are compared with what it is. Pure. */
export const plan = (world: World, run: string, upstream?: string) => {
  const nics = nicsOf(world)
  const subnets = world.subnets.filter(subnet => nics.some(nic => nic.subnet === subnet.SubnetId))
  return {
    nics,
    bridges: subnets.map((subnet, at) => ({
      name: bridgeOf(subnet.SubnetId ?? ''),
      mac: mac(subnet.SubnetId ?? ''),
      router: `${nth(subnet.CidrBlock ?? '', 1)}/${bits(subnet.CidrBlock ?? '')}`,
      table: 1000 + at,
      routes: routes(world, subnet, nics),
    })),
    taps: nics.map(nic => ({ name: nic.tap, bridge: bridgeOf(nic.subnet) })),
    resolvers: [...new Set(world.vpcs.filter(vpc => nics.some(nic => nic.vpc === vpc.VpcId)).map(dns))],
    firewall: firewall(world, nics),
    dnsmasq: dnsmasq(world, subnets, nics, run, upstream),
  }
}

export type Plan = ReturnType<typeof plan>
export type { Nic }

const dns = (vpc: { CidrBlock?: string | undefined }) => nth(vpc.CidrBlock ?? '', 2)

/** A router keeps its hardware address: machines remember it, also over a restart of ours. */
const mac = (subnet: string) => {
  const hash = createHash('sha256').update(subnet).digest('hex')
  return `02:${[0, 2, 4, 6, 8].map(at => hash.slice(at, at + 2)).join(':')}`
}
