import { awaitReady } from './await-ready.ts'
import { serverAt } from './aws/access.ts'
import { machinesBoot } from './aws/config-default.ts'
import { up } from './aws/up.ts'
import { main } from './command.ts'
import { rememberContext } from './kubeconfig.ts'
import { removal, soFar, summary } from './summary.ts'

await main({
  name: 'kube-up',
  does: 'creates a Kubernetes cluster on AWS, step by step; run again, it mends and goes on',
  async run(cluster) {
    const made = await up(cluster)
    const { config, proxy } = cluster
    if (!machinesBoot(config)) return summary(cluster, made)
    await rememberContext(config, { server: serverAt(made.publicIp), proxy, admin: made.admin })
    if (config.KUBE_WAIT > 0) await awaitReady(cluster, made)
    return summary(cluster, made)
  },
  afterwards: cluster =>
    `${soFar(cluster.journal)}Run kube-up again to go on from here, or remove what exists: ${removal(cluster)}`,
})
