import { setTimeout as sleep } from 'node:timers/promises'

/** What every wait goes by. A test's clock may run faster than the one on the wall. */
export interface Clock {
  /** Milliseconds since whenever. */
  now(): number
  sleep(milliseconds: number): Promise<void>
}

export const wallClock: Clock = {
  now: () => performance.now(),
  sleep: milliseconds => sleep(milliseconds),
}
