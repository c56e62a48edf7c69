import type { Tag } from '@aws-sdk/client-ec2'
import { type Cluster, ownerKey } from './cluster.ts'

/**
 * Marks what the user brought as used by this cluster, where Kubernetes must find it by tag: the cloud controller manager
 * looks for its subnet and its route table by this key, and may make groups in the VPC that has it. Nothing else about it changes, and kube-down takes the tag off.
 */
export async function share(cluster: Cluster, id: string, tags: Tag[] | undefined): Promise<void> {
  if (tags?.some(tag => tag.Key === ownerKey(cluster))) return
  await cluster.ec2.createTags({ Resources: [id], Tags: [{ Key: ownerKey(cluster), Value: 'shared' }] })
}

/** Takes the tag off again. */
export const unshare = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  cluster.journal.step('shared tags', async step => {
    step.id = ids.join(', ')
    await cluster.ec2.deleteTags({ Resources: [...ids], Tags: [{ Key: ownerKey(cluster), Value: 'shared' }] })
    step.outcome = 'yours, kept'
  })
