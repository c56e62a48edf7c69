import { up } from './aws/up.ts'
import { main } from './command.ts'
import { plan } from './plan.ts'
import { tellingOptions } from './story/tell.ts'
import { removal, soFar, summary } from './summary.ts'

await main({
  name: 'kube-up',
  does: 'creates a Kubernetes cluster on AWS, step by step; run again, it mends and goes on',
  options: {
    'dry-run': { type: 'boolean', means: 'only show what would be done, call by call; nothing changes' },
    ...tellingOptions,
  },
  async run(cluster, options) {
    const built = await up(cluster)
    return options['dry-run'] ? plan(cluster, built.address !== undefined) : summary(cluster, built)
  },
  afterwards: cluster =>
    cluster.rehearsal
      ? 'This was a dry run: nothing was changed.'
      : `${soFar(cluster.journal)}Run kube-up again to go on from here, or remove what exists: ${removal(cluster)}`,
})
