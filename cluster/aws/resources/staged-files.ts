import { UserError } from '../../errors.ts'
import { bucketPrefix, type Cluster } from '../cluster.ts'
import { type Content, lookAt } from '../content.ts'
import * as sdk from '../sdk.ts'
import { send } from '../send.ts'
import { type Ensured, every, together } from '../steps.ts'
import { type Sum, sumOf } from '../sum.ts'
import type { MachineRole } from '../templates.ts'
import type { Bucket } from './bucket.ts'

/** Bytes that the machines will need, and the name they know them by. */
export interface ReleaseFile {
  readonly name: string
  /** Where on a machine it is unpacked, if it is. */
  readonly to?: string
  /** Of which machines; of all, when left out. */
  readonly on?: readonly MachineRole[]
  readonly content: Content
  /** Where it was read already. */
  readonly summed?: Sum | undefined
  /** It is not on this computer, and a dry run does not fetch it: so its hash is not known. */
  readonly unfetched?: true
}

export interface StagedFile extends Omit<ReleaseFile, 'content' | 'summed' | 'unfetched'> {
  readonly sha256: string
  readonly key: string
  readonly bytes: number
}

/** Where a cluster's release lies in its bucket: below it `<sha256>/<name>`, so that a file that is there is the right one. */
export const releasePrefix = (cluster: Pick<Cluster, 'name' | 'region'>): string => `${bucketPrefix(cluster)}release/`

/**
 * Puts the release where the machines can fetch it; what is there already is not sent again. Keeps one part of a file in
 * memory, never all. The files are fetched, or built, and hashed while the bucket is being made: which may take long, and
 * says so as a part of this step.
 */
export const stageFiles = (
  cluster: Cluster,
  made: Promise<Ensured<Bucket>>,
  release: () => Promise<readonly ReleaseFile[]>,
): Promise<StagedFile[]> =>
  cluster.journal.step('release', async step => {
    const [bucket, there, staged] = await together([
      made,
      made.then(bucket => stagedAlready(cluster, bucket)),
      release().then(files => Promise.all(files.map(file => identify(cluster, file)))),
    ])
    step.id = `s3://${bucket.id}/${releasePrefix(cluster)}`
    const missing = staged.filter(file => there.get(file.key) !== file.bytes)
    const progress = new Progress(cluster, missing)
    await Promise.all(missing.map(file => upload(cluster, bucket, file, progress)))
    step.outcome = missing.length > 0 ? 'created' : 'already there'
    return staged.map(({ content: _, seen: __, ...file }) => file)
  })

const stagedAlready = async (
  cluster: Cluster,
  bucket: Ensured<Bucket>,
): Promise<Map<string | undefined, number | undefined>> => {
  if (bucket.isNew) return new Map()
  const pages = sdk.s3.paginateListObjectsV2(
    { client: cluster.s3 },
    { Bucket: bucket.id, Prefix: releasePrefix(cluster) },
  )
  return new Map((await every(pages, page => page.Contents)).map(object => [object.Key, object.Size]))
}

type Identified = Awaited<ReturnType<typeof identify>>

async function identify(cluster: Cluster, { unfetched, summed, ...file }: ReleaseFile) {
  const { bytes, seen, ...sum } = summed ?? (await sumOf(file.content))
  const sha256 = unfetched ? '(sha256)' : sum.sha256
  return { ...file, bytes, seen, sha256, key: `${releasePrefix(cluster)}${sha256}/${file.name}` }
}

async function upload(cluster: Cluster, bucket: Bucket, file: Identified, progress: Progress): Promise<void> {
  const { name, content, key, seen } = file
  const place = { Bucket: bucket.id, Key: key }
  if (!Buffer.isBuffer(content)) cluster.journal.onFiles?.(key, content)
  const sending = send(cluster, place, content, bytes => progress.reached(file, bytes))
  await sending.catch(async error => {
    if ((await lookAt(content)) === seen) throw error
  })
  if ((await lookAt(content)) === seen) return
  // Under this name machines would refuse it, and the next run would take it for the right one.
  await cluster.s3.deleteObject(place)
  throw new UserError(`${name} was changed while it was uploaded; let it be complete, and run kube-up again.`)
}

const mebibyte = 1024 ** 2

/** How much of all files is sent. */
class Progress {
  readonly #cluster: Cluster
  readonly #total: number
  readonly #sent = new Map<string, number>()

  constructor(cluster: Cluster, files: readonly StagedFile[]) {
    this.#cluster = cluster
    this.#total = files.reduce((sum, file) => sum + file.bytes, 0)
  }

  reached(file: StagedFile, bytes: number): void {
    this.#sent.set(file.key, bytes)
    const sent = [...this.#sent.values()].reduce((sum, one) => sum + one, 0)
    // A file may have grown since it was summed.
    const full = Math.min(20, Math.floor((sent / this.#total) * 20))
    const bar = '█'.repeat(full) + '░'.repeat(20 - full)
    this.#cluster.journal.waiting(`${bar} ${Math.floor(sent / mebibyte)} of ${Math.ceil(this.#total / mebibyte)} MiB`)
  }
}
