import { gzipSync } from 'node:zlib'
import { imagesOf, lineOf } from '../release/pins.ts'
import { bucketPrefix, type Cluster } from './cluster.ts'
import { architectureOf } from './images.ts'
import type { Bucket } from './resources/bucket.ts'
import type { StagedFile } from './resources/staged-files.ts'
import { type MachineRole, template } from './templates.ts'
import { toldNow } from './told.ts'

/** EC2's limit, before base64: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/user-data.html */
export const userDataLimit = 16_384

/**
 * The first-boot script of a machine, gzipped. It holds no secret: anyone on the machine can read user data. Pure.
 * @param own what only this machine's role is told. @throws Error when it would not fit: that is a mistake of ours.
 */
export function userData(
  cluster: Cluster,
  role: MachineRole,
  { bucket, files }: { bucket: Bucket; files: readonly StagedFile[] },
  own: Readonly<Record<string, string>> = {},
): Buffer {
  const bootstrap = files.find(({ name }) => name === 'bootstrap.sh')
  if (!bootstrap) throw new Error('no bootstrap.sh was staged')
  const url = bucketUrl(cluster, bucket)
  const script = template('user-data.sh', {
    role,
    region: cluster.config.AWS_S3_REGION,
    url: `${url}/${bootstrap.key}`,
    sha256: bootstrap.sha256,
    // No line of JSON is the heredoc's end, and the heredoc is quoted: whatever the values hold stays data.
    parameters: JSON.stringify({ ...parameters(cluster, role, files), bucketUrl: url, role, ...own }, undefined, 2),
  })
  // The same input gives the same bytes: Node writes no time into the header.
  const packed = gzipSync(script, { level: 9 })
  if (packed.length > userDataLimit)
    throw new Error(`user data of the ${role} has ${packed.length} bytes, ${userDataLimit} fit`)
  return packed
}

/**
 * What every machine is told about its cluster, and what it fetches and where it unpacks that. How many nodes there are is
 * left out, or the template would change with it.
 */
const parameters = (cluster: Cluster, role: MachineRole, files: readonly StagedFile[]) => {
  const { config, name, region } = cluster
  const arch = architectureOf(role === 'master' ? config.MASTER_SIZE : config.NODE_SIZE)
  return {
    cluster: name,
    region,
    zone: config.KUBE_AWS_ZONE,
    arch,
    masterInternalIp: config.MASTER_INTERNAL_IP,
    ...toldNow(config),
    bucketPrefix: bucketPrefix(cluster),
    images: imagesOf(lineOf(config.KUBERNETES_VERSION)),
    files: Object.fromEntries(
      files
        .filter(({ to, on = [role] }) => to && on.includes(role))
        .map(({ name, key, sha256, to }) => [name, { key, sha256, to }]),
    ),
  }
}

/** As a machine reaches it, wherever the calls of this program go: an instance of the local AWS finds S3 under its own name. */
const bucketUrl = ({ config }: Cluster, { id }: Bucket) => {
  const [first = ''] = config.AWS_S3_REGION.split('-')
  const domain = { cn: 'amazonaws.com.cn', eusc: 'amazonaws.eu' }[first] ?? 'amazonaws.com'
  return `https://${id}.s3.${config.AWS_S3_REGION}.${domain}`
}
