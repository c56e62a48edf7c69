import type { Resource } from './alive.ts'
import type { Cluster } from './cluster.ts'
import { findOwned, list, type Owned } from './owned.ts'
import { patiently } from './patience.ts'

/**
 * Looks again, in every kind, until nothing is left. What was just deleted may show for a moment, and a group for as long
 * as its last machine takes. @throws UserError with what is left when the time is up.
 */
export const proveEmpty = (cluster: Cluster, before: Owned, seconds = 600): Promise<void> =>
  cluster.journal.step('look again', async () => {
    const configured = before.configurations.length > 0
    let left: Resource[] = []
    const evidence = () => left.map(({ kind, id }) => `  ${kind} ${id}`).join('\n')
    await patiently(cluster, { what: 'AWS to forget what was deleted', seconds, evidence }, async () => {
      left = list(await findOwned(cluster, { sure: true, configured }))
      return left.length === 0 || undefined
    })
  })
