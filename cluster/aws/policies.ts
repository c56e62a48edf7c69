import { bucketPrefix, type Cluster } from './cluster.ts'
import type { Config } from './config-default.ts'
import type { Site } from './preflight.ts'
import type { Bucket } from './resources/bucket.ts'
import { type MachineRole, template } from './templates.ts'

/** Who may take a role: EC2, which has a name of its own in China. Pure. */
export const trust = ({ partition }: Pick<Site, 'partition'>): string =>
  template('trust-policy.json', { service: partition === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com' })

/** What the master may do besides where a switch is on: lists of statements among the templates. */
const besides: Readonly<Record<string, (config: Config) => boolean>> = {
  'volumes-policy.json': c => c.KUBE_ENABLE_DEFAULT_STORAGE_CLASS,
  'autoscaler-policy.json': c => c.KUBE_ENABLE_CLUSTER_AUTOSCALER,
}

/** What a machine of this role may do, with the cluster's own names filled in. Pure. */
export function policy(
  cluster: Pick<Cluster, 'name' | 'region' | 'config'>,
  { partition }: Pick<Site, 'partition'>,
  bucket: Bucket,
  role: MachineRole,
): string {
  const { name, config } = cluster
  const filled = (file: string) =>
    JSON.parse(template(file, { partition, bucket: bucket.id, prefix: bucketPrefix(cluster), cluster: name }))
  const more = Object.keys(besides).filter(file => role === 'master' && besides[file]?.(config))
  const { Statement, ...rest } = filled(`${role}-policy.json`) as { Statement: object[] }
  return JSON.stringify({ ...rest, Statement: [...Statement, ...more.flatMap(filled)] }, undefined, 2)
}
