import type { Role } from '@aws-sdk/client-iam'
import { UserError } from '../../errors.ts'
import { isTaken, orNothing } from '../aws-errors.ts'
import { type Cluster, tagsOf } from '../cluster.ts'
import { trust } from '../policies.ts'
import type { Site } from '../preflight.ts'

/** IAM cannot filter by tag, but by path: so the path carries the owner, region included, for IAM knows no regions. */
export const iamPath = (cluster: Pick<Cluster, 'name' | 'region'>): string =>
  `/kube-up/${cluster.region}/${cluster.name}/`

/** What a role or profile of the cluster's has from its first moment. */
export const born = (cluster: Cluster, name: string) => ({ Path: iamPath(cluster), Tags: tagsOf(cluster, name) })

/**
 * A role that EC2 may take, and that may do nothing yet.
 * @returns nothing when it was there already, made by another kube-up in this very moment.
 * @throws UserError when the name is another's.
 */
export async function createRole(
  cluster: Cluster,
  site: Pick<Site, 'partition'>,
  RoleName: string,
): Promise<Role | undefined> {
  const AssumeRolePolicyDocument = trust(site)
  try {
    return (await cluster.iam.createRole({ RoleName, AssumeRolePolicyDocument, ...born(cluster, RoleName) })).Role
  } catch (error) {
    if (!isTaken(error)) throw error
    const there = await orNothing(cluster.iam.getRole({ RoleName }))
    if (there?.Role?.Path !== iamPath(cluster)) throw taken(RoleName, there?.Role?.Path)
    return undefined
  }
}

/** Whose the name is instead. */
export const taken = (name: string, path = '/') =>
  new UserError(
    path.startsWith('/kube-up/')
      ? `The IAM name ${name} is taken by a cluster of this name in ${path.split('/')[2]}, and IAM's names know no regions; choose another KUBE_AWS_INSTANCE_PREFIX.`
      : `The IAM name ${name} is taken by a role or profile that is not this cluster's; choose another KUBE_AWS_INSTANCE_PREFIX, or delete it.`,
  )
