import type { Access } from '../kubeconfig/contexts.ts'
import type { Cluster } from './cluster.ts'
import { findBucket } from './resources/bucket.ts'
import { findAdmin } from './resources/identity.ts'
import { findMaster } from './resources/master.ts'

/** How to reach a cluster that the person's kubeconfig does not know, or no longer; nothing where it has no master or no identity. */
export async function findAccess(cluster: Cluster): Promise<Access | undefined> {
  const [bucket, master] = await Promise.all([findBucket(cluster), findMaster(cluster)])
  const admin = bucket && (await findAdmin(cluster, bucket))
  return admin && master?.publicIp ? { server: serverAt(master.publicIp), proxy: cluster.proxy, admin } : undefined
}

/** Where the API server of a master with this address is. */
export const serverAt = (ip: string): string => `https://${ip}`
