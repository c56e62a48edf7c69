import { stripVTControlCharacters } from 'node:util'
import type { _Object } from '@aws-sdk/client-s3'
import { orNothing } from './aws-errors.ts'
import { bucketPrefix, type Cluster } from './cluster.ts'
import { readObject } from './objects.ts'
import type { Bucket } from './resources/bucket.ts'
import * as sdk from './sdk.ts'
import { every } from './steps.ts'
import type { MachineRole } from './templates.ts'

/** How far a machine is in becoming a member of the cluster, in its own words. */
export interface Status {
  readonly instance: string
  readonly role: MachineRole
  /** volume, release, salt, states, done. */
  readonly stage: string
  readonly state: 'working' | 'done' | 'failed' | 'not read yet'
  /** When it said so, by its own clock. */
  readonly at: string
  /** Its last lines, where it failed. */
  readonly log?: string
}

/** So many words are read at a look, that the calls while waiting for hundreds of nodes are as many as for a few. */
const readAtOnce = 10

/**
 * Reads what the machines wrote to the bucket, by instance: the master's word first, then the longest ones, for a machine
 * that failed tells its last lines. One call, and one more for each word that is read.
 */
export function statusReader(cluster: Cluster, bucket: Bucket): () => Promise<ReadonlyMap<string, Status>> {
  const Prefix = `${bucketPrefix(cluster)}status/`
  const known = new Map<string, { etag: string | undefined; status: Status }>()
  return async () => {
    const pages = sdk.s3.paginateListObjectsV2({ client: cluster.s3 }, { Bucket: bucket.id, Prefix })
    const objects = await every(pages, page => page.Contents)
    const news = objects
      .filter(({ Key = '', ETag }) => known.get(Key)?.etag !== ETag)
      .sort((a, b) => urgency(b) - urgency(a))
    for (const { Key = '', LastModified } of news.slice(readAtOnce)) {
      const unread = unreadOf(Key.slice(Prefix.length), known.get(Key)?.status, LastModified)
      if (unread) known.set(Key, { etag: undefined, status: unread })
    }
    await Promise.all(
      news.slice(0, readAtOnce).map(async ({ Key = '', ETag: etag }) => {
        const status = toStatus((await readObject(cluster, { Bucket: bucket.id, Key }))?.text ?? '')
        if (status) known.set(Key, { etag, status })
      }),
    )
    return new Map([...known.values()].map(({ status }) => [status.instance, status]))
  }
}

const urgency = ({ Key = '', Size = 0 }: _Object) => (Key.includes('/status/master/') ? Number.MAX_SAFE_INTEGER : Size)

/** What a machine said that was not read, as far as the object's name and time tell. */
function unreadOf(name: string, before: Status | undefined, at: Date | undefined): Status | undefined {
  const [, role, instance] = /^(master|minion)\/([^/]+)\.json$/.exec(name) ?? []
  if (!role || !instance) return undefined
  const stage = before?.stage ?? 'reports'
  return { instance, role: role as MachineRole, stage, state: 'not read yet', at: at?.toISOString() ?? '' }
}

/** A machine is not to be trusted with more than its own lines: what is not a status is as if it had said nothing. */
function toStatus(text: string): Status | undefined {
  try {
    const said = JSON.parse(text) as Partial<Record<keyof Status, unknown>>
    const { instance, role, stage, state, at, log } = said
    if (typeof instance !== 'string' || typeof stage !== 'string' || (role !== 'master' && role !== 'minion'))
      return undefined
    if (state !== 'working' && state !== 'done' && state !== 'failed') return undefined
    return { instance, role, stage, state, at: String(at), ...(typeof log === 'string' && { log: printable(log) }) }
  } catch {
    return undefined
  }
}

/** Text from a machine as a terminal may show it: without what would colour, move or clear it. */
export const printable = (text: string): string => stripVTControlCharacters(text).replace(/[^\P{Cc}\n\t]/gu, '')

/** The last lines of an instance's console, for when it has said nothing else. EC2 keeps 64 KB. */
export async function consoleOf(cluster: Cluster, InstanceId: string, lines = 20): Promise<string> {
  // Only instances on Nitro show what is there now; the others, what was there when they last booted or ended.
  const output = await cluster.ec2
    .getConsoleOutput({ InstanceId, Latest: true })
    .catch(() => orNothing(cluster.ec2.getConsoleOutput({ InstanceId })))
  const text = printable(Buffer.from(output?.Output ?? '', 'base64').toString())
  return text
    .split('\n')
    .map(line => line.trimEnd())
    .filter(Boolean)
    .slice(-lines)
    .join('\n')
}
