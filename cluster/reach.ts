import { userInfo } from 'node:os'
import { type Cluster, connect } from './aws/cluster.ts'
import type { Env } from './aws/config.ts'
import { type Config, regionOf } from './aws/config-default.ts'
import type { Journal } from './aws/journal.ts'
import type { Rehearsal } from './aws/rehearsal.ts'
import { UserError } from './errors.ts'
import { findLocalAws, localCredentials, startLocalAws, stopLocalAws } from './local/aws.ts'
import { onlyKept, releaseForLocalMachines, requireRelease, standIns } from './release.ts'
import { cacheOf, stateDirectory } from './where.ts'

/** Clients for the AWS that was asked for: the person's own, or the one on this machine, which may be too small for what is to be launched. */
export async function reach(
  config: Config,
  env: Env,
  journal: Journal,
  { launches, rehearsal }: { launches: boolean; rehearsal: Rehearsal | undefined },
): Promise<Cluster> {
  const cache = cacheOf(env)
  const person = { user: env.USER || userInfo().username, cache, rehearsal }
  // dotenv may have brought what the SDK reads for itself: credentials, profile, endpoint.
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) process.env[name] ??= value
  const telling = {
    cache,
    say: (words: string) => journal.waiting(words),
    note: (words: string) => journal.note(words),
  }
  if (config.KUBERNETES_PROVIDER === 'aws') {
    const endpoint = env.AWS_ENDPOINT_URL && { endpoint: env.AWS_ENDPOINT_URL }
    return connect(config, journal, { ...person, ...endpoint, ...(rehearsal && { release: onlyKept(telling) }) })
  }
  const folder = stateDirectory(env)
  const running = await findLocalAws(folder)
  // Whether machines boot is kube-up's to say; every other command takes the local AWS as it is.
  const machines = launches || !running ? config.KUBE_LOCAL_MACHINES : running.machines
  const reached = await journal.step('local AWS', async step => {
    const aws = await startLocalAws({ folder, cache, machines }, regionOf(config), telling.say)
    step.id = aws.endpoint
    if (!machines || rehearsal || !(launches || running)) return aws
    const where = { dir: folder, endpoint: aws.endpoint, region: regionOf(config) }
    try {
      const { requireRoom, startMachines } = await import('./local/machines/index.ts')
      if (launches) {
        await requireRelease(config, cache)
        await requireRoom({ ...where, cluster: config.KUBE_AWS_INSTANCE_PREFIX, types: machinesOf(config) })
      }
      const { proxy } = await startMachines({ ...where, env, say: telling.say })
      return { ...aws, proxy }
    } catch (error) {
      if (!running) await stopLocalAws(folder)
      if (!(error instanceof UserError) || error.exitCode === 2) throw error
      throw new UserError(`${error.message}\nWith KUBE_LOCAL_MACHINES=false everything is made but no machine boots.`)
    }
  })
  const release = (!machines ? standIns : rehearsal ? onlyKept : releaseForLocalMachines)(telling)
  const asItIs = { ...config, KUBE_LOCAL_MACHINES: machines }
  return connect(asItIs, journal, { ...person, ...reached, credentials: localCredentials, release })
}

/** The instance type of every machine that the cluster may come to have. */
const machinesOf = (c: Config) => [
  ...(c.KUBE_USE_EXISTING_MASTER ? [] : [c.MASTER_SIZE]),
  ...Array<string>(c.KUBE_ENABLE_CLUSTER_AUTOSCALER ? c.KUBE_AUTOSCALER_MAX_NODES : c.NUM_NODES).fill(c.NODE_SIZE),
]
