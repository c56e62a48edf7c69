// What kube-up and kube-down cost in calls and time: run as a person runs them, against the local AWS, with and without
// 100 ms more for every call. Prints a table beside the targets, and fails where one is missed. Use: npm run bench
import { spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { create } from 'tar'
import { startLocalAws, stopLocalAws } from '../cluster/local/aws.ts'
import { cache } from '../test/support/aws.ts'
import { startProxy } from '../test/support/proxy.ts'

interface Run {
  calls: number
  seconds: number
  /** How many calls in a row could not have begun before another one ended. */
  chain: number
  megabytes: number
}

const mebibyte = 1024 ** 2
const folder = await mkdtemp(join(tmpdir(), 'kube-up-bench-'))
const { endpoint } = await startLocalAws({ folder, cache }, 'us-west-2')
const proxy = await startProxy(endpoint)

/** An archive of random bytes, which no compression helps. */
async function tarball(mebibytes: number): Promise<string> {
  const path = join(folder, `${mebibytes}MiB.tar.gz`)
  const file = await open(join(folder, 'bytes'), 'w')
  const block = Buffer.alloc(mebibyte)
  for (let i = 0; i < mebibytes; i++) await file.write(randomFillSync(block))
  await file.close()
  await create({ cwd: folder, file: path, gzip: { level: 1 } }, ['bytes'])
  return path
}

/** One command in a process of its own, with what it costs. */
async function run(command: 'kube-up' | 'kube-down', settings: Record<string, string>): Promise<Run> {
  const spans: { began: number; ended: number }[] = []
  const began = new Map<object, number>()
  proxy.forget()
  proxy.before = call => void began.set(call, performance.now() - proxy.latency)
  proxy.after = call => void spans.push({ began: began.get(call) ?? 0, ended: performance.now() })
  const script = fileURLToPath(new URL(`../cluster/bin/${command}.js`, import.meta.url))
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL: proxy.endpoint,
    AWS_ACCESS_KEY_ID: 'bench',
    AWS_SECRET_ACCESS_KEY: 'bench',
    AWS_SSH_KEY: join(folder, 'id_ed25519'),
    SSH_CIDR: '192.0.2.7/32',
    // There are no machines to wait for.
    KUBE_WAIT: '0',
    KUBECONFIG: join(folder, 'kubeconfig'),
    NODE_OPTIONS: `--import ${new URL('peak-memory.js', import.meta.url).href}`,
    ...settings,
  }
  const start = performance.now()
  const child = spawn(script, { env, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] })
  let said = ''
  let peak = ''
  child.stderr?.on('data', chunk => (said += chunk))
  child.stdio[3]?.on('data', chunk => (peak += chunk))
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${said}`)
  const counted = proxy.recorded.filter(call => call.action !== 'UploadPart')
  return {
    calls: counted.length,
    seconds: (performance.now() - start) / 1000,
    chain: longestChain(spans),
    megabytes: Number(peak) / 1024,
  }
}

/** The longest row of calls in which each began after the one before it had ended. */
function longestChain(spans: { began: number; ended: number }[]): number {
  const done: { ended: number; length: number }[] = []
  for (const { began, ended } of spans.sort((a, b) => a.began - b.began)) {
    const before = Math.max(0, ...done.filter(one => one.ended <= began).map(one => one.length))
    done.push({ ended, length: before + 1 })
  }
  return Math.max(0, ...done.map(one => one.length))
}

const small = { NUM_NODES: '2', KUBERNETES_SERVER_TAR: await tarball(100), KUBE_COMPONENTS_TAR: await tarball(1) }
const missed: string[] = []
const row = (what: string, { calls, seconds, chain }: Run, most: { calls: number; seconds: number }, original = '') => {
  console.log(
    [
      what.padEnd(34),
      `${calls}`.padStart(5),
      `${most.calls}`.padStart(5),
      seconds.toFixed(2).padStart(7),
      `${most.seconds}`.padStart(5),
      `${chain}`.padStart(6),
      `  ${original}`,
    ].join(' '),
  )
  if (calls > most.calls) missed.push(`${what}: ${calls} calls, at most ${most.calls}`)
  if (seconds > most.seconds) missed.push(`${what}: ${seconds.toFixed(2)} s, at most ${most.seconds}`)
}

try {
  console.log(
    ['2 nodes, a tarball of 100 MiB'.padEnd(34), 'calls', ' most', '      s', ' most', ' chain', '  the original'].join(
      ' ',
    ),
  )
  // The first run also makes the SSH key and warms the local AWS; it does not count.
  await run('kube-up', small)
  await run('kube-down', small)
  for (const latency of [0, 100]) {
    proxy.latency = latency
    const at = latency > 0 ? `, ${latency} ms a call` : ''
    const most = latency > 0 ? 5 : 3
    row(
      `kube-up${at}`,
      await run('kube-up', small),
      { calls: 55, seconds: most },
      latency > 0 ? '97 calls, 60.2 s' : '97 calls, 51.2 s',
    )
    row(`kube-up again${at}`, await run('kube-up', small), { calls: 30, seconds: 2 })
    row(
      `kube-down${at}`,
      await run('kube-down', small),
      { calls: 40, seconds: most },
      latency > 0 ? '50 calls, 25.7 s' : '50 calls, 20.5 s',
    )
  }
  proxy.latency = 0
  const usual = await run('kube-up', { ...small, KUBERNETES_SERVER_TAR: await tarball(1) })
  const large = await run('kube-up', { ...small, KUBERNETES_SERVER_TAR: await tarball(1024) })
  // 200 MB.
  const most = Math.floor(200_000_000 / mebibyte)
  const grown = large.megabytes - usual.megabytes
  console.log(
    `a tarball of 1 GiB: ${large.seconds.toFixed(1)} s; ${large.megabytes.toFixed(0)} MiB of memory (at most ${most}), ${grown.toFixed(0)} more than with 1 MiB`,
  )
  if (large.megabytes > most)
    missed.push(`a tarball of 1 GiB: ${large.megabytes.toFixed(0)} MiB of memory, at most ${most}`)
} finally {
  await proxy.stop()
  await stopLocalAws(folder)
  await rm(folder, { recursive: true })
}
for (const one of missed) console.error(`missed: ${one}`)
process.exit(missed.length > 0 ? 1 : 0)
