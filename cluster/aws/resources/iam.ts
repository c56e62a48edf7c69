import { isDeepStrictEqual } from 'node:util'
import type { InstanceProfile, Role } from '@aws-sdk/client-iam'
import { UserError } from '../../errors.ts'
import { isFull, isTaken, orNothing } from '../aws-errors.ts'
import { bucketPrefix, type Cluster, tagsOf } from '../cluster.ts'
import type { Config } from '../config-default.ts'
import { asks } from '../journal.ts'
import type { Site } from '../preflight.ts'
import * as sdk from '../sdk.ts'
import { every, letGo, together, untilShown } from '../steps.ts'
import { type MachineRole, template } from '../templates.ts'
import type { Bucket } from './bucket.ts'

/** The names of the instance profiles: what a machine is launched with to have its role. */
export type Profiles = Readonly<Record<MachineRole, string>>

export interface Iam {
  readonly roles: readonly Role[]
  readonly profiles: readonly InstanceProfile[]
  /** The role that was made just now, and has no rights yet. */
  readonly isNew?: string | undefined
}

/** IAM cannot filter by tag, but by path: so the path carries the owner, region included, for IAM knows no regions. */
export const iamPath = (cluster: Pick<Cluster, 'name' | 'region'>): string =>
  `/kube-up/${cluster.region}/${cluster.name}/`

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

/**
 * Takes the cluster's name, before anything else is made: a role is the only thing of kube-up's that AWS lets exist once
 * in the whole account. A role that is there already says that there may be more than AWS shows yet: whoever works on
 * this cluster, or was killed while at it, may have made it a moment ago, however old the role is.
 * @param before is what there was when kube-up looked.
 * @throws UserError when the name is another's, for example this cluster's namesake in another region.
 */
export const takeName = (cluster: Cluster, site: Pick<Site, 'partition'>, before: Iam): Promise<Iam> =>
  cluster.journal.step('name', async step => {
    const RoleName = `${cluster.name}-master`
    step.id = RoleName
    const created = before.roles.length === 0 && (await createRole(cluster, site, RoleName))
    step.outcome = created ? 'created' : 'already there'
    const found = created
      ? { ...before, roles: [created], isNew: RoleName }
      : before.roles.length > 0
        ? before
        : await findIam(cluster)
    if (!created) cluster.hidden.until = cluster.clock.now() + untilShown * 1000
    return found
  })

/** Who may take a role: EC2, which has a name of its own in China. Pure. */
export const trust = ({ partition }: Pick<Site, 'partition'>): string =>
  template('trust-policy.json', { service: partition === 'aws-cn' ? 'ec2.amazonaws.com.cn' : 'ec2.amazonaws.com' })

/** @returns nothing when it was there already, made by another kube-up in this very moment. */
async function createRole(
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

const born = (cluster: Cluster, name: string) => ({ Path: iamPath(cluster), Tags: tagsOf(cluster, name) })

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

const taken = (name: string, path = '/') =>
  new UserError(
    path.startsWith('/kube-up/')
      ? `The IAM name ${name} is taken by a cluster of this name in ${path.split('/')[2]}, and IAM's names know no regions; choose another KUBE_AWS_INSTANCE_PREFIX.`
      : `The IAM name ${name} is taken by a role or profile that is not this cluster's; choose another KUBE_AWS_INSTANCE_PREFIX, or delete it.`,
  )

async function ensurePolicy(cluster: Cluster, name: string, wanted: string, exists: boolean): Promise<void> {
  const there = exists ? await orNothing(cluster.iam.getRolePolicy({ RoleName: name, PolicyName: name })) : undefined
  const same =
    there && isDeepStrictEqual(JSON.parse(decodeURIComponent(there.PolicyDocument ?? '{}')), JSON.parse(wanted))
  if (!same) await cluster.iam.putRolePolicy({ RoleName: name, PolicyName: name, PolicyDocument: wanted })
}

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
