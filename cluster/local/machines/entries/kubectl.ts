/** npm run kubectl:local -- ARGUMENTS: kubectl against the local cluster, whose address exists in the namespace only. */
import { spawn } from 'node:child_process'
import { following, stateDirectory } from '../index.ts'
import { enter } from '../network/namespace.ts'
import { places } from '../places.ts'

const dir = stateDirectory(process.env)
if (!following(dir)) {
  console.error('No local machines run: KUBERNETES_PROVIDER=local npm run kube-up starts a cluster on some.')
  process.exit(1)
}
const kubectl = process.env.KUBECTL || 'kubectl'
const [command, ...args] = enter(places(dir), kubectl, ...process.argv.slice(2))
const child = spawn(command, args, { stdio: 'inherit' })
child.on('error', error => {
  console.error(`${kubectl} cannot be run: ${error.message}. Put it in the PATH, or its path in KUBECTL.`)
  process.exit(127)
})
child.on('exit', code => process.exit(code ?? 1))
