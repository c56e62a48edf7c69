import { readdir } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { create, type WriteEntry } from 'tar'
import { UserError } from '../errors.ts'
import { fetchServerTarball, givenServerTarball, isFetched, serverTarball } from '../release.ts'
import type { Cluster } from './cluster.ts'
import { architectureOf } from './images.ts'
import { expandHome } from './resources/key-pair.ts'
import { fromBuffer, fromFile, type ReleaseFile } from './resources/staged-files.ts'
import { template } from './templates.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Everything the machines will fetch: Kubernetes itself for each architecture, the Salt states, and the script that applies them. */
export const releaseFiles = async (cluster: Cluster): Promise<ReleaseFile[]> => [
  ...(await serverTarballs(cluster)),
  fromBuffer('kubernetes-salt.tar.gz', await packSalt()),
  fromBuffer('bootstrap.sh', Buffer.from(template('bootstrap.sh'))),
]

async function serverTarballs({ config, cache, journal, rehearsal }: Cluster): Promise<ReleaseFile[]> {
  const architectures = [...new Set([config.MASTER_SIZE, config.NODE_SIZE].map(architectureOf))]
  const given = config.KUBERNETES_SERVER_TAR
  if (given && architectures.length > 1)
    throw new UserError(
      `KUBERNETES_SERVER_TAR is for one architecture, but ${config.MASTER_SIZE} and ${config.NODE_SIZE} have two; choose sizes of one.`,
      2,
    )
  return Promise.all(
    architectures.map(async arch => {
      const name = serverTarball(arch)
      if (given) return fromFile(name, await givenServerTarball(expandHome(given)))
      if (config.KUBERNETES_PROVIDER === 'local') {
        journal.note(
          'On the local AWS a small stand-in takes the place of the server tarball, which no machine uses yet; KUBERNETES_SERVER_TAR stages a real one.',
        )
        return fromBuffer(name, pack(['cluster/local/stand-in.md']))
      }
      if (rehearsal && !(await isFetched(config.KUBERNETES_VERSION, arch, cache))) {
        journal.note(`${name} is not on this computer; kube-up would fetch it, and then know its SHA-256.`)
        return { ...fromBuffer(name, Buffer.alloc(0)), unfetched: true }
      }
      return fromFile(name, await fetchServerTarball(config.KUBERNETES_VERSION, arch, cache))
    }),
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
