import type { IpPermission } from '@aws-sdk/client-ec2'
import type { World } from '../world.ts'
import type { Nic } from './nics.ts'

/** The name of a chain or set in nft, which does not take EC2's dashes. */
export const chain = (prefix: string, id: string) => `${prefix}_${id.replaceAll('-', '_')}`

/** The elements of a set, which nft does not let be empty. */
export const set = (elements: readonly (string | number)[]) =>
  elements.length > 0 ? `elements = { ${elements.join(', ')} };` : ''

const protocol = ({ IpProtocol, FromPort, ToPort }: IpPermission): string | undefined => {
  const from = FromPort ?? -1
  if (IpProtocol === 'tcp' || IpProtocol === 'udp' || IpProtocol === '6' || IpProtocol === '17') {
    const name = IpProtocol === '6' ? 'tcp' : IpProtocol === '17' ? 'udp' : IpProtocol
    return from < 0 ? `meta l4proto ${name}` : `${name} dport ${from}-${ToPort ?? from}`
  }
  // For ICMP the "ports" are the type and the code.
  if (IpProtocol === 'icmp' || IpProtocol === '1')
    return from < 0 ? 'meta l4proto icmp' : `icmp type ${from}${(ToPort ?? -1) < 0 ? '' : ` icmp code ${ToPort}`}`
  if (IpProtocol === '-1' || IpProtocol === undefined) return ''
  return /^\d+$/.test(IpProtocol) ? `meta l4proto ${IpProtocol}` : undefined
}

/** One permission as accepting rules; `peer` says how the other side is recognised. */
const rules = (permission: IpPermission, cidr: string, group: (id: string) => string) => {
  const match = protocol(permission)
  if (match === undefined) return []
  return [
    ...(permission.IpRanges ?? []).map(range => `${cidr} ${range.CidrIp} ${match} accept`),
    ...(permission.UserIdGroupPairs ?? []).map(pair => `${group(pair.GroupId ?? '')} ${match} accept`),
  ]
}

const members = (nics: readonly Nic[], id: string) => nics.filter(nic => nic.groups.includes(id))

/**
 * Who is in a security group: as a sender by the number that its packets carry, as a receiver by its address. Groups without
 * machines have empty sets, for the rules of others may refer to them.
 */
export const groupSets = (world: World, nics: readonly Nic[]) =>
  world.groups
    .flatMap(group => group.GroupId ?? [])
    .map(
      id => `  set ${chain('from', id)} { type mark; ${set(members(nics, id).map(nic => nic.mark))} }
  set ${chain('to', id)} { type ipv4_addr; ${set(members(nics, id).map(nic => nic.address))} }`,
    )
    .join('\n')

/** A chain of accepting rules for each direction of each group that has machines; what none of them accepts is dropped by the caller. */
export const groupChains = (world: World, nics: readonly Nic[]) =>
  world.groups
    .filter(group => members(nics, group.GroupId ?? '').length > 0)
    .map(
      group => `  chain ${chain('out', group.GroupId ?? '')} {
${(group.IpPermissionsEgress ?? []).flatMap(one => rules(one, 'ip daddr', id => `ip daddr @${chain('to', id)}`)).join('\n')}
  }
  chain ${chain('in', group.GroupId ?? '')} {
${(group.IpPermissions ?? [])
  .flatMap(one => rules(one, 'ip saddr', id => `ct status & dnat == 0 meta mark @${chain('from', id)}`))
  .join('\n')}
  }`,
    )
    .join('\n')
