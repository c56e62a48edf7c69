/**
 * npm run kubectl:local -- ARGUMENTS: kubectl against the local cluster. Its address exists in the namespace only, but the context
 * that kube-up wrote names the proxy that leads there, so kubectl runs here: the person's own, or the one of the release.
 */
import { spawn } from 'node:child_process'
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { keptKubectl } from '../../../release/kubectl.ts'
import { supportedVersions } from '../../../release/pins.ts'
import { cacheOf } from '../../../where.ts'
import { following, stateDirectory } from '../index.ts'

const { env } = process
const isProgram = (path: string) => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
const installed = (env.PATH ?? '')
  .split(delimiter)
  .map(folder => join(folder, 'kubectl'))
  .find(isProgram)

try {
  if (!following(stateDirectory(env)))
    throw new Error('No local machines run: KUBERNETES_PROVIDER=local npm run kube-up starts a cluster on some.')
  const version = env.KUBERNETES_VERSION || (supportedVersions[0] ?? '')
  const kubectl = env.KUBECTL || installed || (await keptKubectl(cacheOf(env), version))
  const child = spawn(kubectl, process.argv.slice(2), { stdio: 'inherit' })
  child.on('error', error => {
    console.error(`${kubectl} cannot be run: ${error.message}. Put it in the PATH, or its path in KUBECTL.`)
    process.exit(127)
  })
  child.on('exit', code => process.exit(code ?? 1))
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
