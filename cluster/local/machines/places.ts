import { createHash } from 'node:crypto'
import { join, resolve } from 'node:path'

/** Where everything of one local AWS lives. The directory is the only state: who has it can find, adopt and remove it all. */
export const places = (dir: string) => {
  const at = resolve(dir)
  return {
    dir: at,
    machines: join(at, 'machines'),
    volumes: join(at, 'volumes'),
    run: join(at, 'run'),
    log: join(at, 'machines.log'),
    /** The daemon's own notes: its process, its proxy's address, the endpoint it follows. */
    daemon: join(at, 'run', 'daemon.json'),
    /** The last of moto's versions that the network follows. */
    applied: join(at, 'run', 'applied'),
    /** Unix sockets are files, so they join the host and the namespace without a network between them. */
    metadata: join(at, 'run', 'metadata.sock'),
    endpoints: join(at, 'run', 'endpoints.sock'),
    outbound: join(at, 'run', 'outbound.sock'),
    outside: join(at, 'run', 'outside.sock'),
    /** One network namespace for each directory, with a name that says whose it is. */
    namespace: `kube-up-${createHash('sha256').update(at).digest('hex').slice(0, 8)}`,
  }
}

export type Places = ReturnType<typeof places>

/** What belongs to one machine, and goes away with it. */
export const machinePlaces = (places: Places, instance: string) => {
  const at = join(places.machines, instance)
  return {
    dir: at,
    disk: join(at, 'disk.qcow2'),
    console: join(at, 'console.log'),
    monitor: join(at, 'qmp.sock'),
    process: join(at, 'process.json'),
    notes: join(at, 'machine.json'),
  }
}
