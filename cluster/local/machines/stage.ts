import { existsSync, readFileSync } from 'node:fs'

const stages = [
  ['ready', /Cloud-init v\. \S+ finished at/],
  ['user data runs', /Cloud-init v\. \S+ running 'modules:final'/],
  ['configures itself', /Cloud-init v\. \S+ running/],
  ['system starts', /systemd\[1\]:/],
  ['kernel starts', /Linux version/],
] as const

/** How far the latest boot of a machine is, read from its console: a reboot begins with the kernel's first line again. */
export const stageOf = (console: string) => {
  const all = existsSync(console) ? readFileSync(console, 'latin1') : ''
  const latest = all.slice(Math.max(0, all.lastIndexOf('Linux version')))
  return stages.find(([, sign]) => sign.test(latest))?.[0] ?? 'powered on'
}
