import type { World } from '../world.ts'
import { nth } from './cidr.ts'
import { chain, groupChains, groupSets, set } from './groups.ts'
import type { Nic } from './nics.ts'
import { reachesInternet } from './routes.ts'
import { endpoints, internet, metadata, names, publicAddresses } from './well-known.ts'

const map = (entries: readonly string[]) => `{ ${entries.join(', ')} }`

/** What may reach the endpoints and public addresses: who has a public address, behind a route to a gateway. */
const online = (world: World, nics: readonly Nic[], to: string) =>
  nics.filter(nic => {
    const subnet = world.subnets.find(one => one.SubnetId === nic.subnet)
    return nic.publicAddress && subnet && reachesInternet(world, subnet, to)
  })

const attached = (world: World, nic: Nic) =>
  world.gateways.some(gateway => gateway.Attachments?.some(one => one.VpcId === nic.vpc))

/**
 * The namespace's whole firewall as one text that nft applies at once: never a moment with half of the rules. A packet is
 * judged twice, as on EC2: when it leaves its machine (before any translation) and when it arrives at another one (after all).
 * A group reference means the machine a packet came from, not its address, so pods behind a node count as the node.
 */
export const firewall = (world: World, nics: readonly Nic[]): string => {
  const open = nics.filter(nic => nic.publicAddress && attached(world, nic))
  const resolvers = [names, ...new Set(world.vpcs.flatMap(vpc => (vpc.CidrBlock ? [nth(vpc.CidrBlock, 2)] : [])))]
  const routers = world.subnets.filter(s => nics.some(n => n.subnet === s.SubnetId)).map(s => nth(s.CidrBlock ?? '', 1))
  const ahead = online(world, nics, endpoints)
  const hairpin = online(world, nics, publicAddresses)
  const by = (verb: string, key: (nic: Nic) => string | number, prefix: string) =>
    nics.map(nic => `${key(nic)} : ${verb} ${chain(prefix, nic.instance)}`)
  const when = (some: readonly unknown[], line: string) => (some.length > 0 ? line : '')

  return `
table bridge vpc
delete table bridge vpc
table bridge vpc {
  chain from_tap {
    type filter hook prerouting priority -300;
    ${when(nics, `meta mark set iifname map ${map(nics.map(nic => `"${nic.tap}" : ${nic.mark}`))}`)}
  }
}
table inet vpc
delete table inet vpc
table inet vpc {
${groupSets(world, nics)}
  set resolvers { type ipv4_addr; ${set(resolvers)} }
  set routers { type ipv4_addr; ${set(routers)} }
  set online { type ipv4_addr; ${set(ahead.map(nic => nic.address))} }
  map private { type ipv4_addr : ipv4_addr; ${set(open.map(nic => `${nic.publicAddress} : ${nic.address}`))} }
  map public { type ipv4_addr : ipv4_addr; ${set(open.map(nic => `${nic.address} : ${nic.publicAddress}`))} }
${groupChains(world, nics)}
${nics
  .map(
    nic => `  chain ${chain('leave', nic.instance)} {
    ${when(nic.sourceDestCheck ? [1] : [], `ip saddr != ${nic.address} drop`)}
    ip daddr ${metadata} accept
    ip daddr @resolvers accept
    ct state established,related accept
    ${when(hairpin.includes(nic) ? [] : [1], `ip daddr ${publicAddresses} drop`)}
${nic.groups.map(id => `    jump ${chain('out', id)}`).join('\n')}
    drop
  }
  chain ${chain('arrive', nic.instance)} {
    ${when(nic.sourceDestCheck ? [1] : [], `ip daddr != ${nic.address} drop`)}
    ct state established,related accept
    meta mark 0 ip saddr @routers accept
${nic.groups.map(id => `    jump ${chain('in', id)}`).join('\n')}
    drop
  }`,
  )
  .join('\n')}
  chain leaving {
    type filter hook prerouting priority -110;
    iifname != "s-*" accept
    meta nfproto ipv6 drop
    udp sport 68 udp dport 67 accept
    ${when(nics, `meta mark vmap ${map(by('goto', nic => nic.mark, 'leave'))}`)}
    drop
  }
  chain arriving {
    type filter hook postrouting priority 110;
    oifname != "s-*" accept
    meta nfproto ipv6 drop
    udp sport 67 udp dport 68 accept
    ${when(nics, `rt ip nexthop vmap ${map(by('goto', nic => nic.address, 'arrive'))}`)}
    drop
  }
  chain to_private_before { type nat hook prerouting priority -100; dnat ip to ip daddr map @private; }
  chain to_private_here { type nat hook output priority -100; dnat ip to ip daddr map @private; }
  chain to_public {
    type nat hook postrouting priority 100;
    iifname "s-*" oifname "s-*" ct status & dnat == dnat snat ip to ip saddr map @public
    oifname "outside" masquerade
  }
  chain who_asks {
    type nat hook input priority 100;
    ${when(nics, `ip daddr ${metadata} snat ip to meta mark map ${map(nics.map(nic => `${nic.mark} : ${nic.address}`))}`)}
  }
  chain input {
    type filter hook input priority 0; policy drop;
    iifname "lo" accept
    ct state established,related accept
    udp sport 68 udp dport 67 accept
    ip daddr ${metadata} tcp dport 80 accept
    ip daddr @resolvers meta l4proto { tcp, udp } th dport 53 accept
    ip daddr ${endpoints} tcp dport { 80, 443 } ip saddr @online accept
  }
  chain forward {
    type filter hook forward priority 0; policy drop;
    ct state established,related accept
    iifname "s-*" oifname "s-*" accept
    iifname "s-*" oifname "outside" ip saddr @online ip daddr != { ${internet}, ${publicAddresses}, 127.0.0.0/8, 169.254.0.0/16 } accept
  }
  chain hops {
    type filter hook prerouting priority -105;
    ip daddr ${metadata} tcp dport 80 @ih,0,32 0x50555420 ct mark set 1
    ip daddr ${metadata} tcp dport 80 @ih,0,32 0x47455420 ct mark set 0
  }
  chain hop_limit {
    type filter hook output priority -150;
${nics.map(nic => `    ip saddr ${metadata} ct mark 1 ip daddr ${nic.address} ip ttl set ${nic.hopLimit}`).join('\n')}
  }
}
`
}
