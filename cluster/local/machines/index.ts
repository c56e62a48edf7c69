import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { UserError } from '../../errors.ts'
import { image } from './image.ts'
import { readNotes } from './machine.ts'
import { exists, remove } from './network/namespace.ts'
import { machinePlaces, places as placesOf } from './places.ts'
import { background, end, recall } from './processes.ts'
import { requirements } from './requirements.ts'
import { resident } from './resident.ts'
import { accelerator, host, refusal, type Size } from './size.ts'
import { stageOf } from './stage.ts'
import { typescript } from './typescript.ts'

export { reach } from './reach.ts'
export { requirements }

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

type Env = Readonly<Record<string, string | undefined>>

const cacheOf = (env: Env) => join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kube-up')

/** Where images are kept: they cost a minute each, so no cluster's end removes them. */
export const imageCache = (env: Env) => env.KUBE_LOCAL_IMAGES || join(cacheOf(env), 'images')

/** Where a local AWS keeps its state when nobody says otherwise. */
export const stateDirectory = (env: Env) => env.KUBE_LOCAL_FOLDER || join(cacheOf(env), 'local')

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
 */
export const startMachines = async (start: Start): Promise<{ proxy: string }> => {
  const { dir, endpoint, env = process.env, say = () => {}, outside = true, credentialSeconds = 6 * 3600 } = start
  const lacks = await requirements()
  if (lacks) throw new UserError(lacks)
  const places = placesOf(dir)
  const running = following(dir)
  if (running?.endpoint === endpoint) return running
  // It followed another moto, whose instances are gone with it.
  if (running) await stopMachines(dir)
  const cache = imageCache(env)
  await image(cache, say)
  for (const at of [places.dir, places.run]) mkdirSync(at, { recursive: true, mode: 0o700 })
  rmSync(places.daemon, { force: true })
  const kind = accelerator(env.KUBE_LOCAL_ACCEL)
  const settings: Settings = { dir: places.dir, endpoint, cache, accelerator: kind, outside, credentialSeconds }
  const [command = '', ...args] = typescript(new URL('daemon.ts', import.meta.url), JSON.stringify(settings))
  const child = background(command, args, places.log)
  for (let waited = 0; waited < 30_000; waited += 100) {
    const now = following(dir)
    if (now) return now
    if (child.exitCode !== null) break
    await sleep(100)
  }
  throw new UserError(`The machines' background process did not start. Its last words:\n${tail(places.log)}`)
}

const tail = (file: string) => (existsSync(file) ? readFileSync(file, 'utf8').slice(-2000) : '(none)')

/** The background process, when it lives, and what it works on. */
export const following = (dir: string): { proxy: string; endpoint: string } | undefined => {
  const { daemon } = placesOf(dir)
  return recall(daemon) ? JSON.parse(readFileSync(daemon, 'utf8')) : undefined
}

/** Everything away: process, machines, disks, volumes and namespace. Works after any crash, and when run twice. */
export const stopMachines = async (dir: string) => {
  const places = placesOf(dir)
  await end(recall(places.daemon))
  await end(recall(join(places.run, 'outside.json')))
  const machines = existsSync(places.machines) ? readdirSync(places.machines) : []
  await Promise.all(machines.map(id => end(recall(machinePlaces(places, id).process))))
  if (exists(places)) await remove(places)
  for (const at of [places.machines, places.volumes, places.run]) rmSync(at, { recursive: true, force: true })
}

/** The machines as they are now, without asking moto: it may be gone. */
export const status = (dir: string) => {
  const places = placesOf(dir)
  const machines = existsSync(places.machines) ? readdirSync(places.machines) : []
  return {
    daemon: following(dir),
    machines: machines.flatMap(id => {
      const notes = readNotes(places, id)
      if (!notes) return []
      const running = recall(machinePlaces(places, id).process) !== undefined
      const stage = running ? stageOf(machinePlaces(places, id).console) : 'off'
      return [{ ...notes, stage, residentMiB: resident(places, id) }]
    }),
  }
}

/**
 * Why these machines cannot run side by side here, or nothing: to be asked before anything is created.
 * @param types what each machine's instance type has, one entry for each machine.
 */
export const noRoomFor = (types: readonly Size[]) => refusal(types, host())

/** One machine by its id, its Name tag or an address of it. */
export const find = (dir: string, which: string | undefined) => {
  const { machines } = status(dir)
  const found = machines.filter(one => [one.instance, one.name, one.address, one.publicAddress].includes(which))
  if (found[0] && found.length === 1) return found[0]
  const known = machines.map(one => `${one.instance}${one.name ? ` (${one.name})` : ''}`).join(', ') || 'none'
  throw new UserError(
    `Which machine? ${which ? `"${which}" is ${found.length === 0 ? 'none' : 'several'} of them. ` : ''}They are: ${known}.`,
  )
}
