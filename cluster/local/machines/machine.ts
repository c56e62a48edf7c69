import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { inside } from './network/namespace.ts'
import { machinePlaces, type Places } from './places.ts'
import { background, end, recall, remember } from './processes.ts'
import { type Hardware, qemu } from './qemu.ts'
import { Qmp } from './qmp.ts'
import { run } from './tools.ts'

/** What is known of a machine without asking anyone: kept beside its disk, for status and for whoever adopts it. */
export interface Notes {
  readonly instance: string
  readonly region: string
  readonly type: string
  readonly address: string
  readonly publicAddress: string | undefined
  readonly name: string | undefined
  readonly cpus: number
  readonly memoryMiB: number
  readonly started: string
  /** How many reboots asked through the API it has had. */
  readonly reboots: number
}

/** `off`: no process. `ended`: the guest powered itself off, and QEMU waits to be asked. */
export type Power = 'off' | 'on' | 'ended'

export const power = async (places: Places, instance: string): Promise<Power> => {
  const at = machinePlaces(places, instance)
  if (!recall(at.process)) return 'off'
  const { status } = await Qmp.talk(at.monitor, qmp => qmp.execute<{ status: string }>('query-status'))
  return status === 'shutdown' ? 'ended' : 'on'
}

export const readNotes = (places: Places, instance: string): Notes | undefined => {
  const { notes } = machinePlaces(places, instance)
  return existsSync(notes) ? (JSON.parse(readFileSync(notes, 'utf8')) as Notes) : undefined
}

export const writeNotes = (places: Places, notes: Notes) => {
  const at = machinePlaces(places, notes.instance)
  mkdirSync(at.dir, { recursive: true })
  writeFileSync(at.notes, JSON.stringify(notes, null, 2))
}

/** Start a machine. Its disk lies over the base image and is made the first time only, so a restart finds its own files. */
export const boot = async (
  places: Places,
  hardware: Omit<Hardware, 'disk' | 'console' | 'monitor'>,
  base: string,
  diskGiB: number,
) => {
  const at = machinePlaces(places, hardware.instance)
  mkdirSync(at.dir, { recursive: true })
  if (!existsSync(at.disk))
    await run('qemu-img', ['create', '-q', '-f', 'qcow2', '-b', base, '-F', 'qcow2', at.disk, `${diskGiB}G`])
  rmSync(at.monitor, { force: true })
  const command = [
    'qemu-system-x86_64',
    ...qemu({ ...hardware, disk: at.disk, console: at.console, monitor: at.monitor }),
  ]
  const child = background('ip', inside(places, ...command), places.log)
  if (!child.pid) throw new Error(`QEMU for ${hardware.instance} did not start.`)
  remember(at.process, child.pid)
  const until = performance.now() + 60_000
  while (performance.now() < until) {
    if (existsSync(at.monitor) && (await power(places, hardware.instance).catch(() => 'off')) === 'on') return
    if (child.exitCode !== null) break
    await sleep(100)
  }
  throw new Error(`QEMU for ${hardware.instance} did not come up: the end of ${places.log} says why.`)
}

/** Ask the guest to shut down, as EC2 does, so that its file systems are whole; take its power when it does not listen. */
export const halt = async (places: Places, instance: string, patienceMs: number) => {
  const at = machinePlaces(places, instance)
  const one = recall(at.process)
  if (one && patienceMs > 0) {
    await Qmp.talk(at.monitor, qmp => qmp.execute('system_powerdown')).catch(() => {})
    const until = performance.now() + patienceMs
    while (performance.now() < until && (await power(places, instance).catch(() => 'off')) === 'on') await sleep(250)
  }
  await end(one)
  rmSync(at.process, { force: true })
}

/** A reboot as the API asks for: the guest shuts down, and the same hardware starts it again. */
export const reboot = async (places: Places, instance: string, patienceMs: number) => {
  const at = machinePlaces(places, instance)
  await Qmp.talk(at.monitor, qmp => qmp.execute('system_powerdown'))
  const until = performance.now() + patienceMs
  while (performance.now() < until && (await power(places, instance)) === 'on') await sleep(250)
  await Qmp.talk(at.monitor, async qmp => {
    await qmp.execute('system_reset')
    await qmp.execute('cont')
  })
}

export const forget = (places: Places, instance: string) =>
  rmSync(machinePlaces(places, instance).dir, { recursive: true, force: true })
