import type { Cluster } from '../../../cluster/aws/cluster.ts'
import { explain } from '../../../cluster/explain.ts'
import { removal, soFar } from '../../../cluster/summary.ts'
import type { RecordingProxy } from '../proxy.ts'
import { identity, refused } from './faults.ts'

/** One change among those of a run: the nth with this action. */
export interface Change {
  readonly action: string
  readonly nth: number
}

/** The changes that went through the proxy, each once. */
export function changesOf(proxy: RecordingProxy): Change[] {
  const counts = new Map<string, number>()
  return proxy.recorded
    .filter(call => call.changes)
    .map(({ action }) => {
      const nth = (counts.get(action) ?? 0) + 1
      counts.set(action, nth)
      return { action, nth }
    })
}

/** Runs it with this change refused for good. @returns what a person is told, or nothing when it succeeded all the same. */
export async function withoutTheRight(
  proxy: RecordingProxy,
  cluster: Cluster,
  run: (cluster: Cluster) => Promise<unknown>,
  { action, nth }: Change,
): Promise<{ said: string; exitCode: number } | undefined> {
  const seen = new Set<string>()
  let chosen: string | undefined
  proxy.before = call => {
    if (call.action !== action) return
    seen.add(identity(call))
    if (seen.size === nth) chosen ??= identity(call)
    if (identity(call) === chosen) throw refused.error(call)
  }
  try {
    await run(cluster)
    return undefined
  } catch (error) {
    const { sentence, exitCode } = explain(error, cluster.journal)
    return { said: `${sentence}\n${soFar(cluster.journal)}${removal(cluster)}`, exitCode }
  } finally {
    proxy.before = undefined
  }
}
