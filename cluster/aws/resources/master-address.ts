import type { Address } from '@aws-sdk/client-ec2'
import { UserError } from '../../errors.ts'
import { bornAs, type Cluster, ours } from '../cluster.ts'
import { ensure, only, remove } from '../steps.ts'

export interface MasterAddress {
  /** Its allocation id. */
  readonly id: string
  readonly ip: string
  /** The instance it leads to, if any. */
  readonly leadsTo: string | undefined
  /** The user's own: used, and never released. */
  readonly shared: boolean
}

/** An address that outlives the master: certificates and kubeconfigs name it, so it may not change with the machine. */
export const ensureMasterAddress = (cluster: Cluster): Promise<MasterAddress> => {
  const { MASTER_RESERVED_IP } = cluster.config
  return ensure(cluster, 'master address', {
    hasNoName: true,
    find: () => (MASTER_RESERVED_IP ? theUsersAddress(cluster, MASTER_RESERVED_IP) : findAddress(cluster)),
    create: async () =>
      toAddress(
        await cluster.ec2.allocateAddress({
          Domain: 'vpc',
          TagSpecifications: bornAs(cluster, 'elastic-ip', `${cluster.name}-master-ip`),
        }),
        false,
      ),
  })
}

async function findAddress(cluster: Cluster): Promise<MasterAddress | undefined> {
  const { Addresses } = await cluster.ec2.describeAddresses({ Filters: [ours(cluster)] })
  const address = only(Addresses, 'addresses', one => one.PublicIp)
  return address && toAddress(address, false)
}

async function theUsersAddress(cluster: Cluster, ip: string): Promise<MasterAddress> {
  // By filter, not by PublicIps: a filter answers with nothing where the other is an error (kubernetes#28727).
  const { Addresses } = await cluster.ec2.describeAddresses({ Filters: [{ Name: 'public-ip', Values: [ip] }] })
  const address = Addresses?.[0]
  if (!address)
    throw new UserError(
      `MASTER_RESERVED_IP=${ip} is not an Elastic IP of this account in ${cluster.region}; allocate it there, or leave it out.`,
    )
  return toAddress(address, true)
}

const toAddress = (address: Address, shared: boolean): MasterAddress => ({
  id: address.AllocationId ?? '',
  ip: address.PublicIp ?? '',
  leadsTo: address.InstanceId || undefined,
  shared,
})

export const releaseAddresses = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  remove(cluster, 'master address', ids, AllocationId => cluster.ec2.releaseAddress({ AllocationId }))
