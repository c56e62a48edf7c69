import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { inside } from './network/namespace.ts'
import type { Places } from './places.ts'
import { background, recall, remember } from './processes.ts'
import { typescript } from './typescript.ts'

/** The gate outlives the daemon, so an adopted namespace has one already. */
export const openGate = (places: Places) => {
  mkdirSync(places.run, { recursive: true })
  const file = join(places.run, 'gate.json')
  if (recall(file)) return
  const script = typescript(new URL('gate.ts', import.meta.url), places.metadata, places.endpoints, places.outbound)
  const child = background('ip', inside(places, ...script), places.log)
  if (child.pid) remember(file, child.pid)
}

/** The command that joins the namespace with the world of whoever runs it. */
export const wayOut = (places: Pick<Places, 'namespace'>) => {
  const args = ['--configure', '--disable-host-loopback', '--netns-type=path']
  return ['slirp4netns', ...args, `/run/netns/${places.namespace}`, 'outside']
}

/**
 * The way out: slirp4netns speaks to the world through ordinary sockets of this computer, so no interface, route or rule of
 * its own changes. Machines cannot reach this computer's loopback through it. Returns the name server out there.
 */
export const openOutside = (places: Places) => {
  const file = join(places.run, 'outside.json')
  if (!recall(file)) {
    const [command = '', ...args] = wayOut(places)
    const child = background(command, args, places.log)
    if (child.pid) remember(file, child.pid)
  }
  return '10.0.2.3'
}
