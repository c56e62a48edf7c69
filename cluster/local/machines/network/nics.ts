import type { Instance } from '@aws-sdk/client-ec2'
import type { World } from '../world.ts'
import { contains, overlap } from './cidr.ts'

/** One machine's network interface: what EC2 decided about it, and its names in the namespace. */
export interface Nic {
  readonly instance: string
  readonly vpc: string
  readonly subnet: string
  readonly tap: string
  /** The number that a packet carries from this machine's tap to the firewall. */
  readonly mark: number
  readonly mac: string
  readonly address: string
  readonly publicAddress: string | undefined
  readonly groups: readonly string[]
  readonly sourceDestCheck: boolean
  readonly hopLimit: number
  readonly names: readonly string[]
  readonly publicName: string | undefined
}

/** Interface names have room for 15 letters, and the end of an EC2 id is the part that differs. */
const short = (prefix: string, id: string) => `${prefix}-${id.slice(-12)}`
export const tapOf = (instance: string) => short('t', instance)
export const bridgeOf = (subnet: string) => short('s', subnet)

export const present = (instance: Instance) => instance.State?.Name !== 'terminated'

/** Why an instance can have no machine here, or nothing. */
export const unreachable = (world: World, instance: Instance): string | undefined => {
  const subnet = world.subnets.find(one => one.SubnetId === instance.SubnetId)
  if (!subnet?.CidrBlock || !contains(subnet.CidrBlock, instance.PrivateIpAddress ?? '0.0.0.0'))
    return `${instance.InstanceId} has no address in a subnet: launch it with a SubnetId.`
  const mine = world.vpcs.find(one => one.VpcId === instance.VpcId)?.CidrBlock
  const other = world.instances.find(one => {
    const cidr = world.vpcs.find(vpc => vpc.VpcId === one.VpcId)?.CidrBlock
    const first = (one.LaunchTime ?? 0) < (instance.LaunchTime ?? 0)
    return present(one) && first && one.VpcId !== instance.VpcId && cidr && mine && overlap(cidr, mine)
  })
  return other
    ? `${instance.InstanceId} is in a VPC with the addresses ${mine}, and machines of ${other.VpcId} have them already: ` +
        'one computer can boot only one of the two. Delete the other cluster, or give this one another VPC_CIDR.'
    : undefined
}

export const nics = (world: World): Nic[] =>
  world.instances
    .filter(one => present(one) && !unreachable(world, one))
    .map((one, at) => {
      const eni = one.NetworkInterfaces?.find(nic => nic.Attachment?.DeviceIndex === 0) ?? one.NetworkInterfaces?.[0]
      const id = one.InstanceId ?? ''
      const address = one.PrivateIpAddress ?? ''
      return {
        instance: id,
        vpc: one.VpcId ?? '',
        subnet: one.SubnetId ?? '',
        tap: tapOf(id),
        mark: at + 1,
        mac: eni?.MacAddress ?? '',
        address,
        publicAddress: one.PublicIpAddress,
        groups: (eni?.Groups ?? one.SecurityGroups ?? []).flatMap(group => group.GroupId ?? []),
        sourceDestCheck: one.SourceDestCheck !== false && eni?.SourceDestCheck !== false,
        hopLimit: one.MetadataOptions?.HttpPutResponseHopLimit ?? 1,
        names: one.PrivateDnsName ? [one.PrivateDnsName] : [],
        publicName: one.PublicDnsName || undefined,
      }
    })
