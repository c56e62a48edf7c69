import { serverAt } from './aws/access.ts'
import type { Cluster } from './aws/cluster.ts'
import { machinesBoot, variables } from './aws/config-default.ts'
import type { Journal } from './aws/journal.ts'
import { boundsInWords } from './aws/resources/group.ts'
import type { Up } from './aws/up.ts'
import type { Ending } from './command.ts'

/** How a command is called from where this program lies: a checkout, or a package that was installed. */
const called = (command: string) => `${import.meta.url.includes('/node_modules/') ? 'npx' : 'npm run'} ${command}`

/** The command that removes the cluster, with the settings that find it, pasteable. */
export const removal = (cluster: Cluster): string => withSettings(cluster, 'kube-down')

const withSettings = ({ config, region }: Cluster, command: string): string => {
  const names = ['KUBERNETES_PROVIDER', 'KUBE_AWS_ZONE', 'KUBE_AWS_INSTANCE_PREFIX', 'AWS_S3_BUCKET'] as const
  const set = names.filter(
    name => config[name] !== undefined && `${config[name]}` !== variables[name].default && config[name] !== '',
  )
  const elsewhere = config.AWS_S3_REGION === region ? [] : [`AWS_S3_REGION=${config.AWS_S3_REGION}`]
  return [...set.map(name => `${name}=${config[name]}`), ...elsewhere, called(command)].join(' ')
}

/** What goes on costing money while nobody uses it. */
export function billed(
  { config }: Pick<Cluster, 'config'>,
  ownMaster: boolean,
  nodes: number = config.NUM_NODES,
): string[] {
  const addresses = (ownMaster ? 1 : 0) + (config.KUBE_ENABLE_NODE_PUBLIC_IP ? nodes : 0)
  const gibibytes =
    (ownMaster ? config.MASTER_DISK_SIZE + config.MASTER_ROOT_DISK_SIZE : 0) + nodes * config.NODE_ROOT_DISK_SIZE
  return [
    ownMaster && `1 ${config.MASTER_SIZE}`,
    nodes > 0 && `${nodes} ${config.NODE_SIZE}${config.NODE_SPOT_PRICE ? ' (spot)' : ''}`,
    addresses > 0 && `${addresses} public IPv4 ${addresses === 1 ? 'address' : 'addresses'}`,
    gibibytes > 0 && `${gibibytes} GiB of volumes`,
  ].filter(item => item !== false)
}

/** What stands, how to reach it, what it costs to forget it, and how to remove it. */
export function summary(cluster: Cluster, { bucket, vpc, subnet, address, publicIp, master, nodes }: Up): Ending {
  const { config, name } = cluster
  const onAws = config.KUBERNETES_PROVIDER === 'aws'
  const costs = billed(cluster, address !== undefined, nodes.size)
  const user = { debian: 'admin', ubuntu: 'ubuntu', flatcar: 'core' }[config.KUBE_OS_DISTRIBUTION]
  const remove = removal(cluster)
  const rows = [
    [
      'master',
      `${master.id}  ${config.MASTER_SIZE}  ${[address?.ip, config.MASTER_INTERNAL_IP].filter(Boolean).join(', ')}`,
    ],
    ['nodes', `${nodes.inService} of ${boundsInWords(nodes.bounds)} ${config.NODE_SIZE} in ${nodes.id}`],
    ['network', `${vpc.id}  ${subnet.id}`],
    ['release', `s3://${bucket.id}`],
    ...(machinesBoot(config) ? [['kubectl', kubectl(cluster)]] : []),
    ...(address && onAws ? [['SSH', `ssh -i ${config.AWS_SSH_KEY} ${user}@${address.ip}`]] : []),
    ['billed hourly', onAws ? costs.join(', ') : 'nothing: this AWS is on this machine'],
    ['remove it', remove],
  ]
  return {
    words: [state(cluster, publicIp), ...rows.map(([what = '', value]) => `  ${what.padEnd(14)} ${value}`)].join('\n'),
    facts: {
      cluster: name,
      ...(machinesBoot(config) && { server: serverAt(publicIp), context: config.KUBE_CONFIG_CONTEXT }),
      region: cluster.region,
      zone: config.KUBE_AWS_ZONE,
      master,
      address,
      nodes,
      vpc: vpc.id,
      subnet: subnet.id,
      bucket: bucket.id,
      billed: costs,
      remove,
    },
  }
}

/** Whether Kubernetes runs, in the original's words, or what there is instead. */
function state(cluster: Cluster, publicIp: string): string {
  const { config, name } = cluster
  const up = `Cluster ${name} is up in ${config.KUBE_AWS_ZONE}.`
  if (!machinesBoot(config)) return `${up} The local AWS holds it all; with KUBE_LOCAL_MACHINES=false no machine boots.`
  if (config.KUBE_WAIT === 0)
    return `${up} Its machines boot now; when they have made it a Kubernetes cluster is said by: ${withSettings(cluster, 'validate-cluster')}`
  return `Kubernetes cluster is running. The master is running at:\n\n  ${serverAt(publicIp)}\n`
}

/** How to see the nodes. The context is the current one, but a person may have several. */
const kubectl = ({ config }: Cluster): string => {
  const context = /^[\w.@:/-]+$/.test(config.KUBE_CONFIG_CONTEXT)
    ? config.KUBE_CONFIG_CONTEXT
    : `'${config.KUBE_CONFIG_CONTEXT.replaceAll("'", "'\\''")}'`
  return `${config.KUBERNETES_PROVIDER === 'local' ? 'npm run kubectl:local --' : 'kubectl'} --context ${context} get nodes`
}

/** What a run that was cut off had made or found by then, if anything. */
export const soFar = ({ steps }: Journal): string => {
  const there = steps.filter(({ id, outcome }) => id && ['created', 'mended', 'already there'].includes(outcome ?? ''))
  return there.length > 0 ? `What exists: ${there.map(({ name, id }) => `${name} ${id}`).join('; ')}.\n` : ''
}

/** Kinds and ids, a line each. */
export const resources = (found: readonly { kind: string; id: string }[]): string =>
  found.map(({ kind, id }) => `  ${kind.padEnd(22)} ${id}`).join('\n')
