import { type Env, read, type Variables } from './config.ts'
import { type Config, variables as defaults } from './config-default.ts'

/** The small variant, for tests of Kubernetes itself: two nodes, nothing that watches them or makes volumes, a name of the person's own. */
export const variables = (user: string): Variables => ({
  ...defaults,
  NUM_NODES: { ...defaults.NUM_NODES, default: '2' },
  KUBE_AWS_INSTANCE_PREFIX: { ...defaults.KUBE_AWS_INSTANCE_PREFIX, default: `e2e-test-${nameOf(user)}` },
  KUBE_ENABLE_CLUSTER_MONITORING: { ...defaults.KUBE_ENABLE_CLUSTER_MONITORING, default: 'none' },
  KUBE_ENABLE_DEFAULT_STORAGE_CLASS: { ...defaults.KUBE_ENABLE_DEFAULT_STORAGE_CLASS, default: 'false' },
  KUBE_ENABLE_NODE_LOGGING: { ...defaults.KUBE_ENABLE_NODE_LOGGING, default: 'false' },
})

const nameOf = (user: string) =>
  user
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 30)
    .replace(/-+$/, '') || 'user'

/** The environment as settings, with the small variant's defaults. @throws UserError as `read` does. */
export const config = (env: Env): Config => read(variables(env.USER ?? env.LOGNAME ?? ''), env)
