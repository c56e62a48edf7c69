import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { bury, type Keeping, tend } from './keeper.ts'
import type { Changes } from './moto.ts'
import { apply } from './network/apply.ts'
import { plan } from './network/plan.ts'
import { sweep } from './volumes.ts'
import { client, merge, type World, watch } from './world.ts'

/** The latest that was seen, for whoever has to answer a machine now. */
export interface Seen {
  world: World | undefined
}

/**
 * Follow moto for ever: look when something changed (and every few seconds at the machines themselves, for one may power
 * itself off), make the network be as it should, then tend to each machine in its own time.
 */
export const follow = async (keeping: Keeping, seen: Seen, upstream: string | undefined) => {
  const { places, api, endpoint, say } = keeping
  const regions = new Map<string, () => Promise<World>>()
  const busy = new Set<string>()
  let applied = ''
  let news: Changes = { version: -1, regions: [], reboots: {} }
  let failures = 0

  const look = async () => {
    for (const name of news.regions) if (!regions.has(name)) regions.set(name, watch(client(endpoint, name), name))
    return Promise.all([...regions.values()].map(one => one()))
  }

  /** One machine at a time has one thing done to it; a failure is told, and tried again at the next look. */
  const alone = (id: string, what: () => Promise<unknown>) => {
    if (busy.has(id)) return
    busy.add(id)
    what()
      .catch(error => say(`${id}: ${(error as Error).message}`))
      .finally(() => busy.delete(id))
  }

  for (;;) {
    try {
      const first = news.version < 0
      const heard = await api.changes(news.version, first ? 0 : 2)
      const changed = heard.version !== news.version
      news = heard
      if (changed || !seen.world) {
        const worlds = await look()
        const world = merge(worlds)
        const next = plan(world, places.run, upstream)
        const text = JSON.stringify(next)
        if (text !== applied) await apply(places, next)
        applied = text
        seen.world = world
        writeFileSync(places.applied, String(news.version))
        sweep(places, world.volumes)
      }
      const world = seen.world
      if (!world) continue
      const living = world.instances.filter(one => one.State?.Name !== 'terminated')
      for (const one of living)
        alone(one.InstanceId ?? '', () =>
          tend(keeping, inRegion(world, one), one, news.reboots[one.InstanceId ?? ''] ?? 0),
        )
      const known = new Set(living.map(one => one.InstanceId))
      const strays = existsSync(places.machines) ? readdirSync(places.machines).filter(id => !known.has(id)) : []
      for (const id of strays) alone(id, () => bury(keeping, id))
      failures = 0
    } catch (error) {
      // Without an answer nothing is known, so nothing is changed: machines run on until moto speaks again.
      if (failures++ % 30 === 0) say(`waiting for ${endpoint}: ${(error as Error).message}`)
      // What failed half-way is looked at anew, as if everything had changed.
      applied = ''
      news = { ...news, version: -1 }
      await sleep(1000)
    }
  }
}

const inRegion = (world: World, { Placement }: World['instances'][number]): World => ({
  ...world,
  region: Placement?.AvailabilityZone?.replace(/[a-z]$/, '') ?? world.region,
})
