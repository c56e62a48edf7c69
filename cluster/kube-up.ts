import { awaitReady } from './await-ready.ts'
import { serverAt } from './aws/access.ts'
import { machinesBoot } from './aws/config-default.ts'
import { up } from './aws/up.ts'
import { main } from './command.ts'
import { rememberContext } from './kubeconfig.ts'
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
    const made = await up(cluster)
    const { config, proxy } = cluster
    if (options['dry-run']) return plan(cluster, made.address !== undefined)
    if (!machinesBoot(config)) return summary(cluster, made)
    await rememberContext(config, { server: serverAt(made.publicIp), proxy, admin: made.admin })
    if (config.KUBE_WAIT > 0) await awaitReady(cluster, made)
    return summary(cluster, made)
  },
  afterwards: cluster =>
    cluster.rehearsal
      ? 'This was a dry run: nothing was changed.'
      : `${soFar(cluster.journal)}Run kube-up again to go on from here, or remove what exists: ${removal(cluster)}`,
})
