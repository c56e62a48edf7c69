import { down } from './aws/down.ts'
import { findAll } from './aws/half-made.ts'
import { list } from './aws/owned.ts'
import { proveEmpty } from './aws/prove-empty.ts'
import { main } from './command.ts'
import { forgetContext } from './kubeconfig.ts'
import { deleteMadeByPods } from './made-by-pods.ts'
import { tellingOptions } from './story/tell.ts'
import { resources } from './summary.ts'

await main({
  name: 'kube-down',
  does: 'removes everything that carries the tag of the cluster, and proves it',
  options: { 'dry-run': { type: 'boolean', means: 'only list what would be deleted' }, ...tellingOptions },
  async run(cluster, options) {
    const of = `cluster ${cluster.name} in ${cluster.region}`
    const owned = await cluster.journal.step('look', () => findAll(cluster, { sure: options['dry-run'] === true }))
    const found = list(owned)
    if (options['dry-run'])
      return {
        words: found.length > 0 ? `kube-down would delete:\n${resources(found)}` : `Nothing of ${of} exists.`,
        facts: { found },
      }
    if (found.length === 0) return { words: `Nothing to delete: nothing of ${of} exists.`, facts: { deleted: [] } }
    await deleteMadeByPods(cluster, owned.of('instance'))
    await down(cluster, owned)
    await proveEmpty(cluster, owned)
    await forgetContext(cluster.config)
    return { words: `Nothing of ${of} is left.`, facts: { deleted: found } }
  },
  afterwards: () => 'Run kube-down again when what holds it is gone; it goes on from here.',
})
