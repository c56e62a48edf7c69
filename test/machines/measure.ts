/**
 * What machines cost on this computer, for the README: npm run measure:machines. Builds the image anew, boots one machine, then
 * three at once, and says under which load that was.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { availableParallelism, cpus, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { TerminateInstancesCommand } from '@aws-sdk/client-ec2'
import { startLocalAws, stopLocalAws } from '../../cluster/local/aws.ts'
import { imageCache, prepare, startMachines, status, stopMachines } from '../../cluster/local/machines/index.ts'
import { machinePlaces, places as placesOf } from '../../cluster/local/machines/places.ts'
import { accelerator } from '../../cluster/local/machines/size.ts'
import { lab as makeLab } from './lab.ts'
import { until } from './patience.ts'

const folder = mkdtempSync(join(tmpdir(), 'kube-up-measure-'))
const places = placesOf(join(folder, 'local'))
const key = join(folder, 'key')
const env = { ...process.env, KUBE_LOCAL_IMAGES: join(folder, 'images') }
const load = () => `load ${loadavg()[0]?.toFixed(1)}`
const seconds = async (what: () => Promise<unknown>) => {
  const began = performance.now()
  await what()
  return ((performance.now() - began) / 1000).toFixed(0)
}
const tell = (what: string, value: string) => console.log(`${what.padEnd(44)} ${value.padEnd(28)} ${load()}`)
const mark = 'user data is running'
const userData = `#!/bin/sh\necho '${mark}' > /dev/ttyS0\n`
const wrote = (id: string) => readFileSync(machinePlaces(places, id).console, 'latin1').includes(mark)

/** Ticks of CPU, a hundredth of a second each, that the machines' processes have used. */
const ticks = () =>
  status(places.dir).machines.reduce((sum, { instance }) => {
    const { pid } = JSON.parse(readFileSync(machinePlaces(places, instance).process, 'utf8')) as { pid: number }
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return sum + Number(fields[11]) + Number(fields[12])
  }, 0)

try {
  const kind = accelerator(process.env.KUBE_LOCAL_ACCEL)
  tell('this computer', `${availableParallelism()} CPUs, ${kind}`)
  console.log(cpus()[0]?.model)
  const built = await seconds(() => prepare(env, line => console.log(`  ${line}`)))
  tell('image build', `${built} s`)
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const cache = join(imageCache(process.env), '..')
  const { endpoint } = await startLocalAws({ folder: places.dir, cache, machines: true }, 'us-west-2', console.log)
  await startMachines({ dir: places.dir, endpoint, env, outside: false })
  const lab = await makeLab(endpoint, `${key}.pub`)
  const group = await lab.group('all')
  const boot = async (count: number) => {
    const ids = await Promise.all(Array.from({ length: count }, (_, at) => lab.launch(`m${at}`, userData, [group])))
    await until('user data ran', 900, () => ids.every(wrote))
    return ids
  }
  let ids: string[] = []
  const one = await seconds(async () => {
    ids = await boot(1)
  })
  tell('boot to user data, one machine', `${one} s`)
  await lab.api.send(new TerminateInstancesCommand({ InstanceIds: ids }))
  await until('it is gone', 240, () => status(places.dir).machines.length === 0)
  const three = await seconds(async () => {
    ids = await boot(3)
  })
  tell('boot to user data, three machines at once', `${three} s`)
  await until('all are ready', 900, () => status(places.dir).machines.every(machine => machine.stage === 'ready'))
  // What a boot leaves to be done later is done within a minute or two; what is measured is what comes after.
  await sleep(120_000)
  tell(
    'resident memory of each',
    `${status(places.dir)
      .machines.map(one => one.residentMiB)
      .join(', ')} MiB`,
  )
  const [before, began] = [ticks(), performance.now()]
  await sleep(60_000)
  const share = (ticks() - before) / ((performance.now() - began) / 1000)
  tell('idle, three machines together', `${share.toFixed(0)} % of one CPU`)
} finally {
  await stopMachines(places.dir)
  await stopLocalAws(places.dir)
  rmSync(folder, { recursive: true, force: true })
}
