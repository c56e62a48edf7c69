import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { find, status } from '../../cluster/local/machines/index.ts'
import { inside } from '../../cluster/local/machines/network/namespace.ts'
import { places as placesOf } from '../../cluster/local/machines/places.ts'
import { run } from '../../cluster/local/machines/tools.ts'
import { cacheOf } from '../../cluster/where.ts'
import { remote } from '../machines/remote.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

// One folder for each checkout, so that a suite that was killed is cleaned up after by the next one.
const checkout = createHash('sha256').update(root).digest('hex').slice(0, 8)
export const folder = join(tmpdir(), `kube-up-cluster-${checkout}`)
const local = join(folder, 'local')
export const places = placesOf(local)
const key = join(folder, 'key')
const kubeconfig = join(folder, 'kubeconfig')
export const cluster = 'story'
export const version = process.env.KUBERNETES_VERSION || 'v1.37.1'

const env = {
  ...process.env,
  KUBERNETES_PROVIDER: 'local',
  KUBE_LOCAL_MACHINES: 'true',
  KUBE_LOCAL_FOLDER: local,
  KUBE_AWS_INSTANCE_PREFIX: cluster,
  KUBECONFIG: kubeconfig,
  AWS_SSH_KEY: key,
  NUM_NODES: '2',
  KUBE_WAIT: '30m',
}

const clock = () => new Date().toISOString().slice(11, 19)

/** One of the commands, as a person runs it, its lines shown with the time. @returns its exit code. */
export const command = (name: 'kube-up' | 'kube-down' | 'local-stop', more: Record<string, string> = {}) =>
  new Promise<number>((resolve, reject) => {
    mkdirSync(folder, { recursive: true })
    const child = spawn(process.execPath, [join(root, `cluster/bin/${name}.js`)], {
      cwd: root,
      env: { ...env, ...more },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    for (const stream of [child.stdout, child.stderr])
      createInterface({ input: stream }).on('line', line => console.log(`  ${clock()}  ${line}`))
    child.on('error', reject)
    child.on('close', code => resolve(code ?? 1))
  })

/** kubectl as the release has it: the one program of it that a person runs. */
const kubectlProgram = () => {
  const program = join(folder, 'kubernetes/server/bin/kubectl')
  if (existsSync(program)) return program
  const kept = join(cacheOf(process.env), 'releases', version, 'kubernetes-control-plane-linux-amd64.tar.gz')
  execFileSync('tar', ['-xzf', kept, '-C', folder, 'kubernetes/server/bin/kubectl'])
  return program
}

/** kubectl with the credentials that kube-up left. */
export const kubectl = (words: string | string[], input = '', timeout = 120_000) => {
  const args = typeof words === 'string' ? words.split(' ') : words
  return run(kubectlProgram(), ['--kubeconfig', kubeconfig, ...args], input, timeout).then(text => text.trim())
}

/** What kubectl prints as JSON. */
// biome-ignore lint/suspicious/noExplicitAny: objects of a dozen kinds, of which a test reads a field or two
export const objects = async (words: string): Promise<any[]> => JSON.parse(await kubectl(`${words} -o json`)).items

/** A program of this computer in the machines' network, where a person with a public address of their own would be. */
export const outside = (...words: string[]) => run('ip', inside(places, ...words))

/** Runs a script as root on a machine. @param which its name, id or an address. */
export const on = (which: string, script: string, timeout = 180_000) =>
  remote(places, key, find(local, which).address)(script, timeout)

export const machines = () => status(local)

/** The endpoint of the local AWS, for what a person does with the AWS CLI. */
export const endpoint = () => {
  const { daemon } = status(local)
  if (!daemon) throw new Error('the local AWS is not running')
  return daemon.endpoint
}

/** Waits until something is so, asking every three seconds. @throws Error with the last that was seen. */
export const until = async <T>(
  what: string,
  seconds: number,
  look: () => Promise<T | undefined | false>,
): Promise<T> => {
  const end = Date.now() + seconds * 1000
  let last: unknown
  while (Date.now() < end) {
    try {
      const found = await look()
      if (found) return found
    } catch (error) {
      last = error
    }
    await sleep(3000)
  }
  const pods = await kubectl('get nodes,pods -A -o wide').catch(String)
  throw new Error(`Waited ${seconds} s in vain until ${what}. ${last ?? ''}\n${pods}`)
}
