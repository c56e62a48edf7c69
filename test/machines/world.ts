import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import { wayOut } from '../../cluster/local/machines/doors.ts'
import type { Places } from '../../cluster/local/machines/places.ts'
import { signal } from '../../cluster/local/machines/processes.ts'
import { run } from '../../cluster/local/machines/tools.ts'

/** A server of the world outside; like the machines' internet it has an address of documentation's (RFC 5737). */
export const somewhere = '192.0.2.10'

const server = `require('node:http').createServer((_, response) => response.end('the world')).listen(80, '${somewhere}')`

/**
 * A world for machines to reach that is not the real one: a namespace of the suite's own with one server in it, behind the
 * very command that joins machines with this computer's world.
 */
export const openWorld = async (places: Places) => {
  const name = `${places.namespace}-w`
  await closeWorld(places)
  await run('ip', ['netns', 'add', name])
  await run('ip', ['-n', name, '-batch', '-'], `link set lo up\naddress add ${somewhere}/32 dev lo\n`)
  const log = openSync(places.log, 'a')
  for (const command of [[process.execPath, '-e', server], wayOut(places)])
    spawn('ip', ['netns', 'exec', name, ...command], { stdio: ['ignore', log, log], detached: true }).unref()
}

/** Its processes and the namespace away; nothing when there is none. */
export const closeWorld = async (places: Places) => {
  const name = `${places.namespace}-w`
  if (!(await run('ip', ['netns', 'list'])).split(/\s+/).includes(name)) return
  for (const pid of (await run('ip', ['netns', 'pids', name])).split('\n').filter(Boolean))
    signal(Number(pid), 'SIGKILL')
  await run('ip', ['netns', 'del', name])
}
