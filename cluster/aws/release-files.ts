import { readdir } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { create, type WriteEntry } from 'tar'
import { UserError } from '../errors.ts'
import { componentsTar, givenFile, type PlacedFile, serverTarball } from '../release.ts'
import type { Cluster } from './cluster.ts'
import type { GivenArchive } from './given-archives.ts'
import { architectureOf } from './images.ts'
import { expandHome } from './resources/key-pair.ts'
import { fromBuffer, fromFile, type ReleaseFile } from './resources/staged-files.ts'
import { template } from './templates.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Everything the machines will fetch: Kubernetes and what it runs on for each architecture, the Salt states, and the script that applies them. */
export const releaseFiles = async (cluster: Cluster): Promise<ReleaseFile[]> => [
  ...(await release(cluster)),
  fromBuffer('kubernetes-salt.tar.gz', await packSalt()),
  fromBuffer('bootstrap.sh', Buffer.from(template('bootstrap.sh'))),
]

/** The files a person gives in the place of the official ones, by the variable that does. */
const overrides = {
  KUBERNETES_SERVER_TAR: { nameOf: serverTarball, what: 'server tarball' },
  KUBE_COMPONENTS_TAR: { nameOf: componentsTar, what: 'tar of the components' },
} as const

const architecturesOf = ({ MASTER_SIZE, NODE_SIZE }: Cluster['config']) => [
  ...new Set([MASTER_SIZE, NODE_SIZE].map(architectureOf)),
]

interface GivenFile extends GivenArchive {
  readonly name: string
}

/** What the person brings of the release. @throws UserError when it is not there, or not enough. */
export async function givenFiles({ config }: Pick<Cluster, 'config'>): Promise<GivenFile[]> {
  const architectures = architecturesOf(config)
  const given: GivenFile[] = []
  for (const variable of ['KUBERNETES_SERVER_TAR', 'KUBE_COMPONENTS_TAR'] as const) {
    const path = config[variable]
    const { nameOf, what } = overrides[variable]
    if (!path) continue
    if (architectures.length > 1)
      throw new UserError(
        `${variable} is for one architecture, but ${config.MASTER_SIZE} and ${config.NODE_SIZE} have two; choose sizes of one.`,
        2,
      )
    for (const arch of architectures)
      given.push({ variable, name: nameOf(arch), path: await givenFile(variable, expandHome(path), what) })
  }
  return given
}

async function release(cluster: Cluster): Promise<ReleaseFile[]> {
  const { config, release } = cluster
  const given: readonly PlacedFile[] = await givenFiles(cluster)
  const others = await release(
    config.KUBERNETES_VERSION,
    architecturesOf(config),
    given.map(({ name }) => name),
  )
  return [...given, ...others].map(({ name, path }) =>
    path ? fromFile(name, path) : { ...fromBuffer(name, Buffer.alloc(0)), unfetched: true },
  )
}

/** The same states give the same bytes, so that an upload that is there is recognised. */
async function packSalt(): Promise<Buffer> {
  const entries = await readdir(`${root}salt`, { recursive: true, withFileTypes: true })
  const files = entries
    .filter(entry => entry.isFile())
    .map(entry => relative(root, `${entry.parentPath}/${entry.name}`))
  return pack(files.sort())
}

/** Times, owners and modes of this computer left out: they would change the bytes. */
function pack(files: string[]): Buffer {
  const plain = {
    portable: true,
    mtime: new Date(0),
    onWriteEntry: (entry: WriteEntry) => {
      if (entry.stat) entry.stat.mode = 0o100644
    },
  }
  const packed = create({ cwd: root, sync: true, gzip: { level: 9 }, ...plain }, files).read()
  if (!packed) throw new Error(`nothing was packed of ${files.join(', ')}`)
  return Buffer.from(packed)
}
