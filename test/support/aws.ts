import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from 'tar'
import { type Cluster, type Connection, connect } from '../../cluster/aws/cluster.ts'
import type { Env } from '../../cluster/aws/config.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { down } from '../../cluster/aws/down.ts'
import { findAll } from '../../cluster/aws/half-made.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { proveEmpty } from '../../cluster/aws/prove-empty.ts'
import { Rehearsal } from '../../cluster/aws/rehearsal.ts'
import { up } from '../../cluster/aws/up.ts'
import { localCredentials, startLocalAws, stopLocalAws } from '../../cluster/local/aws.ts'
import { cacheOf } from '../../cluster/where.ts'
import { testClock } from './clock.ts'
import { type RecordingProxy, startProxy } from './proxy.ts'

export const cache = cacheOf(process.env)

/** An AWS of the test's own, seen through a proxy that writes down every call, and a folder for its files. */
export interface TestAws {
  readonly proxy: RecordingProxy
  readonly folder: string
  /** The settings that every cluster here starts from. */
  readonly env: Env
  /** A cluster in it, with a new journal. */
  cluster(env?: Env, more?: Connection): Cluster
  /** The same, past the proxy: for what happens in the account without kube-up. */
  readonly direct: Cluster
  /** A cluster whose changes are only rehearsed. */
  rehearsal(env?: Env): Cluster
  /** Empties the account, and forgets what was recorded. */
  reset(): Promise<void>
  stop(): Promise<void>
}

export async function testAws(): Promise<TestAws> {
  const folder = await mkdtemp(join(tmpdir(), 'kube-up-test-'))
  const { endpoint } = await startLocalAws({ folder, cache }, 'us-west-2')
  const proxy = await startProxy(endpoint)
  const tarball = join(folder, 'server.tar.gz')
  await writeFile(join(folder, 'stand-in'), 'stands for a release')
  await chmod(join(folder, 'stand-in'), 0o644)
  // The same bytes each time: the walkthrough lists what is staged by its sums.
  await create({ cwd: folder, file: tarball, gzip: true, portable: true, mtime: new Date(0) }, ['stand-in'])
  const env = {
    SSH_CIDR: '192.0.2.7/32',
    KUBERNETES_SERVER_TAR: tarball,
    KUBE_COMPONENTS_TAR: tarball,
    AWS_SSH_KEY: join(folder, 'ssh', 'id_ed25519'),
    NUM_NODES: '2',
  }
  const reach = { credentials: localCredentials, user: 'test', cache: folder, clock: testClock }
  const cluster = (more?: Env, connection?: Connection) =>
    connect(config({ ...env, ...more }), new Journal(), { ...reach, endpoint: proxy.endpoint, ...connection })
  return {
    proxy,
    folder,
    direct: connect(config(env), new Journal(), { ...reach, endpoint }),
    env,
    cluster,
    rehearsal: more => cluster(more, { rehearsal: new Rehearsal() }),
    async reset() {
      proxy.before = undefined
      proxy.after = undefined
      const answer = await fetch(`${endpoint}/moto-api/reset`, { method: 'POST' })
      if (!answer.ok) throw new Error(`the local AWS was not reset: ${answer.status}`)
      proxy.forget()
    },
    async stop() {
      await proxy.stop()
      await stopLocalAws(folder)
      await rm(folder, { recursive: true })
    },
  }
}

/** kube-up as its entry does it. */
export const kubeUp = up

/** kube-down as its entry does it. @returns how many things it found. @throws when anything is left. */
export async function kubeDown(cluster: Cluster): Promise<number> {
  const owned = await findAll(cluster)
  await down(cluster, owned)
  await proveEmpty(cluster, owned)
  return owned.ec2.length + owned.groups.length + owned.iam.roles.length
}
