import { up } from './aws/up.ts'
import { main } from './command.ts'
import { removal, soFar, summary } from './summary.ts'

await main({
  name: 'kube-up',
  does: 'creates a Kubernetes cluster on AWS, step by step; run again, it mends and goes on',
  run: async cluster => summary(cluster, await up(cluster)),
  afterwards: cluster =>
    `${soFar(cluster.journal)}Run kube-up again to go on from here, or remove what exists: ${removal(cluster)}`,
})
