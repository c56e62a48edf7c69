import { request } from 'node:https'
import { connect } from 'node:net'
import type { CoreV1Api, KubeConfig } from '@kubernetes/client-node'
import { findAccess } from './aws/access.ts'
import type { Cluster } from './aws/cluster.ts'
import { merged } from './kubeconfig/contexts.ts'
import { findContext } from './kubeconfig.ts'

/** The cluster's API, with the administrator's rights. Every request has a deadline. */
export interface ApiServer {
  readonly server: string
  readonly core: CoreV1Api
  /** What it says of itself: a line for each of its checks. */
  readyz(): Promise<{ ready: boolean; said: string }>
}

/** A machine under emulation takes its time. */
const deadline = 30_000

/** The way to the API that the person's kubeconfig knows, or else the cluster's bucket; nothing where neither does. Asks nobody. */
export async function apiServer(cluster: Cluster): Promise<ApiServer | undefined> {
  const config = await kubeConfig(cluster)
  const { server } = config?.getCurrentCluster() ?? {}
  if (!config || !server) return undefined
  const { CoreV1Api, createConfiguration, ServerConfiguration } = await library()
  const core = new CoreV1Api(
    createConfiguration({
      baseServer: new ServerConfiguration(server, {}),
      authMethods: { default: config },
      promiseMiddleware: [
        {
          async pre(context) {
            context.setSignal(AbortSignal.timeout(deadline))
            return context
          },
          post: async context => context,
        },
      ],
    }),
  )
  return { server, core, readyz: () => readyz(config, server) }
}

/** Loaded only where there is an API to ask: it takes half a second. */
const library = () => import('@kubernetes/client-node')

async function kubeConfig(cluster: Cluster): Promise<KubeConfig | undefined> {
  const { KubeConfig } = await library()
  const config = new KubeConfig()
  const context = cluster.config.KUBE_CONFIG_CONTEXT
  const known = findContext(cluster.config)
  if (known) config.loadFromFile(known.path, { onInvalidEntry: 'filter' })
  else {
    const access = await findAccess(cluster)
    if (!access) return undefined
    config.loadFromString(merged('', context, access))
  }
  config.setCurrentContext(context)
  // The proxy of the machines on this computer has another port after every start.
  const { proxy } = cluster
  if (proxy) {
    const { name } = config.getCurrentCluster() ?? {}
    config.clusters = config.clusters.map(one => (one.name === name ? { ...one, proxyUrl: proxy } : one))
  }
  return config
}

async function readyz(config: KubeConfig, server: string): Promise<{ ready: boolean; said: string }> {
  const options = { timeout: deadline, signal: AbortSignal.timeout(deadline) }
  await config.applyToHTTPSOptions(options)
  return new Promise((resolve, reject) => {
    const asking = request(`${server}/readyz?verbose`, options, answer => {
      let said = ''
      answer.on('data', chunk => (said += chunk))
      answer.on('end', () => resolve({ ready: answer.statusCode === 200, said }))
      answer.on('error', reject)
    })
    asking.on('error', reject)
    asking.end()
  })
}

/** Whether anybody listens there, so that nothing is loaded for a master that is gone. Of what lies behind a proxy only the proxy is asked. */
export const listens = ({ server, proxy }: { server: string; proxy?: string | undefined }): Promise<boolean> =>
  new Promise(resolve => {
    const { hostname, port } = new URL(proxy ?? server)
    const socket = connect({ host: hostname, port: Number(port || 443), timeout: 5_000 })
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.on('connect', () => end(true))
    socket.on('error', () => end(false))
    socket.on('timeout', () => end(false))
  })

/** That the API server does not answer, or not as it should, in a sentence. */
export function unanswered({ server }: Pick<ApiServer, 'server'>, error: unknown): string {
  const { code, message, name } = error as Error & { code?: number | string }
  if (code === 401 || code === 403) return `The API server at ${server} refuses these credentials (${code}).`
  if (typeof code === 'number') return `The API server at ${server} answers with ${code}.`
  const why = name === 'AbortError' || name === 'TimeoutError' ? `no answer in ${deadline / 1000} s` : (code ?? message)
  return `The API server at ${server} does not answer: ${why}.`
}
