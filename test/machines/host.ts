import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { run } from '../../cluster/local/machines/tools.ts'

/**
 * Everything of the host that machines must leave alone: its interfaces, addresses, routes, rules, firewall and namespaces.
 * @param ours the namespaces that would be ours: another local AWS on this computer comes and goes as it likes.
 */
export const hostNetwork = async (ours: string) => ({
  links: JSON.parse(await run('ip', ['-j', 'address', 'show'])).map(
    (link: { ifname: string; addr_info: { local: string }[] }) => [link.ifname, link.addr_info.map(one => one.local)],
  ),
  routes: await run('ip', ['route', 'show', 'table', 'all']),
  rules: await run('ip', ['rule', 'show']),
  firewall: await run('nft', ['list', 'ruleset']),
  forwarding: readFileSync('/proc/sys/net/ipv4/ip_forward', 'utf8'),
  namespaces: (existsSync('/run/netns') ? readdirSync('/run/netns') : []).filter(
    name => name.startsWith(ours) || !name.startsWith('kube-up-'),
  ),
})

/** Processes whose command line has this word in it. */
export const processesWith = (word: string) =>
  readdirSync('/proc')
    .filter(name => /^\d+$/.test(name) && Number(name) !== process.pid)
    .flatMap(pid => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
        return words.includes(word) ? [`${pid} ${words.slice(0, 100)}`] : []
      } catch {
        return []
      }
    })
