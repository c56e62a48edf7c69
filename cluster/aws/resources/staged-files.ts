import { createReadStream } from 'node:fs'
import { Readable } from 'node:stream'
import { UserError } from '../../errors.ts'
import { bucketPrefix, type Cluster } from '../cluster.ts'
import * as sdk from '../sdk.ts'
import { type Ensured, every, together } from '../steps.ts'
import { lookAt, type Summed, sumOf } from '../sum.ts'
import type { MachineRole } from '../templates.ts'
import type { Bucket } from './bucket.ts'

/** Bytes that the machines will need, and the name they know them by. Opened twice, unless summed: to be named by its hash, and to be sent. */
export interface ReleaseFile {
  readonly name: string
  /** Where on a machine it is unpacked, if it is. */
  readonly to?: string
  /** Of which machines; of all, when left out. */
  readonly on?: readonly MachineRole[]
  readonly open: () => Readable
  /** The files on this computer that the bytes come from, one after another. */
  readonly paths?: readonly string[]
  /** Where they have been read already. */
  readonly summed?: Summed | undefined
  /** It is not on this computer, and a dry run does not fetch it: so its hash is not known. */
  readonly unfetched?: true
}

const mebibyte = 1024 ** 2

/** The bytes of several files, one after another. */
export const fromFiles = (name: string, paths: readonly string[]): ReleaseFile => ({
  name,
  paths,
  open: () => Readable.from(oneAfterAnother(paths), { objectMode: false }),
})

async function* oneAfterAnother(paths: readonly string[]) {
  for (const path of paths) yield* createReadStream(path, { highWaterMark: mebibyte })
}

export const fromBuffer = (name: string, bytes: Buffer): ReleaseFile => ({ name, open: () => Readable.from([bytes]) })

export interface StagedFile extends Omit<ReleaseFile, 'open' | 'paths' | 'summed' | 'unfetched'> {
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
    return staged.map(({ open: _, paths: __, seen: ___, ...file }) => file)
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

async function identify(cluster: Cluster, { open, unfetched, summed, paths = [], ...file }: ReleaseFile) {
  const seen = summed?.seen ?? (await lookAt(paths))
  const { sha256: sum, bytes } = summed ?? (await sumOf(open()))
  const sha256 = unfetched ? '(sha256)' : sum
  return { ...file, open, paths, seen, sha256, key: `${releasePrefix(cluster)}${sha256}/${file.name}`, bytes }
}

async function upload(cluster: Cluster, bucket: Bucket, file: Identified, progress: Progress): Promise<void> {
  if (file.paths.length > 0) cluster.journal.onFiles?.(file.key, file.paths)
  const sending = new sdk.storage.Upload({
    client: cluster.s3,
    params: { Bucket: bucket.id, Key: file.key, Body: file.open() },
    // S3's least, so that little of a file is in memory at a time; but 10,000 parts, S3's most, must hold the file.
    partSize: Math.max(5 * mebibyte, Math.ceil(file.bytes / 10_000)),
    queueSize: 2,
  })
  sending.on('httpUploadProgress', ({ loaded = 0 }) => progress.reached(file, loaded))
  await sending.done()
  if ((await lookAt(file.paths)) === file.seen) return
  // Under this name machines would refuse it, and the next run would take it for the right one.
  await cluster.s3.deleteObject({ Bucket: bucket.id, Key: file.key })
  throw new UserError(`${file.name} was changed while it was uploaded; let it be complete, and run kube-up again.`)
}

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
