import * as sdk from '../../../aws/sdk.ts'
import type { Seen } from '../follow.ts'
import { client } from '../world.ts'
import type { roles } from './credentials.ts'
import type { Subject } from './subject.ts'

/** Who asks, by its private address: the firewall lets no machine speak with another one's. */
export const subjects = (endpoint: string, seen: Seen, role: ReturnType<typeof roles>) => {
  const userData = new Map<string, Buffer | undefined>()
  const read = async (region: string, InstanceId: string) => {
    const asked = { InstanceId, Attribute: 'userData' as const }
    const { UserData } = await client(endpoint, region).send(new sdk.ec2.DescribeInstanceAttributeCommand(asked))
    return UserData?.Value ? Buffer.from(UserData.Value, 'base64') : undefined
  }
  return async (address: string): Promise<Subject | undefined> => {
    const world = seen.world
    const instance = world?.instances.find(one => one.PrivateIpAddress === address && one.State?.Name !== 'terminated')
    if (!world || !instance?.InstanceId) return undefined
    const region = instance.Placement?.AvailabilityZone?.replace(/[a-z]$/, '') ?? world.region
    if (!userData.has(instance.InstanceId)) userData.set(instance.InstanceId, await read(region, instance.InstanceId))
    return {
      region,
      instance,
      subnet: world.subnets.find(one => one.SubnetId === instance.SubnetId),
      vpc: world.vpcs.find(one => one.VpcId === instance.VpcId),
      account: instance.NetworkInterfaces?.[0]?.OwnerId ?? '123456789012',
      userData: userData.get(instance.InstanceId),
      publicKey: world.keys.find(key => key.KeyName === instance.KeyName)?.PublicKey,
      profile: await role.profile(instance.IamInstanceProfile?.Arn),
    }
  }
}
