import { gunzipSync } from 'node:zlib'
import { UserError } from '../errors.ts'
import type { Cluster } from './cluster.ts'
import type { Config } from './config-default.ts'
import type { Master } from './resources/master.ts'

/** The settings that machines go by, under the names that their states know them by. */
const settings = {
  kubernetesVersion: 'KUBERNETES_VERSION',
  clusterIpRange: 'CLUSTER_IP_RANGE',
  masterIpRange: 'MASTER_IP_RANGE',
  serviceClusterIpRange: 'SERVICE_CLUSTER_IP_RANGE',
  nonMasqueradeCidr: 'NON_MASQUERADE_CIDR',
  dnsServerIp: 'DNS_SERVER_IP',
  dnsDomain: 'DNS_DOMAIN',
  clusterDns: 'KUBE_ENABLE_CLUSTER_DNS',
  monitoring: 'KUBE_ENABLE_CLUSTER_MONITORING',
  defaultStorageClass: 'KUBE_ENABLE_DEFAULT_STORAGE_CLASS',
  clusterAutoscaler: 'KUBE_ENABLE_CLUSTER_AUTOSCALER',
  nodeLogging: 'KUBE_ENABLE_NODE_LOGGING',
} as const satisfies Record<string, keyof Config>

/** What is written into etcd, and into every pod: another master would not change it there. */
const forLife: readonly Name[] = [
  'clusterIpRange',
  'masterIpRange',
  'serviceClusterIpRange',
  'dnsServerIp',
  'dnsDomain',
]

type Name = keyof typeof settings
const names = Object.keys(settings) as Name[]

/** What a machine is told of the settings when it is launched, and goes by for as long as it lives. */
export type Told = { readonly [name in Name]: Config[(typeof settings)[name]] }

/** What a machine that is launched now is told. Pure. */
export const toldNow = (config: Config): Told =>
  Object.fromEntries(names.map(name => [name, config[settings[name]]])) as unknown as Told

/** What a machine was told, read from its user data. Pure. @returns nothing where that is no script of ours. */
export function toldBy(userData: Buffer): Partial<Told> | undefined {
  if (userData[0] !== 0x1f || userData[1] !== 0x8b) return undefined
  const [, parameters] = /<<'PARAMETERS'\n(.*?)\nPARAMETERS\n/s.exec(gunzipSync(userData).toString()) ?? []
  return parameters && JSON.parse(parameters)
}

/** What the master goes by, whatever the settings are now: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
export async function toldMaster(cluster: Cluster, { id }: Pick<Master, 'id'>): Promise<Told> {
  const { UserData } = await cluster.ec2.describeInstanceAttribute({ InstanceId: id, Attribute: 'userData' })
  return { ...toldNow(cluster.config), ...toldBy(Buffer.from(UserData?.Value ?? '', 'base64')) }
}

/**
 * Compares what the settings are with what the master that is there goes by, and says what it will not do.
 * @throws UserError for a setting that is for the cluster's life.
 */
export const masterSettings = (cluster: Cluster, master: Master): Promise<Told> =>
  cluster.journal.step('master settings', async step => {
    step.id = master.id
    const told = await toldMaster(cluster, master)
    const now = toldNow(cluster.config)
    const other = names.filter(name => told[name] !== now[name])
    const was = (which: readonly Name[]) => which.map(name => `${settings[name]}=${told[name]}`).join(', ')
    const fixed = other.filter(name => forLife.includes(name))
    if (fixed.length > 0)
      throw new UserError(
        `Cluster ${cluster.name} was made with ${was(fixed)} and keeps that for life; set it so, or run kube-down first.`,
      )
    if (other.length > 0)
      cluster.journal.note(
        `The master was launched with ${was(other)} and keeps to that. Terminate ${master.id} and run kube-up again for one that goes by the settings of now: it takes the volume and the address, and the cluster with them.`,
      )
    step.outcome = other.length > 0 ? 'done' : 'already there'
    return told
  })
