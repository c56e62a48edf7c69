import { spawn } from 'node:child_process'
import { mkdirSync, openSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { findLocalAws } from '../../cluster/local/aws.ts'
import { pythonWithMoto } from '../../cluster/local/python.ts'

/** A moto of the suite's own, with the machines' patches, in a folder of its own. */
export const ownAws = async (folder: string, cache: string, region: string) => {
  mkdirSync(folder, { recursive: true })
  const python = await pythonWithMoto(cache, console.log)
  const script = fileURLToPath(new URL('serve_moto.py', import.meta.url))
  const log = openSync(join(folder, 'aws.log'), 'a')
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    MOTO_AMIS_PATH: fileURLToPath(new URL('../../cluster/local/images.json', import.meta.url)),
  }
  spawn(python, [script, folder, String(await freePort()), region], {
    stdio: ['ignore', log, log],
    env,
    detached: true,
  }).unref()
  for (let waited = 0; waited < 60_000; waited += 200) {
    const found = await findLocalAws(folder)
    if (found) return found
    await sleep(200)
  }
  throw new Error(`moto did not come up within a minute: ${join(folder, 'aws.log')} says why.`)
}

const freePort = () =>
  new Promise<number>(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
