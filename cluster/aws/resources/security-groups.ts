import type { SecurityGroup } from '@aws-sdk/client-ec2'
import { UserError } from '../../errors.ts'
import { isAbsent, isDuplicate, isTaken, unless } from '../aws-errors.ts'
import { bornAs, type Cluster, ours } from '../cluster.ts'
import { asks } from '../journal.ts'
import type { Site } from '../preflight.ts'
import { difference, type Groups, type Rule, rules, toPermission } from '../security-rules.ts'
import { createOnce, type Ensured, letGo, only, together } from '../steps.ts'
import { whatBlocks } from '../what-blocks.ts'
import type { Vpc } from './vpc.ts'

/** A firewall around each machine, by what the machine is: the master's lets the API in, the nodes' only the cluster itself and SSH. */
export const ensureSecurityGroups = (cluster: Cluster, site: Site, vpc: Ensured<Vpc>): Promise<Groups<string>> =>
  cluster.journal.step('security groups', async step => {
    const found = vpc.isNew ? [] : await findGroups(cluster, vpc)
    const one = async (role: 'master' | 'minion', whose: string) => {
      const create = () => createGroup(cluster, vpc, role, whose)
      const find = async () => named(cluster, role, await findGroups(cluster, vpc))
      return (
        named(cluster, role, found) ?? createOnce(cluster, `${role} security group`, { find, create }).catch(refused)
      )
    }
    const [master, minion] = await together([one('master', 'the master'), one('minion', 'the nodes')])
    const ids = { master: master.GroupId ?? '', minion: minion.GroupId ?? '' }
    step.id = `${ids.master}, ${ids.minion}`
    const wanted = rules(ids, site.ssh, site.api)
    await together([applyRules(cluster, master, wanted.master), applyRules(cluster, minion, wanted.minion)])
    const changed = step.calls.some(call => !asks(call.action))
    step.outcome = found.length === 0 ? 'created' : changed ? 'mended' : 'already there'
    return ids
  })

const refused = (error: Error) =>
  Promise.reject(
    isTaken(error)
      ? new UserError(
          `${error.message} It is not this cluster's; choose another KUBE_AWS_INSTANCE_PREFIX, or delete it.`,
        )
      : error,
  )

/** EC2 lets a VPC have one group of a name. */
const named = (cluster: Cluster, role: 'master' | 'minion', groups: readonly SecurityGroup[]) =>
  only(
    groups.filter(group => group.GroupName === groupName(cluster, role)),
    `${role} security groups`,
    group => group.GroupId,
  )

const groupName = (cluster: Cluster, role: 'master' | 'minion') => `kubernetes-${role}-${cluster.name}`

const findGroups = async (cluster: Cluster, vpc: Vpc) =>
  (await cluster.ec2.describeSecurityGroups({ Filters: [ours(cluster), { Name: 'vpc-id', Values: [vpc.id] }] }))
    .SecurityGroups ?? []

async function createGroup(
  cluster: Cluster,
  vpc: Vpc,
  role: 'master' | 'minion',
  whose: string,
): Promise<SecurityGroup> {
  const GroupName = groupName(cluster, role)
  const { GroupId = '' } = await cluster.ec2.createSecurityGroup({
    GroupName,
    Description: `Kubernetes security group applied to ${whose}`,
    VpcId: vpc.id,
    TagSpecifications: bornAs(cluster, 'security-group', GroupName),
  })
  return { GroupId, IpPermissions: [] }
}

async function applyRules(
  cluster: Cluster,
  { GroupId, IpPermissions = [] }: SecurityGroup,
  wanted: readonly Rule[],
): Promise<void> {
  const { add, remove } = difference(wanted, IpPermissions)
  // One call for all, unless a rule turns out to be there: then EC2 refuses the lot, and each is added by itself.
  const authorize = (some: readonly Rule[]) =>
    cluster.ec2.authorizeSecurityGroupIngress({ GroupId, IpPermissions: some.map(toPermission) })
  if (add.length > 0 && !(await unless(isDuplicate, authorize(add))))
    await Promise.all(add.map(rule => unless(isDuplicate, authorize([rule]))))
  if (remove.length > 0)
    await unless(isAbsent, cluster.ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: remove.map(toPermission) }))
}

/**
 * A group that another group's rules name cannot be deleted. So each first forgets those before it, and then they go in
 * that order.
 */
export const deleteSecurityGroups = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  cluster.journal.step('security groups', async step => {
    step.id = ids.join(', ')
    const answer = await cluster.ec2.describeSecurityGroups({ Filters: [ours(cluster)] })
    const found = answer.SecurityGroups?.filter(({ GroupId = '' }) => ids.includes(GroupId)) ?? []
    // By name, so that it is the same each time: EC2 lists them in any order.
    const groups = found.sort((a, b) => (a.GroupName ?? '').localeCompare(b.GroupName ?? ''))
    await Promise.all(
      groups.map(async ({ GroupId, IpPermissions = [] }, i) => {
        const before = groups.slice(0, i).map(group => group.GroupId)
        const naming = IpPermissions.flatMap(({ UserIdGroupPairs = [], ...permission }) => {
          const pairs = UserIdGroupPairs.filter(pair => before.includes(pair.GroupId)).map(pair => ({
            GroupId: pair.GroupId ?? '',
          }))
          return pairs.length > 0
            ? [{ ...permission, IpRanges: [], Ipv6Ranges: [], PrefixListIds: [], UserIdGroupPairs: pairs }]
            : []
        })
        if (naming.length > 0)
          await unless(isAbsent, cluster.ec2.revokeSecurityGroupIngress({ GroupId, IpPermissions: naming }))
      }),
    )
    for (const { GroupId = '', VpcId = '' } of groups)
      await letGo(
        cluster,
        GroupId,
        () => cluster.ec2.deleteSecurityGroup({ GroupId }),
        () => whatBlocks(cluster, VpcId),
      )
    step.outcome = 'deleted'
  })
