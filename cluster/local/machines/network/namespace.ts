import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Places } from '../places.ts'
import { background, end, type Remembered, recall, remember, signal } from '../processes.ts'
import { run } from '../tools.ts'
import type { Plan } from './plan.ts'
import { endpoints, internet, metadata, names, person, publicAddresses } from './well-known.ts'

/** The command that runs another one inside. */
export const inside = (places: Places, ...command: string[]) => ['netns', 'exec', places.namespace, ...command]

export const exists = (places: Places) => existsSync(`/run/netns/${places.namespace}`)

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

const set = (places: Places, lines: readonly string[]) => run('ip', inside(places, 'sh', sysctls, ...lines))

/** Make the namespace with what does not depend on any cluster: the internet side, and the link-local services. */
export const create = async (places: Places) => {
  if (exists(places)) return
  await run('ip', ['netns', 'add', places.namespace])
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

const list = async (places: Places, ...what: string[]) =>
  JSON.parse((await run('ip', ['-n', places.namespace, '-j', ...what])) || '[]') as Record<string, never>[]

/** Bridges and taps: add what is missing, remove what is left over. */
const links = async (places: Places, plan: Plan) => {
  const have = new Set((await list(places, 'link', 'show')).map(link => String(link.ifname)))
  const want = new Set([...plan.bridges, ...plan.taps].map(one => one.name))
  const local = await list(places, 'address', 'show', 'dev', 'lo')
  const resolvers = (local[0]?.addr_info as { local: string }[] | undefined)?.map(one => one.local) ?? []
  const fresh = plan.bridges.filter(bridge => !have.has(bridge.name))
  const lines = [
    ...[...have].filter(name => /^[st]-/.test(name) && !want.has(name)).map(name => `link del ${name}`),
    ...plan.resolvers.filter(one => !resolvers.includes(one)).map(one => `address add ${one}/32 dev lo`),
    ...fresh.flatMap(({ name, mac, router }) => [
      `link add ${name} address ${mac} type bridge`,
      `link set ${name} up`,
      `address add ${router} dev ${name}`,
    ]),
    ...plan.taps
      .filter(tap => !have.has(tap.name))
      .flatMap(({ name, bridge }) => [
        `tuntap add dev ${name} mode tap vnet_hdr`,
        `link set ${name} master ${bridge}`,
        // No machine hears another one directly, as in a VPC: the router answers for all, so that it can judge every packet.
        `link set ${name} type bridge_slave isolated on`,
        `link set ${name} up`,
      ]),
  ]
  if (lines.length > 0) await run('ip', ['-n', places.namespace, '-batch', '-'], `${lines.join('\n')}\n`)
  await set(
    places,
    fresh.flatMap(({ name }) => [`net/ipv4/conf/${name}/proxy_arp_pvlan=1`, `net/ipv4/conf/${name}/send_redirects=0`]),
  )
}

/** A subnet's table, and the rule that its packets follow it. */
const routing = async (places: Places, plan: Plan) => {
  const rules = (await list(places, 'rule', 'show')).filter(rule => Number(rule.priority) === 100)
  const lines = [
    ...plan.bridges.flatMap(({ table, routes }) => [
      `route flush table ${table}`,
      ...routes.map(route => `route add ${route} table ${table}`),
    ]),
    ...rules.map(rule => `rule del pref 100 iif ${rule.iif}`),
    ...plan.bridges.map(({ name, table }) => `rule add pref 100 iif ${name} lookup ${table}`),
  ]
  await run('ip', ['-n', places.namespace, '-force', '-batch', '-'], `${lines.join('\n')}\n`).catch(error => {
    // Flushing a table that was never filled is an error to ip, and none to us.
    if (!/FIB table does not exist/.test(String(error)) || /RTNETLINK answers: (?!No such)/.test(String(error)))
      throw error
  })
}

/** Whether a machine went that had an address. dnsmasq would keep it for that one for ever, and EC2 gives it to the next. */
const freed = (before: string, after: string) => before.split('\n').some(line => !after.split('\n').includes(line))

const dnsmasq = async (places: Places, { config, leases, names: hosts }: Plan['dnsmasq']) => {
  const file = (name: string) => join(places.run, name)
  const read = (name: string) => (existsSync(file(name)) ? readFileSync(file(name), 'utf8') : '')
  mkdirSync(places.run, { recursive: true })
  const running = recall(file('dnsmasq.json'))
  const restart = !running || read('dnsmasq.conf') !== config || freed(read('dhcp-hosts'), leases)
  const reread = read('dhcp-hosts') !== leases || read('names') !== hosts
  for (const [name, text] of Object.entries({ 'dnsmasq.conf': config, 'dhcp-hosts': leases, names: hosts }))
    writeFileSync(file(name), text)
  if (!restart) {
    if (reread) signal(running.pid, 'SIGHUP')
    return
  }
  await end(running)
  rmSync(file('leases'), { force: true })
  const child = background('ip', inside(places, 'dnsmasq', `--conf-file=${file('dnsmasq.conf')}`), places.log)
  if (child.pid) remember(file('dnsmasq.json'), child.pid)
}

/** Make the namespace be what the plan says. */
export const apply = async (places: Places, plan: Plan) => {
  await create(places)
  await links(places, plan)
  await run('ip', inside(places, 'nft', '-f', '-'), plan.firewall)
  await routing(places, plan)
  await dnsmasq(places, plan.dnsmasq)
}

const pids = async (places: Places) =>
  (await run('ip', ['netns', 'pids', places.namespace])).split('\n').filter(Boolean).map(Number)

/** Processes inside that nobody remembers: what a killed predecessor had started and not yet written down. */
export const strays = async (places: Places, known: readonly (Remembered | undefined)[]) => {
  const remembered = new Set(known.map(one => one?.pid))
  return (await pids(places)).filter(pid => !remembered.has(pid))
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
  await run('ip', ['netns', 'del', places.namespace])
}
