import { isDeepStrictEqual } from 'node:util'
import type { InstanceProfile, Role } from '@aws-sdk/client-iam'
import { isFull, isTaken, orNothing } from '../aws-errors.ts'
import type { Cluster } from '../cluster.ts'
import { asks } from '../journal.ts'
import { policy } from '../policies.ts'
import type { Site } from '../preflight.ts'
import * as sdk from '../sdk.ts'
import { every, letGo, together } from '../steps.ts'
import type { MachineRole } from '../templates.ts'
import type { Bucket } from './bucket.ts'
import { born, createRole, iamPath, taken } from './role.ts'

/** The names of the instance profiles: what a machine is launched with to have its role. */
export type Profiles = Readonly<Record<MachineRole, string>>

export interface Iam {
  readonly roles: readonly Role[]
  readonly profiles: readonly InstanceProfile[]
  /** The role that was made just now, and has no rights yet. */
  readonly isNew?: string | undefined
}

/** The roles and instance profiles under the cluster's path: all of them, and no one else's. */
export async function findIam(cluster: Cluster): Promise<Iam> {
  const PathPrefix = iamPath(cluster)
  const [roles, profiles] = await Promise.all([
    every(sdk.iam.paginateListRoles({ client: cluster.iam }, { PathPrefix }), page => page.Roles),
    every(sdk.iam.paginateListInstanceProfiles({ client: cluster.iam }, { PathPrefix }), page => page.InstanceProfiles),
  ])
  // Not every endpoint heeds the filter; what is under another path is another's.
  const ours = ({ Path }: { Path?: string | undefined }) => Path === PathPrefix
  return { roles: roles.filter(ours), profiles: profiles.filter(ours) }
}

/** A machine acts in the account with the rights of its role, and never with anyone's keys: the master may do what the cloud controller manager does, a node hardly anything. */
export const ensureIam = (cluster: Cluster, site: Site, bucket: Bucket): Promise<Profiles> =>
  cluster.journal.step('IAM roles', async step => {
    const found = site.iam
    const one = async (role: MachineRole) => {
      const name = `${cluster.name}-${role}`
      const profile = found.profiles.find(({ InstanceProfileName }) => InstanceProfileName === name)
      const exists = found.roles.some(({ RoleName }) => RoleName === name)
      const rights = async () => {
        if (!exists) await createRole(cluster, site, name)
        const wanted = policy(cluster, site, bucket, role)
        await ensurePolicy(cluster, name, wanted, exists && found.isNew !== name)
      }
      const wrapping = async () => {
        if (!profile) await createProfile(cluster, name)
      }
      await together([rights(), wrapping()])
      if (!profile?.Roles?.some(({ RoleName }) => RoleName === name)) await addRole(cluster, name)
      return name
    }
    const [master, minion] = await together([one('master'), one('minion')])
    step.id = `${master}, ${minion}`
    step.outcome =
      found.profiles.length === 0 ? 'created' : step.calls.every(call => asks(call.action)) ? 'already there' : 'mended'
    return { master, minion }
  })

async function createProfile(cluster: Cluster, name: string): Promise<void> {
  try {
    await cluster.iam.createInstanceProfile({ InstanceProfileName: name, ...born(cluster, name) })
  } catch (error) {
    if (!isTaken(error)) throw error
    const there = await orNothing(cluster.iam.getInstanceProfile({ InstanceProfileName: name }))
    if (there?.InstanceProfile?.Path !== iamPath(cluster)) throw taken(name, there?.InstanceProfile?.Path)
  }
}

/** A profile has room for one role, and says that it is full when that is the one. */
async function addRole(cluster: Cluster, name: string): Promise<void> {
  try {
    await cluster.iam.addRoleToInstanceProfile({ InstanceProfileName: name, RoleName: name })
  } catch (error) {
    if (!isFull(error)) throw error
    const { InstanceProfile } = await cluster.iam.getInstanceProfile({ InstanceProfileName: name })
    if (!InstanceProfile?.Roles?.some(({ RoleName }) => RoleName === name)) throw error
  }
}

async function ensurePolicy(cluster: Cluster, name: string, wanted: string, exists: boolean): Promise<void> {
  const there = exists ? await orNothing(cluster.iam.getRolePolicy({ RoleName: name, PolicyName: name })) : undefined
  const same =
    there && isDeepStrictEqual(JSON.parse(decodeURIComponent(there.PolicyDocument ?? '{}')), JSON.parse(wanted))
  if (!same) await cluster.iam.putRolePolicy({ RoleName: name, PolicyName: name, PolicyDocument: wanted })
}

/** Role and profile come apart in the order IAM demands; whatever part is missing already is passed over. */
export const deleteIam = (cluster: Cluster, { roles, profiles }: Iam): Promise<void> =>
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
