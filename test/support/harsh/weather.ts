import { Answer, CutOff } from '../proxy.ts'
import { passing } from './faults.ts'
import type { Behaviour, World } from './index.ts'

/**
 * Bursts of "too fast" (kubernetes#12121, "seen regularly with a default install"; kraken-lib#635, on every kube-down),
 * connections that break before and after, AWS's own errors, and answers that take their time.
 */
export function badWeather({ clock, random, within }: World): Behaviour {
  const burstUntil = new Map<string, number>()
  const fault = (name: keyof typeof passing, call: Parameters<NonNullable<Behaviour['before']>>[0]) =>
    passing[name]?.error(call) ?? new CutOff()
  return {
    async before(call) {
      if ((burstUntil.get(call.service) ?? 0) > clock.now()) throw fault('too fast', call)
      const dice = random()
      if (dice < 0.03) {
        burstUntil.set(call.service, within(6))
        throw fault('too fast', call)
      }
      if (dice < 0.05) throw fault('unavailable (503)', call)
      if (dice < 0.07) throw fault('connection reset before', call)
      if (dice < 0.12) await clock.sleep(random() * 3000)
      // What stands before AWS answers in HTML, and that is no XML.
      if (dice > 0.99) throw new Answer('ServiceUnavailable', '</Message><html><title>', 503)
    },
    after(call, { status }) {
      const dice = random()
      if (status < 300 && dice < 0.02) throw fault('connection reset after', call)
      if (status < 300 && dice < 0.03) throw fault('internal error (500) after', call)
      return undefined
    },
  }
}
