import type { Cluster } from '../cluster.ts'
import type { Site } from '../preflight.ts'
import { findIam, type Iam } from './iam.ts'
import { createRole } from './role.ts'

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
    if (created) return { ...before, roles: [created], isNew: RoleName }
    return before.roles.length > 0 ? before : findIam(cluster)
  })
