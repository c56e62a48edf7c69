/**
 * The background process that keeps the machines: started by startMachines() with its settings as one JSON argument. It may
 * be killed at any time. The machines run on, and the next one adopts them.
 */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openGate, openOutside } from './doors.ts'
import { serveEndpoints } from './endpoints.ts'
import { follow, type Seen } from './follow.ts'
import { image } from './image.ts'
import type { Settings } from './lifetime.ts'
import { roles } from './metadata/credentials.ts'
import { serveMetadata } from './metadata/service.ts'
import { subjects } from './metadata/subjects.ts'
import { moto } from './moto.ts'
import { create, strays } from './network/namespace.ts'
import { machinePlaces, places as placesOf } from './places.ts'
import { recall, remember, signal } from './processes.ts'
import { serveProxy } from './reach.ts'
import type { Size } from './size.ts'

const settings = JSON.parse(process.argv[2] ?? '{}') as Settings
const { endpoint, cache } = settings
const places = placesOf(settings.dir)
const say = (line: string) => console.log(`${new Date().toISOString()} ${line}`)

mkdirSync(places.machines, { recursive: true })
await create(places)
const machines = readdirSync(places.machines).map(id => machinePlaces(places, id).process)
const helpers = ['gate.json', 'dnsmasq.json'].map(name => join(places.run, name))
for (const pid of await strays(places, [...machines, ...helpers].map(recall))) signal(pid, 'SIGKILL')
const seen: Seen = { world: undefined }
const role = roles(endpoint, settings.credentialSeconds)
serveMetadata(places.metadata, { subject: subjects(endpoint, seen, role), credentials: role.credentials })
serveEndpoints(places.endpoints, endpoint, cache)
openGate(places)
const upstream = settings.outside ? openOutside(places) : undefined
const proxy = await serveProxy(places)
const keeping = {
  ...{ places, endpoint, api: moto(endpoint), image: await image(cache, say), accelerator: settings.accelerator, say },
  done: new Map<string, string>(),
  claims: new Map<string, Size>(),
}
const me = remember(`${places.daemon}.new`, process.pid)
writeFileSync(places.daemon, JSON.stringify({ ...me, proxy, endpoint }))
say(`follows ${endpoint}`)
await follow(keeping, seen, upstream)
