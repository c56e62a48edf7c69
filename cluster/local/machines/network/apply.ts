import type { Places } from '../places.ts'
import { run } from '../tools.ts'
import { create, inside, set } from './namespace.ts'
import type { Plan } from './plan.ts'
import { resolve } from './resolver.ts'

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

/** Make the namespace be what the plan says. */
export const apply = async (places: Places, plan: Plan) => {
  await create(places)
  await links(places, plan)
  await run('ip', inside(places, 'nft', '-f', '-'), plan.firewall)
  await routing(places, plan)
  await resolve(places, plan.dnsmasq)
}
