import { isDeepStrictEqual } from 'node:util'
import { type Files, identityFiles } from '../../certificates.ts'
import { UserError } from '../../errors.ts'
import { isChangedMeanwhile } from '../aws-errors.ts'
import { nth } from '../cidr.ts'
import { bucketPrefix, type Cluster } from '../cluster.ts'
import { over, readObject, writeObject } from '../objects.ts'
import { insistently } from '../patience.ts'
import type { Ensured } from '../steps.ts'
import type { Bucket } from './bucket.ts'

/** What lets a person in as the cluster's administrator, and tells that it is the cluster: PEM all three. */
export interface Admin {
  readonly ca: string
  readonly certificate: string
  readonly key: string
}

/** Where the master is reached: by people, and by its nodes. */
export interface Addresses {
  readonly publicIp: string
  readonly internalIp: string
}

interface Found {
  readonly files: Files
  readonly etag: string | undefined
}

/**
 * The cluster's certificates and keys, which only the master's role may read, and what a node's role may: the authority's
 * certificate, and the token it joins with. Made once; a second kube-up finds them, and signs anew what has come of age or
 * has names that are no longer the master's. Two kube-ups at once end with one identity.
 */
export const ensureIdentity = (cluster: Cluster, bucket: Ensured<Bucket>, addresses: Addresses): Promise<Admin> =>
  cluster.journal.step('identity', async step => {
    const names = reachedBy(cluster, addresses)
    const [found, forNodes] = await Promise.all(
      bucket.isNew ? [] : [read(cluster, bucket, 'master'), read(cluster, bucket, 'node')],
    )
    step.id = `s3://${bucket.id}/${keyOf(cluster, 'master')}`
    const files = await agreed(cluster, bucket, found, names)
    const node = { 'ca.crt': files['ca.crt'] ?? '', 'bootstrap-token': files['bootstrap-token'] ?? '' }
    // After the master's, of which there can be only one: whoever comes last writes the same.
    const told = isDeepStrictEqual(forNodes?.files, node)
    if (!told) await write(cluster, bucket, 'node', node, {})
    if (found && files !== found.files)
      cluster.journal.note('Certificates of the master were signed anew. It takes them when it boots the next time.')
    step.outcome = !found ? 'created' : files === found.files && told ? 'already there' : 'mended'
    return adminOf(files)
  })

/** The administrator's, of a cluster that has an identity; for who has lost the kubeconfig. */
export async function findAdmin(cluster: Cluster, bucket: Bucket): Promise<Admin | undefined> {
  const found = await read(cluster, bucket, 'master')
  return found && adminOf(found.files)
}

/** @throws UserError when KUBE_USE_EXISTING_MASTER finds a cluster whose nodes have nothing to join with. */
export async function existingIdentity(cluster: Cluster, bucket: Bucket): Promise<Admin> {
  const admin = await findAdmin(cluster, bucket)
  if (!admin)
    throw new UserError(
      `KUBE_USE_EXISTING_MASTER is set, but s3://${bucket.id} holds no identity of cluster ${cluster.name}; set AWS_S3_BUCKET to the bucket that the master was made with, or run kube-up without KUBE_USE_EXISTING_MASTER first.`,
    )
  return admin
}

const adminOf = (files: Files): Admin => ({
  ca: files['ca.crt'] ?? '',
  certificate: files['admin.crt'] ?? '',
  key: files['admin.key'] ?? '',
})

/** Every name of the API server's, as kubeadm has them, and the address that services reach it by. */
export const reachedBy = ({ config }: Pick<Cluster, 'config'>, { publicIp, internalIp }: Addresses): string[] => [
  'kubernetes',
  'kubernetes.default',
  'kubernetes.default.svc',
  `kubernetes.default.svc.${config.DNS_DOMAIN}`,
  'localhost',
  publicIp,
  internalIp,
  nth(config.SERVICE_CLUSTER_IP_RANGE, 1),
  '127.0.0.1',
]

/** Writes what is to be changed only over what was read; when another kube-up was faster, its identity is taken. */
const agreed = (cluster: Cluster, bucket: Bucket, first: Found | undefined, names: string[]): Promise<Files> => {
  let found = first
  const another = { what: 'another kube-up to have written the identity', seconds: 60 }
  return insistently(cluster, another, isChangedMeanwhile, async () => {
    const wanted = await identityFiles(found?.files, names)
    if (wanted === found?.files) return wanted
    try {
      await write(cluster, bucket, 'master', wanted, over(found))
    } catch (error) {
      found = await read(cluster, bucket, 'master')
      throw error
    }
    return wanted
  })
}

const keyOf = (cluster: Cluster, of: 'master' | 'node') => `${bucketPrefix(cluster)}${of}/identity.json`

async function read(cluster: Cluster, bucket: Bucket, of: 'master' | 'node'): Promise<Found | undefined> {
  const Key = keyOf(cluster, of)
  const found = await readObject(cluster, { Bucket: bucket.id, Key })
  if (!found) return undefined
  try {
    const { files } = JSON.parse(found.text) as { files: Files }
    return { files, etag: found.etag }
  } catch {
    throw new UserError(`s3://${bucket.id}/${Key} is not as kube-up wrote it; restore it, or remove the cluster.`)
  }
}

const write = (cluster: Cluster, bucket: Bucket, of: 'master' | 'node', files: Files, on: object) =>
  writeObject(cluster, {
    Bucket: bucket.id,
    Key: keyOf(cluster, of),
    Body: `${JSON.stringify({ files }, undefined, 2)}\n`,
    ContentType: 'application/json',
    ...on,
  })
