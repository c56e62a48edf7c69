import { contains, nth, overlap, size } from './cidr.ts'
import type { Config } from './config-default.ts'

/** What is right by itself but cannot go together: a sentence for each, none when all is well. */
export function contradictions(config: Config): string[] {
  const { VPC_ID, SUBNET_ID, NUM_NODES } = config
  const vpc = `${config.KUBE_VPC_CIDR_BASE}.0.0/16`
  const subnet = config.KUBE_SUBNET_CIDR
  const master = config.MASTER_INTERNAL_IP
  const pods = config.CLUSTER_IP_RANGE
  const services = config.SERVICE_CLUSTER_IP_RANGE
  const found: string[] = []
  const unless = (right: boolean, sentence: string) => right || found.push(sentence)

  unless(
    VPC_ID !== undefined || contains(vpc, subnet),
    `KUBE_SUBNET_CIDR=${subnet} must lie within the VPC's network, ${vpc}`,
  )
  unless(VPC_ID !== undefined || !SUBNET_ID, `SUBNET_ID=${SUBNET_ID} needs VPC_ID, the VPC that it is in`)
  // A VPC subnet has 16 to 65,536 addresses: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
  unless(size(subnet) >= 16 && size(subnet) <= 65536, `KUBE_SUBNET_CIDR=${subnet} must be between a /28 and a /16`)
  // AWS keeps the first four addresses of a subnet and the last for itself.
  const kept = [0, 1, 2, 3, size(subnet) - 1].map(n => nth(subnet, n))
  const usable = contains(subnet, master) && !kept.includes(master)
  unless(
    config.KUBE_USE_EXISTING_MASTER || usable,
    `MASTER_INTERNAL_IP=${master} must be a free address of the subnet ${subnet}, whose first four and last AWS keeps`,
  )
  unless(
    size(subnet) - 5 > NUM_NODES,
    `NUM_NODES=${NUM_NODES} and a master do not fit in KUBE_SUBNET_CIDR=${subnet}, which has ${size(subnet) - 5} addresses to give`,
  )
  unless(
    size(pods) / 256 > NUM_NODES,
    `NUM_NODES=${NUM_NODES} and a master do not fit in CLUSTER_IP_RANGE=${pods}: every machine gets a /24 of it`,
  )
  unless(
    contains(services, config.DNS_SERVER_IP),
    `DNS_SERVER_IP=${config.DNS_SERVER_IP} must lie within SERVICE_CLUSTER_IP_RANGE=${services}`,
  )
  unless(
    size(services) >= 16,
    `SERVICE_CLUSTER_IP_RANGE=${services} must be a /28 or larger, or no service finds an address`,
  )
  const networks = [
    VPC_ID ? ['KUBE_SUBNET_CIDR', subnet] : ["the VPC's network", vpc],
    ['CLUSTER_IP_RANGE', pods],
    ['SERVICE_CLUSTER_IP_RANGE', services],
    ['MASTER_IP_RANGE', config.MASTER_IP_RANGE],
  ] as [string, string][]
  networks.forEach(([name, one], i) => {
    for (const [other, another] of networks.slice(i + 1))
      unless(!overlap(one, another), `${name} (${one}) and ${other} (${another}) must not overlap`)
  })
  return found
}
