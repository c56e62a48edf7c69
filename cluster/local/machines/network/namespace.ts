import { existsSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Places } from '../places.ts'
import { end, type Remembered, signal } from '../processes.ts'
import { asRoot, holder } from '../rights.ts'
import { run } from '../tools.ts'
import { endpoints, internet, metadata, names, person, publicAddresses } from './well-known.ts'

/** The command that runs another one inside. */
export const inside = (places: Places, ...command: string[]) => ['netns', 'exec', places.namespace, ...command]

/** The same as a whole command line, for programs outside of the background process. */
export const enter = (places: Places, ...command: string[]): [string, ...string[]] =>
  [...asRoot(places), 'ip', ...inside(places, ...command)] as [string, ...string[]]

/** Who is not root cannot look, but has namespaces as long as the process lives that holds them. */
export const exists = (places: Places) => existsSync(`/run/netns/${places.namespace}`) || holder(places) !== undefined

const settings = [
  'net/ipv4/ip_forward=1',
  'net/ipv4/conf/all/rp_filter=0',
  'net/ipv4/conf/default/rp_filter=0',
  'net/ipv4/conf/all/send_redirects=0',
  'net/ipv4/conf/default/send_redirects=0',
  'net/ipv6/conf/all/disable_ipv6=1',
  'net/ipv6/conf/default/disable_ipv6=1',
  'net/bridge/bridge-nf-call-iptables=0',
  'net/bridge/bridge-nf-call-arptables=0',
]

const sysctls = fileURLToPath(new URL('../templates/sysctls.sh', import.meta.url))

/** Settings below /proc/sys, as path=value. */
export const set = (places: Places, lines: readonly string[]) => run('ip', inside(places, 'sh', sysctls, ...lines))

/** Make the namespace with what does not depend on any cluster: the internet side, and the link-local services. */
export const create = async (places: Places) => {
  if (existsSync(`/run/netns/${places.namespace}`)) return
  await run('ip', ['netns', 'add', places.namespace]).catch(error => {
    // In a user namespace it is made all the same: ip only cannot go back to this computer's own, and need not.
    if (!/setns: Operation not permitted/.test(String(error))) throw error
  })
  await set(places, settings)
  const lines = [
    'link set lo up',
    ...[metadata, names].map(address => `address add ${address}/32 dev lo`),
    // A bridge without ports: a place for the internet's addresses to be, from which nothing leads further.
    'link add internet type bridge',
    'link set internet up',
    `address add ${person}/${internet.split('/')[1]} dev internet`,
    `address add ${endpoints}/32 dev internet`,
    `route add ${publicAddresses} dev internet src ${person}`,
    // A subnet's own table comes before the local one, or every machine would reach whatever address is here.
    'rule add pref 200 lookup local',
    'rule del pref 0',
  ]
  await run('ip', ['-n', places.namespace, '-batch', '-'], `${lines.join('\n')}\n`)
}

const pids = async (places: Places) => {
  const [command = '', ...args] = [...asRoot(places), 'ip', 'netns', 'pids', places.namespace]
  return (await run(command, args)).split('\n').filter(Boolean).map(Number)
}

const commandLine = (pid: number) => {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8')
  } catch {
    return ''
  }
}

/**
 * Processes inside that nobody remembers: what a killed predecessor had started and not yet written down. Each of ours has
 * a path of this directory in its command line; a person's own shell or kubectl has not, and is let be.
 */
export const strays = async (places: Places, known: readonly (Remembered | undefined)[]) => {
  const remembered = new Set(known.map(one => one?.pid))
  return (await pids(places)).filter(pid => !remembered.has(pid) && commandLine(pid).includes(`${places.dir}/`))
}

/** The namespace and all that is in it: processes first, or it would live on without a name. */
export const remove = async (places: Places) => {
  if (!exists(places)) return
  for (let tries = 0; tries < 50; tries++) {
    const left = await pids(places)
    if (left.length === 0) break
    for (const pid of left) signal(pid, tries < 20 ? 'SIGTERM' : 'SIGKILL')
    await sleep(100)
  }
  const one = holder(places)
  if (one) await end(one)
  else await run('ip', ['netns', 'del', places.namespace])
}
