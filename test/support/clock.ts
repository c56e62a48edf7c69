import { setTimeout as sleep } from 'node:timers/promises'
import type { Clock } from '../../cluster/aws/clock.ts'

/** A clock that runs faster than the one on the wall, so that waits are as long as with AWS and tests are not. */
export const fastClock = (speed: number): Clock => ({
  now: () => performance.now() * speed,
  sleep: milliseconds => sleep(milliseconds / speed),
})

/** How much faster time goes in the suites. */
export const testClock = fastClock(20)
