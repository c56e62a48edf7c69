import { readFileSync } from 'node:fs'
import { machinePlaces, type Places } from './places.ts'
import { recall } from './processes.ts'

/** How much memory a machine's process holds right now, in MiB. */
export const resident = (places: Places, instance: string) => {
  const one = recall(machinePlaces(places, instance).process)
  if (!one) return 0
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${one.pid}/status`, 'utf8'))?.[1]
  return Math.round(Number(found ?? 0) / 1024)
}
