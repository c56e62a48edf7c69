import { UserError } from '../errors.ts'
import { isProfileUnknown, isUnknownToGroup, isUnsettled } from './aws-errors.ts'
import type { Cluster } from './cluster.ts'

interface Wait {
  /** What is waited for, in words that fit behind "waiting for". */
  readonly what: string
  readonly seconds: number
  /** What AWS itself says, shown when the time is up. */
  readonly evidence?: () => Promise<string> | string
}

const firstDelay = 500
const longestDelay = 15_000

/** Looks until there is something to return. @throws UserError with the evidence when the seconds are over. */
export async function patiently<T>(cluster: Cluster, wait: Wait, look: () => Promise<T | undefined>): Promise<T> {
  const seen = await forAWhile(cluster, wait, look)
  if (seen === undefined && cluster.rehearsal)
    throw new UserError(`A dry run cannot wait for ${wait.what}; run it again when that is over.`)
  if (seen === undefined) throw await timeIsUp(wait)
  return seen
}

/**
 * Looks until there is something to return or the seconds are over, ever less often, with some chance in it so that many
 * waits do not fall together.
 */
export async function forAWhile<T>(
  cluster: Pick<Cluster, 'clock' | 'journal' | 'rehearsal'>,
  wait: Wait,
  look: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const { clock } = cluster
  const until = clock.now() + wait.seconds * 1000
  let rehearsed = false
  for (let delay = firstDelay; ; delay = Math.min(delay * 1.6, longestDelay)) {
    const seen = await look()
    if (seen !== undefined) return seen
    cluster.journal.waiting(`${wait.what}, up to ${inWords(wait.seconds)}`)
    const left = until - clock.now()
    if (left <= 0) return undefined
    if (cluster.rehearsal) {
      // What is waited for is taken as come, and looked for once more.
      if (rehearsed) return undefined
      cluster.rehearsal.timePasses()
      rehearsed = true
      continue
    }
    await clock.sleep(Math.min(delay * (0.75 + Math.random() / 2), left))
  }
}

/** Acts again for as long as AWS refuses in the one way that time mends; any other error goes on at once. */
export async function insistently<T>(
  cluster: Cluster,
  wait: Wait,
  mendedByTime: (error: unknown) => boolean,
  act: () => Promise<T>,
): Promise<T> {
  let refusal: Error | undefined
  const evidence = async () =>
    [`AWS's last answer: ${refusal?.message}`, await wait.evidence?.()].filter(Boolean).join('\n')
  const done = await patiently(cluster, { ...wait, evidence }, async () => {
    try {
      return { value: await act() }
    } catch (error) {
      if (!mendedByTime(error)) throw error
      refusal = error as Error
      return undefined
    }
  })
  return done.value
}

/** Insists while Auto Scaling does not know yet what IAM and EC2 have just made. */
export const knowingProfile = <T>(cluster: Cluster, act: () => Promise<T>): Promise<T> =>
  insistently(
    cluster,
    { what: 'Auto Scaling to know what the nodes are made of', seconds: 180 },
    error => isProfileUnknown(error) || isUnknownToGroup(error),
    act,
  )

/** Insists while S3 is busy with the bucket, or does not know it everywhere yet. */
export const knowingBucket = <T>(cluster: Cluster, id: string, act: () => Promise<T>): Promise<T> =>
  insistently(cluster, { what: `S3 to be ready with ${id}`, seconds: 180 }, isUnsettled, act)

const timeIsUp = async ({ what, seconds, evidence }: Wait) => {
  const shown = await evidence?.()
  return new UserError(`Waited ${inWords(seconds)} for ${what}, in vain.${shown ? `\n${shown}` : ''}`)
}

/** Whole minutes as such. */
export const inWords = (seconds: number): string =>
  seconds % 60 === 0 && seconds > 60 ? `${seconds / 60} minutes` : `${seconds} seconds`
