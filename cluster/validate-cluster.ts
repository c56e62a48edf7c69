import { main } from './command.ts'
import { validateCluster } from './validate.ts'

await main({
  name: 'validate-cluster',
  does: 'says whether the cluster is ready: exit code 0 when it is, 1 when it is broken, 2 when it is merely weak',
  run: validateCluster,
  afterwards: () => 'kube-up mends what it can: run it again.',
})
