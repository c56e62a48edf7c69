import { spawn } from 'node:child_process'
import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { UserError } from '../errors.ts'
import { ended, signal } from './machines/processes.ts'
import { pythonWithMoto } from './python.ts'

/** What any client may say to the local AWS: it believes everyone. */
export const localCredentials = { accessKeyId: 'local', secretAccessKey: 'local' }

export interface LocalAws {
  readonly endpoint: string
  readonly pid: number
  /** Whether its instances really boot. */
  readonly machines: boolean
}

export interface Place {
  /** Where this local AWS keeps what it must remember: one folder, one AWS. */
  readonly folder: string
  /** Where what was downloaded once is kept. */
  readonly cache: string
  /** Whether its instances are to boot. */
  readonly machines?: boolean
}

/** The AWS on this machine, started if it is not running; it goes on until it is stopped. @throws UserError when it does not come up. */
export async function startLocalAws(
  { folder, cache, machines = false }: Place,
  region: string,
  say: (words: string) => void = () => {},
): Promise<LocalAws> {
  const running = await findLocalAws(folder)
  if (running && running.machines !== machines)
    throw new UserError(
      `The local AWS is running ${machines ? 'without' : 'with'} machines; end it first with npm run local:stop, or set KUBE_LOCAL_MACHINES=${running.machines}.`,
    )
  if (running) return running
  const python = await pythonWithMoto(cache, say)
  await mkdir(folder, { recursive: true })
  const log = join(folder, 'aws.log')
  const output = await open(log, 'w')
  const script = fileURLToPath(new URL('moto_as_aws.py', import.meta.url))
  const server = spawn(python, [script, folder, '0', region], {
    detached: true,
    stdio: ['ignore', output.fd, output.fd],
    env: {
      ...process.env,
      MOTO_AMIS_PATH: fileURLToPath(new URL('images.json', import.meta.url)),
      PYTHONDONTWRITEBYTECODE: '1',
      KUBE_LOCAL_MACHINES: `${machines}`,
    },
  })
  server.unref()
  await output.close()
  const until = performance.now() + 60_000
  // A server that found another one at work has ended by itself; the other one is then the one to find.
  while (performance.now() < until) {
    const started = await findLocalAws(folder)
    if (started) return started
    await sleep(100)
  }
  const said = (await readFile(log, 'utf8')).trim().split('\n').slice(-5).join('\n')
  throw new UserError(`The local AWS did not come up within a minute; its log, ${log}, ends with:\n${said}`)
}

/** The local AWS of this folder, if it is running. */
export async function findLocalAws(folder: string): Promise<LocalAws | undefined> {
  const state = await readFile(join(folder, 'aws.json'), 'utf8').catch(() => undefined)
  if (!state) return undefined
  const { pid, port, machines } = JSON.parse(state) as { pid: number; port: number; machines: boolean }
  const endpoint = `http://127.0.0.1:${port}`
  const answer = await fetch(`${endpoint}/moto-api/config`, { signal: AbortSignal.timeout(5_000) }).catch(
    () => undefined,
  )
  return answer?.ok ? { endpoint, pid, machines } : undefined
}

/** Ends it, with everything in it. @returns whether there was one. */
export async function stopLocalAws(folder: string): Promise<boolean> {
  const running = await findLocalAws(folder)
  if (running) {
    process.kill(running.pid, 'SIGTERM')
    const until = performance.now() + 10_000
    // It stops answering before it is gone, and on a busy computer long before.
    while (!ended(running.pid)) {
      if (performance.now() > until) signal(running.pid, 'SIGKILL')
      await sleep(50)
    }
  }
  await rm(join(folder, 'aws.json'), { force: true })
  return running !== undefined
}

/** A port on this machine that nobody listens on. */
export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.on('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
