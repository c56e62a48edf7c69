/**
 * npm run kubectl:local -- ARGUMENTS: kubectl against the local cluster. Its address exists in the namespace only, but the context
 * that kube-up wrote names the proxy that leads there, so kubectl runs here.
 */
import { spawn } from 'node:child_process'
import { following, stateDirectory } from '../index.ts'

if (!following(stateDirectory(process.env))) {
  console.error('No local machines run: KUBERNETES_PROVIDER=local npm run kube-up starts a cluster on some.')
  process.exit(1)
}
const kubectl = process.env.KUBECTL || 'kubectl'
const child = spawn(kubectl, process.argv.slice(2), { stdio: 'inherit' })
child.on('error', error => {
  console.error(`${kubectl} cannot be run: ${error.message}. Put it in the PATH, or its path in KUBECTL.`)
  process.exit(127)
})
child.on('exit', code => process.exit(code ?? 1))
