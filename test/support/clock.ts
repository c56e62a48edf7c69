import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../cluster/aws/clock.ts'

/** A clock that runs faster than the one on the wall, so that waits are as long as with AWS and tests are not. */
export const fastClock = (speed: number): Clock => ({
  now: () => performance.now() * speed,
  sleep: milliseconds => sleep(milliseconds / speed),
})

/** How much faster time goes in the suites. */
export const testClock = fastClock(20)

/** A clock on which time passes only while somebody sleeps, and which remembers for how long each time. */
export function leapingClock(): Clock & { readonly slept: readonly number[] } {
  const slept: number[] = []
  const now = () => slept.reduce((sum, one) => sum + one, 0)
  return { now, slept, sleep: async milliseconds => void slept.push(milliseconds) }
}
