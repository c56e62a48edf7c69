import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../errors.ts'
import { isProfileUnknown } from './aws-errors.ts'
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

/**
 * Looks until there is something to return, ever less often, with some chance in it so that many waits do not fall together.
 * @throws UserError with the evidence when the seconds are over.
 */
export async function patiently<T>(cluster: Cluster, wait: Wait, look: () => Promise<T | undefined>): Promise<T> {
  const until = performance.now() + wait.seconds * 1000
  let rehearsed = false
  for (let delay = firstDelay; ; delay = Math.min(delay * 1.6, longestDelay)) {
    const seen = await look()
    if (seen !== undefined) return seen
    cluster.journal.waiting(`${wait.what}, up to ${inWords(wait.seconds)}`)
    const left = until - performance.now()
    if (left <= 0) throw await timeIsUp(wait)
    if (cluster.rehearsal) {
      // What is waited for is taken as come; what does not come even so, a dry run cannot tell.
      if (rehearsed) throw new UserError(`A dry run cannot wait for ${wait.what}; run it again when that is over.`)
      cluster.rehearsal.timePasses()
      rehearsed = true
      continue
    }
    await sleep(Math.min(delay * (0.75 + Math.random() / 2), left))
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

/** Insists while EC2 and Auto Scaling do not know the instance profile yet that IAM has just made. */
export const knowingProfile = <T>(cluster: Cluster, act: () => Promise<T>): Promise<T> =>
  insistently(cluster, { what: 'EC2 to know the instance profile', seconds: 180 }, isProfileUnknown, act)

const timeIsUp = async ({ what, seconds, evidence }: Wait) => {
  const shown = await evidence?.()
  return new UserError(`Waited ${inWords(seconds)} for ${what}, in vain.${shown ? `\n${shown}` : ''}`)
}

const inWords = (seconds: number) =>
  seconds % 60 === 0 && seconds > 60 ? `${seconds / 60} minutes` : `${seconds} seconds`
