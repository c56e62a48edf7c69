/** Machines for somebody who is not root, in a user namespace of their own. One machine: the rest is as it is for root. */
import { execFileSync } from 'node:child_process'
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { startLocalAws, stopLocalAws } from '../../cluster/local/aws.ts'
import { imageCache, prepare } from '../../cluster/local/machines/index.ts'
import { machinePlaces, places as placesOf } from '../../cluster/local/machines/places.ts'
import { hostNetwork, processesWith } from './host.ts'
import { lab as makeLab } from './lab.ts'
import { until } from './patience.ts'

const folder = mkdtempSync(join(tmpdir(), 'kube-up-person-'))
const home = join(folder, 'home')
const places = placesOf(join(home, 'local'))
const checkout = fileURLToPath(new URL('../..', import.meta.url))
const nobody = 65534

/** A process of that person's own. @returns its answer. */
const person = (...args: string[]) => {
  const script = fileURLToPath(new URL('as-person.sh', import.meta.url))
  const node = join(home, 'node', 'node')
  const loader = join(home, 'checkout/node_modules/tsx/dist/loader.mjs')
  const program = [node, '--no-warnings', '--import', loader, join(home, 'checkout/test/machines/person.ts'), ...args]
  const env = { PATH: process.env.PATH, HOME: home, KUBE_LOCAL_IMAGES: join(home, 'images') }
  const said = execFileSync(
    'unshare',
    ['--mount', '--propagation', 'private', 'sh', script, home, checkout, dirname(process.execPath), ...program],
    { env, encoding: 'utf8' },
  )
  const { uid, said: answer } = JSON.parse(said)
  assert.is(uid, nobody)
  return answer
}

test.before(async () => {
  await prepare(process.env, console.log)
  mkdirSync(home)
  execFileSync('cp', ['-r', imageCache(process.env), join(home, 'images')])
  execFileSync('chown', ['-R', `${nobody}:${nobody}`, join(home, 'images')])
  for (const at of [folder, home]) chownSync(at, nobody, nobody)
})
test.after(async () => {
  person('stop', places.dir)
  await stopLocalAws(join(folder, 'aws'))
  rmSync(folder, { recursive: true, force: true })
})

test('a machine boots for somebody who is not root, or is refused with a sentence where this computer does not allow it', async () => {
  const lacks: string = person('lacks')
  if (lacks) {
    assert.match(lacks, /lets only root make: run the same command with sudo -E\.$/)
    return
  }
  const before = await hostNetwork(places.namespace)
  const place = { folder: join(folder, 'aws'), cache: join(imageCache(process.env), '..'), machines: true }
  const { endpoint } = await startLocalAws(place, 'us-west-2', console.log)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
  const lab = await makeLab(endpoint, join(folder, 'key.pub'))

  person('start', places.dir, endpoint)
  const id = await lab.launch('p', '#!/bin/sh\necho "$(id -u) runs user data" > /dev/ttyS0\n', [await lab.group('all')])
  const consoleText = () => readFileSync(machinePlaces(places, id).console, 'latin1')
  await until(
    'user data ran',
    600,
    () => consoleText().includes('0 runs user data'),
    () => [consoleText().slice(-500), readFileSync(places.log, 'utf8').slice(-1500)],
  )
  assert.is(person('status', places.dir).machines[0].instance, id)
  for (const line of processesWith(places.dir)) {
    const owner = /^Uid:\s+(\d+)/m.exec(readFileSync(`/proc/${line.split(' ')[0]}/status`, 'utf8'))?.[1]
    assert.is(owner, String(nobody), line)
  }
  assert.equal(await hostNetwork(places.namespace), before, 'this computer has no namespace that it can see')

  assert.is(person('stop', places.dir), true)
  assert.equal(processesWith(places.dir), [])
  assert.equal(readdirSync(places.dir), ['machines.log'])
  assert.not(existsSync(`/run/netns/${places.namespace}`))
  assert.is(person('stop', places.dir), false)
})

test.run()
