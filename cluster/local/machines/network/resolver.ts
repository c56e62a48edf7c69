import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Places } from '../places.ts'
import { background, end, recall, remember, signal } from '../processes.ts'
import { inside } from './namespace.ts'
import type { Plan } from './plan.ts'

/** Whether a machine went that had an address. dnsmasq would keep it for that one for ever, and EC2 gives it to the next. */
const freed = (before: string, after: string) => before.split('\n').some(line => !after.split('\n').includes(line))

/** One dnsmasq gives every subnet its addresses and names: started, told to read its lists again, or started anew. */
export const resolve = async (places: Places, { config, leases, names: hosts }: Plan['dnsmasq']) => {
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
