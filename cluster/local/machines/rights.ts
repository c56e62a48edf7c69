import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '../../errors.ts'
import type { Places } from './places.ts'
import { recall, remember } from './processes.ts'
import { run } from './tools.ts'

/** The process that holds a person's own namespaces; with it they go. */
export const holder = (places: Places) => recall(join(places.run, 'namespaces.json'))

const userNamespace = (pid: number | 'self') => readlinkSync(`/proc/${pid}/ns/user`)

/**
 * What stands before a command that handles namespaces: what takes it into the user namespace where its person is root.
 * Nothing where there is none, because root made the machines, nor for who is in it already.
 */
export const asRoot = (places: Places): string[] => {
  const one = holder(places)
  return one && userNamespace(one.pid) !== userNamespace('self')
    ? ['nsenter', '--target', String(one.pid), '--user', '--mount', '--preserve-credentials']
    : []
}

/** Namespaces of the person's own, made once and kept until the machines stop. Root needs none. @throws UserError when this computer does not allow it. */
export const ownNamespaces = async (places: Places) => {
  if (process.getuid?.() === 0 || holder(places)) return
  mkdirSync(places.run, { recursive: true, mode: 0o700 })
  const script = fileURLToPath(new URL('templates/own-namespaces.sh', import.meta.url))
  const flags = ['--user', '--map-root-user', '--mount', '--propagation', 'private']
  const child = spawn('unshare', [...flags, 'sh', script, join(places.run, 'host')], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let said = ''
  child.stderr.on('data', chunk => (said += chunk))
  const ready = once(child.stdout, 'data').then(() => true)
  if (!(await Promise.race([ready, once(child, 'exit').then(() => false)])) || !child.pid)
    throw new UserError(`No user namespace could be made (${said.trim()}); run the same command as root.`)
  remember(join(places.run, 'namespaces.json'), child.pid)
  child.stdout.destroy()
  child.stderr.destroy()
  child.unref()
}

// What ip does to run a program in a namespace, and what machines are connected with.
const probe = 'mount -t sysfs probe /sys && ip link add probe type bridge && ip tuntap add dev probe-tap mode tap'

/** Whether somebody who is not root may have network namespaces here: some distributions, and most containers, forbid it. */
export const mayOwnNamespaces = () =>
  run('unshare', ['--user', '--map-root-user', '--mount', '--net', 'sh', '-c', probe]).then(
    () => true,
    () => false,
  )
