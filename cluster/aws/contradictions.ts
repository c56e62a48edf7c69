import { contains, nth, overlap, size } from './cidr.ts'
import type { Config } from './config-default.ts'

/** Says what is wrong between settings, or nothing. */
type Rule = (config: Config) => string | false

const vpc = (c: Config) => `${c.KUBE_VPC_CIDR_BASE}.0.0/16`

/** AWS keeps the first four addresses of a subnet and the last for itself: https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html */
const isUsable = (address: string, subnet: string) =>
  contains(subnet, address) && ![0, 1, 2, 3, size(subnet) - 1].some(n => nth(subnet, n) === address)

/** How many nodes there may be is said by the autoscaler's bound only where there is one, and where it is not the same number. */
const counts = (c: Config, name: 'NUM_NODES' | 'KUBE_AUTOSCALER_MAX_NODES') =>
  name === 'NUM_NODES' || (c.KUBE_ENABLE_CLUSTER_AUTOSCALER && c.KUBE_AUTOSCALER_MAX_NODES > c.NUM_NODES)

const rules: Rule[] = [
  ...(['MASTER_SIZE', 'NODE_SIZE'] as const).map(
    (name): Rule =>
      c =>
        /^mac\d/.test(c[name]) && `${name}=${c[name]} is a Mac, which runs macOS and nothing else; choose another type`,
  ),
  c =>
    !c.VPC_ID &&
    !contains(vpc(c), c.KUBE_SUBNET_CIDR) &&
    `KUBE_SUBNET_CIDR=${c.KUBE_SUBNET_CIDR} must lie within the VPC's network, ${vpc(c)}`,
  c => !c.VPC_ID && c.SUBNET_ID !== undefined && `SUBNET_ID=${c.SUBNET_ID} needs VPC_ID, the VPC that it is in`,
  c =>
    (size(c.KUBE_SUBNET_CIDR) < 16 || size(c.KUBE_SUBNET_CIDR) > 65536) &&
    `KUBE_SUBNET_CIDR=${c.KUBE_SUBNET_CIDR} must be between a /28 and a /16`,
  c =>
    !c.KUBE_USE_EXISTING_MASTER &&
    !isUsable(c.MASTER_INTERNAL_IP, c.KUBE_SUBNET_CIDR) &&
    `MASTER_INTERNAL_IP=${c.MASTER_INTERNAL_IP} must be a free address of the subnet ${c.KUBE_SUBNET_CIDR}, whose first four and last AWS keeps`,
  ...(['NUM_NODES', 'KUBE_AUTOSCALER_MAX_NODES'] as const).flatMap((name): Rule[] => [
    c =>
      counts(c, name) &&
      size(c.KUBE_SUBNET_CIDR) - 5 <= c[name] &&
      `${name}=${c[name]} and a master do not fit in KUBE_SUBNET_CIDR=${c.KUBE_SUBNET_CIDR}, which has ${size(c.KUBE_SUBNET_CIDR) - 5} addresses to give`,
    c =>
      counts(c, name) &&
      size(c.CLUSTER_IP_RANGE) / 256 < c[name] + 1 &&
      `${name}=${c[name]} and a master do not fit in CLUSTER_IP_RANGE=${c.CLUSTER_IP_RANGE}: every machine gets a /24 of it`,
  ]),
  c =>
    c.KUBE_ENABLE_CLUSTER_AUTOSCALER &&
    !(c.KUBE_AUTOSCALER_MIN_NODES <= c.NUM_NODES && c.NUM_NODES <= c.KUBE_AUTOSCALER_MAX_NODES) &&
    `NUM_NODES=${c.NUM_NODES} must lie between KUBE_AUTOSCALER_MIN_NODES=${c.KUBE_AUTOSCALER_MIN_NODES} and KUBE_AUTOSCALER_MAX_NODES=${c.KUBE_AUTOSCALER_MAX_NODES}`,
  c =>
    !contains(c.SERVICE_CLUSTER_IP_RANGE, c.DNS_SERVER_IP) &&
    `DNS_SERVER_IP=${c.DNS_SERVER_IP} must lie within SERVICE_CLUSTER_IP_RANGE=${c.SERVICE_CLUSTER_IP_RANGE}`,
  c =>
    [0, 1].some(n => nth(c.SERVICE_CLUSTER_IP_RANGE, n) === c.DNS_SERVER_IP) &&
    `DNS_SERVER_IP=${c.DNS_SERVER_IP} must not be one of the first two addresses of SERVICE_CLUSTER_IP_RANGE=${c.SERVICE_CLUSTER_IP_RANGE}: the API has the second`,
  c =>
    size(c.SERVICE_CLUSTER_IP_RANGE) < 16 &&
    `SERVICE_CLUSTER_IP_RANGE=${c.SERVICE_CLUSTER_IP_RANGE} must be a /28 or larger, or no service finds an address`,
  ...apart(
    ["the VPC's network", c => (c.VPC_ID ? c.KUBE_SUBNET_CIDR : vpc(c))],
    ['CLUSTER_IP_RANGE', c => c.CLUSTER_IP_RANGE],
    ['SERVICE_CLUSTER_IP_RANGE', c => c.SERVICE_CLUSTER_IP_RANGE],
    ['MASTER_IP_RANGE', c => c.MASTER_IP_RANGE],
  ),
]

/** No two of the networks may share an address. */
function apart(...networks: [string, (config: Config) => string][]): Rule[] {
  return networks.flatMap(([name, one], i) =>
    networks.slice(i + 1).map(
      ([other, another]): Rule =>
        c => {
          const [a, b] = [one(c), another(c)]
          return (
            overlap(a, b) &&
            `${c.VPC_ID && i === 0 ? 'KUBE_SUBNET_CIDR' : name} (${a}) and ${other} (${b}) must not overlap`
          )
        },
    ),
  )
}

class NotKnown extends Error {}

/**
 * What is right by itself but cannot go together: a sentence for each, none when all is well. Pure.
 * @param bad settings that are wrong by themselves: what depends on one of them cannot be said.
 */
export function contradictions(config: Config, bad: ReadonlySet<string> = new Set()): string[] {
  const known = new Proxy(config, {
    get(target, name) {
      if (bad.has(String(name))) throw new NotKnown()
      return Reflect.get(target, name)
    },
  })
  return rules.flatMap(rule => {
    try {
      return rule(known) || []
    } catch (error) {
      if (error instanceof NotKnown) return []
      throw error
    }
  })
}
