import { setTimeout as sleep } from 'node:timers/promises'

/** Wait until something is so. On expiry the last state of things is the message, not just that time is up. */
export const until = async <T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined> | T | undefined,
  evidence?: () => unknown,
) => {
  const end = performance.now() + seconds * 1000
  let last: unknown
  while (performance.now() < end) {
    try {
      const found = await look()
      if (found) return found
      last = found
    } catch (error) {
      last = error
    }
    await sleep(500)
  }
  const shown = evidence ? JSON.stringify(await evidence(), null, 1).slice(-3000) : String(last)
  throw new Error(`Waited ${seconds} s in vain until ${what}. What there is:\n${shown}`)
}
