import { isDeepStrictEqual } from 'node:util'
import { type InstanceProfile, paginateListInstanceProfiles, paginateListRoles, type Role } from '@aws-sdk/client-iam'
import { UserError } from '../../errors.ts'
import { isTaken, orNothing } from '../aws-errors.ts'
import { bucketPrefix, type Cluster, tagsOf } from '../cluster.ts'
import { asks } from '../journal.ts'
import type { Site } from '../preflight.ts'
import { every, letGo, together } from '../steps.ts'
import { type MachineRole, template } from '../templates.ts'
import type { Bucket } from './bucket.ts'

/** The names of the instance profiles: what a machine is launched with to have its role. */
export type Profiles = Readonly<Record<MachineRole, string>>

/** IAM cannot filter by tag, but by path: so the path carries the owner, region included, for IAM knows no regions. */
export const iamPath = (cluster: Pick<Cluster, 'name' | 'region'>): string =>
  `/kube-up/${cluster.region}/${cluster.name}/`

/** The roles and instance profiles under the cluster's path: all of them, and no one else's. */
export async function findIam(cluster: Cluster): Promise<{ roles: Role[]; profiles: InstanceProfile[] }> {
  const PathPrefix = iamPath(cluster)
  const [roles, profiles] = await Promise.all([
    every(paginateListRoles({ client: cluster.iam }, { PathPrefix }), page => page.Roles),
    every(paginateListInstanceProfiles({ client: cluster.iam }, { PathPrefix }), page => page.InstanceProfiles),
  ])
  // Not every endpoint heeds the filter; what is under another path is another's.
  const ours = ({ Path }: { Path?: string | undefined }) => Path === PathPrefix
  return { roles: roles.filter(ours), profiles: profiles.filter(ours) }
}

/** A machine acts in the account with the rights of its role, and never with anyone's keys: the master may do what the cloud controller manager does, a node hardly anything. */
export const ensureIam = (cluster: Cluster, site: Site, bucket: Bucket): Promise<Profiles> =>
  cluster.journal.step('IAM roles', async step => {
    const found = await findIam(cluster)
    const one = async (role: MachineRole) => {
      const name = `${cluster.name}-${role}`
      const profile = found.profiles.find(({ InstanceProfileName }) => InstanceProfileName === name)
      const exists = found.roles.some(({ RoleName }) => RoleName === name)
      const born = { Path: iamPath(cluster), Tags: tagsOf(cluster, name) }
      const refuseTaken = (error: unknown) => Promise.reject(isTaken(error) ? taken(name) : error)
      const rights = async () => {
        if (!exists)
          await cluster.iam
            .createRole({ RoleName: name, AssumeRolePolicyDocument: template('trust-policy.json'), ...born })
            .catch(refuseTaken)
        await ensurePolicy(cluster, name, policy(cluster, site, bucket, role), exists)
      }
      const wrapping = async () => {
        if (!profile) await cluster.iam.createInstanceProfile({ InstanceProfileName: name, ...born }).catch(refuseTaken)
      }
      await together([rights(), wrapping()])
      if (!profile?.Roles?.some(({ RoleName }) => RoleName === name))
        await cluster.iam.addRoleToInstanceProfile({ InstanceProfileName: name, RoleName: name })
      return name
    }
    const [master, minion] = await together([one('master'), one('minion')])
    step.id = `${master}, ${minion}`
    step.outcome =
      found.roles.length === 0 ? 'created' : step.calls.every(call => asks(call.action)) ? 'already there' : 'mended'
    return { master, minion }
  })

const taken = (name: string) =>
  new UserError(
    `The IAM name ${name} is taken by a role that is not this cluster's; choose another KUBE_AWS_INSTANCE_PREFIX, or delete that role.`,
  )

async function ensurePolicy(cluster: Cluster, name: string, wanted: string, exists: boolean): Promise<void> {
  const there = exists ? await orNothing(cluster.iam.getRolePolicy({ RoleName: name, PolicyName: name })) : undefined
  const same =
    there && isDeepStrictEqual(JSON.parse(decodeURIComponent(there.PolicyDocument ?? '{}')), JSON.parse(wanted))
  if (!same) await cluster.iam.putRolePolicy({ RoleName: name, PolicyName: name, PolicyDocument: wanted })
}

/** What a machine of this role may do, with the cluster's own names filled in. Pure. */
export const policy = (
  cluster: Pick<Cluster, 'name' | 'region'>,
  site: Pick<Site, 'partition'>,
  bucket: Bucket,
  role: MachineRole,
): string =>
  template(`${role}-policy.json`, {
    partition: site.partition,
    bucket: bucket.id,
    prefix: bucketPrefix(cluster),
    cluster: cluster.name,
  })

/** Role and profile come apart in the order IAM demands; whatever part is missing already is passed over. */
export const deleteIam = (cluster: Cluster, { roles, profiles }: Awaited<ReturnType<typeof findIam>>): Promise<void> =>
  cluster.journal.step('IAM roles', async step => {
    const names = [
      ...new Set([
        ...roles.map(role => role.RoleName ?? ''),
        ...profiles.map(profile => profile.InstanceProfileName ?? ''),
      ]),
    ]
    step.id = names.join(', ')
    await together(
      names.map(async name => {
        const profile = profiles.find(({ InstanceProfileName }) => InstanceProfileName === name)
        for (const { RoleName } of profile?.Roles ?? [])
          await orNothing(cluster.iam.removeRoleFromInstanceProfile({ InstanceProfileName: name, RoleName }))
        const removeProfile = async () =>
          profile && letGo(cluster, name, () => cluster.iam.deleteInstanceProfile({ InstanceProfileName: name }))
        const removeRole = async () => {
          if (!roles.some(({ RoleName }) => RoleName === name)) return
          await orNothing(cluster.iam.deleteRolePolicy({ RoleName: name, PolicyName: name }))
          await letGo(cluster, name, () => cluster.iam.deleteRole({ RoleName: name }))
        }
        await together([removeProfile(), removeRole()])
      }),
    )
    step.outcome = 'deleted'
  })
