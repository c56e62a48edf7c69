import { randomUUID } from 'node:crypto'
import { UserError } from '../errors.ts'
import { isAbsent, isChangedMeanwhile } from './aws-errors.ts'
import { bucketPrefix, type Cluster } from './cluster.ts'
import { type Found, over, readObject, writeObject } from './objects.ts'
import { forAWhile } from './patience.ts'
import type { Bucket } from './resources/bucket.ts'

/**
 * Who makes what AWS would make twice without a word: a VPC, a volume, an address. Whoever made the cluster's role does,
 * at once. Where the role was there before, another kube-up may be at work or was cut off a moment ago; then there may be
 * more than AWS shows, and those who miss something take turns.
 */
export interface Turns {
  /** Where turns are taken: the cluster's bucket. Absent where there is no other. */
  where?: Promise<Bucket>
  next?: Turn
}

interface Turn {
  /** What whoever had it last wrote. */
  readonly before: Promise<Found | undefined>
  /** Whether it is this kube-up's. */
  mine?: Promise<boolean>
}

/** How long AWS may take to show what it has made, in seconds. */
export const untilShown = 10

/**
 * Looks for what was not found, until it shows, or it is this kube-up's turn to make it. A turn is a small object that S3
 * writes only over the one that was read, so that of several only one gets it; the others look on, for what that one makes.
 * A turn ends when nothing has shown in the time that AWS takes, so a kube-up that was killed keeps nobody waiting.
 * @returns nothing when it may be made now.
 * @throws UserError when others have the turn for a minute, and make nothing.
 */
export async function inTurn<T>(
  cluster: Cluster,
  name: string,
  find: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const { turns } = cluster
  for (let round = 0; round < 6; round++) {
    turns.next ??= { before: read(cluster) }
    const turn = turns.next
    if (await turn.mine) return undefined
    const before = await turn.before
    const wait = { what: `${name} that another run may have made`, seconds: untilShown }
    const found = await forAWhile(cluster, wait, find)
    if (found) return found
    turn.mine ??= take(cluster, before)
    if (await turn.mine) return undefined
    if (turns.next === turn) delete turns.next
  }
  throw new UserError(
    `Other kube-ups of cluster ${cluster.name} are at work, and none has made its ${name}; let them end, then run kube-up again.`,
  )
}

async function take(cluster: Cluster, before: Found | undefined): Promise<boolean> {
  const whose = randomUUID()
  try {
    await writeObject(cluster, { ...(await placeOf(cluster)), Body: whose, ...over(before) })
    return true
  } catch (error) {
    if (!isChangedMeanwhile(error) && !isAbsent(error)) throw error
    // Changed by this very call, when its answer was lost and the SDK sent it again.
    return (await read(cluster))?.text === whose
  }
}

const read = async (cluster: Cluster) => readObject(cluster, await placeOf(cluster))

async function placeOf(cluster: Cluster) {
  const bucket = await cluster.turns.where
  return { Bucket: bucket?.id ?? '', Key: `${bucketPrefix(cluster)}turn` }
}
