import type { Cluster } from './aws/cluster.ts'
import { bills, type Held, type Holding, holdings } from './aws/holdings.ts'
import { main } from './command.ts'

await main({
  name: 'inventory',
  does: 'lists what this account holds of any cluster in this region: exit code 0 when it holds nothing, 1 when it holds something, 2 when that could not be learnt',
  async run(cluster) {
    const found = await cluster.journal.step('look', () => holdings(cluster))
    return {
      words: words(cluster, found),
      facts: { region: cluster.region, clusters: found.map(told) },
      exitCode: found.length > 0 ? 1 : 0,
    }
  },
  // A script that takes 0 for nothing and 1 for something must not take a failure for either.
  failure: 2,
  afterwards: () => 'Nothing was changed.',
})

function words({ region }: Cluster, found: readonly Holding[]): string {
  if (found.length === 0) return `Nothing of any cluster is in ${region}.`
  return found
    .map(one => {
      const costly = one.held.filter(bills)
      return [
        `${one.orphaned ? 'Orphans of cluster' : 'Cluster'} ${one.cluster} in ${region}${one.since ? `, since ${age(one.since)}` : ''}: ${one.nodes} ${one.nodes === 1 ? 'node' : 'nodes'}, ${one.held.length} resources of which ${costly.length} are billed.`,
        ...(one.orphaned ? ['No master and no group of nodes is there; kube-down removes the rest.'] : []),
        ...one.held.map(held => `  ${held.kind.padEnd(22)} ${held.id}${bills(held) ? '  billed' : ''}`),
      ].join('\n')
    })
    .join('\n')
}

function told(one: Holding) {
  return { ...one, held: one.held.map((held: Held) => ({ ...held, billed: bills(held) })) }
}

/** How long ago, in the largest unit that says enough. */
function age(since: string): string {
  const minutes = Math.max(0, Math.round((Date.now() - Date.parse(since)) / 60_000))
  if (minutes < 120) return `${minutes} minutes`
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} hours` : `${Math.round(minutes / 1440)} days`
}
