import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stopLocalAws } from '../../cluster/local/aws.ts'
import { cache } from '../support/aws.ts'

const test = suite('installed')
const run = promisify(execFile)
const root = fileURLToPath(new URL('../..', import.meta.url))

test('from an installed package, npx kube-up and npx kube-down work', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kube-up-installed-'))
  try {
    const { stdout } = await run('npm', ['pack', '--silent', '--pack-destination', folder], { cwd: root })
    await writeFile(join(folder, 'package.json'), '{ "private": true }')
    await run('npm', ['install', '--no-audit', '--no-fund', join(folder, stdout.trim())], { cwd: folder })
    const env = {
      ...process.env,
      HOME: folder,
      XDG_CACHE_HOME: join(cache, '..'),
      KUBERNETES_PROVIDER: 'local',
      KUBE_LOCAL_MACHINES: 'false',
      KUBE_LOCAL_FOLDER: join(folder, 'local'),
    }
    const up = await run('npx', ['kube-up'], { cwd: folder, env })
    assert.match(up.stdout, /Cluster kubernetes is up[\s\S]*npx kube-down/)
    const down = await run('npx', ['kube-down'], { cwd: folder, env })
    assert.match(down.stdout, /Nothing of cluster kubernetes in us-west-2 is left/)
    const kept = await readdir(join(folder, 'node_modules/kube-up/node_modules/.cache/kube-up'))
    assert.equal(
      kept.map(name => name.replace(/-[0-9a-f]{12}\.mjs$/, '')),
      ['kube-down', 'kube-up'],
      'each was compiled once',
    )
  } finally {
    await stopLocalAws(join(folder, 'local'))
    await rm(folder, { recursive: true })
  }
})

test.run()
