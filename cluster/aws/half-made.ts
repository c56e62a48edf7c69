import type { Cluster } from './cluster.ts'
import { findOwned, list, type Owned, ownedKinds } from './owned.ts'
import { forAWhile } from './patience.ts'
import { untilShown } from './turns.ts'

/** What kube-up makes in EC2, and what of it a person may have brought, or have in another form. */
const always = ['security-group', 'volume', 'elastic-ip', 'key-pair', 'instance']
const network = ['vpc', 'subnet', 'internet-gateway', 'route-table']

type Other = Pick<Owned, 'shared' | 'configurations'>

const hasAll = (kinds: readonly string[], { shared, configurations }: Other) =>
  [...always, ...(shared.length > 0 ? [] : network), ...(configurations.length > 0 ? [] : ['launch-template'])].every(
    kind => kinds.includes(kind),
  ) && kinds.filter(kind => kind === 'security-group').length > 1

/** Whether all is there that kube-up makes. Pure. */
export const isWhole = ({ ec2, groups, iam, buckets, ...other }: Omit<Owned, 'of' | 'balancers'>): boolean =>
  hasAll(
    ec2.map(({ kind }) => kind),
    other,
  ) &&
  groups.length > 0 &&
  iam.roles.length > 1 &&
  iam.profiles.length > 1 &&
  buckets.length > 0

/**
 * Everything that is the cluster's, once AWS shows it. Tags may show later than what they are on, and what is not found is
 * not deleted. So where something is missing of what a cluster has, a kube-up may have been cut off a moment ago, and AWS
 * gets the time to show what that one made. A whole cluster is found with one look.
 */
export async function findAll(cluster: Cluster, options: { sure?: boolean } = {}): Promise<Owned> {
  const found = await findOwned(cluster, options)
  if (list(found).length === 0 || isWhole(found)) return found
  const wait = { what: 'AWS to show what a kube-up that was cut off may have made', seconds: untilShown }
  await forAWhile(cluster, wait, async () => hasAll(await ownedKinds(cluster), found) || undefined)
  return findOwned(cluster, options)
}
