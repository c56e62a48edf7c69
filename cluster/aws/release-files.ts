import { readdir } from 'node:fs/promises'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { create, type WriteEntry } from 'tar'
import { UserError } from '../errors.ts'
import { type Part, wantedParts } from '../release/parts.ts'
import { componentsTar, serverTarball } from '../release/pins.ts'
import { givenFile } from '../release.ts'
import type { Cluster } from './cluster.ts'
import type { GivenArchive } from './given-archives.ts'
import { type Architecture, architectureOf } from './images.ts'
import { expandHome } from './resources/key-pair.ts'
import type { ReleaseFile } from './resources/staged-files.ts'
import type { Sum } from './sum.ts'
import { type MachineRole, template } from './templates.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where on a machine all of the release lies, whatever files it came in; the states know it. */
const unpacked = '/opt/kube-up/release'

/** Everything the machines will fetch: what they run, the Salt states that set it up, and the script that applies them. */
export const releaseFiles = async (cluster: Cluster, given: readonly GivenFile[]): Promise<ReleaseFile[]> => [
  ...(await release(cluster, given)),
  { name: 'kubernetes-salt.tar.gz', content: await packSalt(), to: '/srv' },
  { name: 'bootstrap.sh', content: Buffer.from(template('bootstrap.sh')) },
]

interface Override {
  readonly nameOf: (arch: string) => string
  readonly what: string
  /** Whether it takes the place of this part. */
  readonly replaces: (part: Part) => boolean
}

/** The files a person gives, by the variable that does. Such a file is not taken apart: every machine fetches all of it. */
const overrides: Readonly<Record<'KUBERNETES_SERVER_TAR' | 'KUBE_COMPONENTS_TAR', Override>> = {
  KUBERNETES_SERVER_TAR: { nameOf: serverTarball, what: 'server tarball', replaces: part => Boolean(part.kubernetes) },
  KUBE_COMPONENTS_TAR: { nameOf: componentsTar, what: 'tar of the components', replaces: part => !part.kubernetes },
}

/** The kinds of machine there will be, by architecture. A master that exists has fetched what it runs. */
function machinesOf({ MASTER_SIZE, NODE_SIZE, KUBE_USE_EXISTING_MASTER }: Cluster['config']) {
  const machines = new Map<Architecture, MachineRole[]>([[architectureOf(MASTER_SIZE), ['master']]])
  if (KUBE_USE_EXISTING_MASTER) machines.clear()
  const arch = architectureOf(NODE_SIZE)
  return machines.set(arch, [...(machines.get(arch) ?? []), 'minion'])
}

/** A file that the person brings in the place of some of the release. */
export interface GivenFile extends Override, GivenArchive {
  readonly name: string
  readonly summed?: Sum
}

/** What the person brings of the release. @throws UserError when it is not there, or not enough. */
export async function givenFiles({ config }: Pick<Cluster, 'config'>): Promise<GivenFile[]> {
  const given: GivenFile[] = []
  for (const variable of ['KUBERNETES_SERVER_TAR', 'KUBE_COMPONENTS_TAR'] as const) {
    const path = config[variable]
    const override = overrides[variable]
    if (!path) continue
    const [arch = '', another] = machinesOf(config).keys()
    if (another)
      throw new UserError(
        `${variable} is for one architecture, but ${config.MASTER_SIZE} and ${config.NODE_SIZE} have two; choose sizes of one.`,
        2,
      )
    const file = await givenFile(variable, expandHome(path), override.what)
    given.push({ ...override, variable, name: override.nameOf(arch), path: file })
  }
  return given
}

/** For each architecture a file of what every machine runs, and one of what the master runs besides; or what the person brings. */
async function release({ config, release }: Cluster, given: readonly GivenFile[]): Promise<ReleaseFile[]> {
  const parts = wantedParts(config).filter(part => !given.some(({ replaces }) => replaces(part)))
  const files = [...machinesOf(config)]
    .flatMap(([arch, roles]) => [
      { name: `node-linux-${arch}.tar.gz`, arch, on: roles, parts: parts.filter(({ on }) => on === 'node') },
      ...(roles.includes('master')
        ? [
            {
              name: `control-plane-linux-${arch}.tar.gz`,
              arch,
              on: ['master' as const],
              parts: parts.filter(({ on }) => on === 'control-plane'),
            },
          ]
        : []),
    ])
    .filter(({ parts }) => parts.length > 0)
  const pieces = files.flatMap(({ arch, parts }) => parts.map(part => ({ part, arch })))
  const placed = [...(await release(config.KUBERNETES_VERSION, pieces))]
  return [
    ...given.map(({ name, path, summed }) => ({ name, content: [path], to: unpacked, summed })),
    ...files.map(({ name, on, parts }) => {
      const paths = placed.splice(0, parts.length).map(({ path }) => path ?? '')
      const file = paths.includes('') ? { content: Buffer.alloc(0), unfetched: true as const } : { content: paths }
      return { name, ...file, to: unpacked, on }
    }),
  ]
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
