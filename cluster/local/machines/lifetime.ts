import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import { type Env, imageCache } from '../../where.ts'
import { exists, remove } from './network/namespace.ts'
import { machinePlaces, places as placesOf } from './places.ts'
import { prepare } from './prepare.ts'
import { background, end, recall } from './processes.ts'
import { asRoot, ownNamespaces } from './rights.ts'
import { accelerator } from './size.ts'
import { typescript } from './typescript.ts'

/** What the background process works with. */
export interface Settings {
  readonly dir: string
  readonly endpoint: string
  readonly cache: string
  readonly accelerator: 'kvm' | 'tcg'
  /** Whether machines with a public address reach the real internet too. */
  readonly outside: boolean
  readonly credentialSeconds: number
}

export interface Start {
  readonly dir: string
  readonly endpoint: string
  readonly env?: Env
  readonly say?: (line: string) => void
  readonly outside?: boolean
  readonly credentialSeconds?: number
}

/**
 * From now on the instances of this endpoint boot. Returns when the background process follows it; when it does already,
 * nothing happens. The proxy is how programs on this computer reach the machines' public addresses.
 * @throws UserError when this computer lacks something, or the process does not start within half a minute.
 */
export const startMachines = async (start: Start): Promise<{ proxy: string }> => {
  const { dir, endpoint, env = process.env, say = () => {}, outside = true, credentialSeconds = 6 * 3600 } = start
  const places = placesOf(dir)
  const running = following(dir)
  if (running?.endpoint === endpoint) return running
  const kind = accelerator(env.KUBE_LOCAL_ACCEL)
  await prepare(env, say)
  // It followed another moto, whose instances are gone with it.
  if (running) await stopMachines(dir)
  for (const at of [places.dir, places.run]) mkdirSync(at, { recursive: true, mode: 0o700 })
  rmSync(places.daemon, { force: true })
  const cache = imageCache(env)
  const settings: Settings = { dir: places.dir, endpoint, cache, accelerator: kind, outside, credentialSeconds }
  await ownNamespaces(places)
  const script = typescript(new URL('daemon.ts', import.meta.url), JSON.stringify(settings))
  const [command = '', ...args] = [...asRoot(places), ...script]
  const child = background(command, args, places.log)
  const until = performance.now() + patience
  while (performance.now() < until) {
    const now = following(dir)
    if (now) return now
    if (child.exitCode !== null) break
    await sleep(100)
  }
  throw new UserError(`The machines' background process did not start. Its last words:\n${tail(places.log)}`)
}

/** It starts in two seconds; a computer that boots machines under emulation may be busy. */
const patience = 60_000

const tail = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').slice(-2000) : '(none)')

/** The background process, when it lives, and what it works on. */
export const following = (dir: string): { proxy: string; endpoint: string } | undefined => {
  const { daemon } = placesOf(dir)
  return recall(daemon) ? JSON.parse(readFileSync(daemon, 'utf8')) : undefined
}

/**
 * Everything away: process, machines, disks, volumes and namespace. Works after any crash, and when run twice.
 * @returns whether there was anything.
 */
export const stopMachines = async (dir: string): Promise<boolean> => {
  const places = placesOf(dir)
  const all = [places.machines, places.volumes, places.run]
  const found = exists(places) || all.some(existsSync)
  await end(recall(places.daemon))
  await end(recall(join(places.run, 'outside.json')))
  const machines = existsSync(places.machines) ? readdirSync(places.machines) : []
  await Promise.all(machines.map(id => end(recall(machinePlaces(places, id).process))))
  if (exists(places)) await remove(places)
  for (const at of all) rmSync(at, { recursive: true, force: true })
  return found
}
