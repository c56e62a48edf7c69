import { closeSync, existsSync, ftruncateSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Instance, Volume } from '@aws-sdk/client-ec2'
import { machinePlaces, type Places } from './places.ts'
import { ports, serial } from './qemu.ts'
import { Qmp } from './qmp.ts'

/** The volume an instance boots from. Its content is the machine's own disk, not a file of its own. */
export const rootVolume = (instance: Instance) => {
  const disks = instance.BlockDeviceMappings ?? []
  return (disks.find(disk => disk.DeviceName === instance.RootDeviceName) ?? disks[0])?.Ebs?.VolumeId
}

/** The volumes an instance should see beside its root. moto gives every instance of a group a spare /dev/sda1: not that. */
export const attached = (instance: Instance, volumes: readonly Volume[]) =>
  (instance.BlockDeviceMappings ?? [])
    .filter(disk => disk.Ebs?.VolumeId !== rootVolume(instance) && disk.DeviceName !== '/dev/sda1')
    .flatMap(disk => volumes.filter(volume => volume.VolumeId === disk.Ebs?.VolumeId))

/** Raw and sparse: a volume takes the room of what is written to it. Made when it is first attached. */
const file = (places: Places, volume: Volume) => {
  mkdirSync(places.volumes, { recursive: true })
  const path = join(places.volumes, `${volume.VolumeId}.raw`)
  if (!existsSync(path)) {
    const handle = openSync(path, 'wx', 0o600)
    ftruncateSync(handle, (volume.Size ?? 1) * 2 ** 30)
    closeSync(handle)
  }
  return path
}

/** Our devices in a running machine: volumes by their serial, each with the port it is in. */
const plugged = async (qmp: Qmp) => {
  const names = (await qmp.execute<{ name: string }[]>('qom-list', { path: '/machine/peripheral' })).map(
    one => one.name,
  )
  const found = new Map<string, string>()
  for (const name of names.filter(name => name.startsWith('vol'))) {
    const bus = await qmp.execute<string>('qom-get', { path: `/machine/peripheral/${name}`, property: 'parent_bus' })
    found.set(name, ports.find(port => bus.split('/').includes(port)) ?? bus)
  }
  return found
}

/** The volumes whose files QEMU has open, plugged in or not. */
const opened = async (qmp: Qmp) =>
  (await qmp.execute<{ 'node-name': string }[]>('query-named-block-nodes', { flat: true }))
    .map(node => node['node-name'])
    .filter(name => name.startsWith('vol'))

const plug = async (qmp: Qmp, volume: Volume, path: string, port: string) => {
  const id = serial(volume.VolumeId ?? '')
  // A crash of ours between the two commands leaves the first one done.
  if (!(await opened(qmp)).includes(id))
    await qmp.execute('blockdev-add', {
      'node-name': id,
      driver: 'raw',
      discard: 'unmap',
      cache: { 'no-flush': true },
      file: { driver: 'file', filename: path, discard: 'unmap' },
    })
  await qmp.execute('device_add', { driver: 'nvme', id, serial: id, drive: id, bus: port })
}

/**
 * The guest has to let go of a device before it is gone: a running system does so in a second, a booting one later. QEMU
 * itself needs a moment more until the file behind it is free.
 */
const unplug = async (qmp: Qmp, id: string, patienceMs: number) => {
  await qmp.execute('device_del', { id })
  const until = performance.now() + patienceMs
  for (;;) {
    const held = (await plugged(qmp)).has(id)
    const freed = !held && (await qmp.execute('blockdev-del', { 'node-name': id }).catch(error => error as Error))
    if (!held && !(freed instanceof Error)) return
    if (performance.now() > until) throw freed instanceof Error ? freed : new Error(`The guest still holds ${id}.`)
    await sleep(200)
  }
}

/** Make a running machine have just these volumes. */
export const attach = (places: Places, instance: string, volumes: readonly Volume[]) =>
  Qmp.talk(
    machinePlaces(places, instance).monitor,
    async qmp => {
      const wanted = new Map(volumes.map(volume => [serial(volume.VolumeId ?? ''), volume]))
      const have = await plugged(qmp)
      for (const id of have.keys()) if (!wanted.has(id)) await unplug(qmp, id, 20_000)
      // A guest may let go after our patience has ended: the file is then still held, and no other machine can have it.
      for (const id of await opened(qmp))
        if (!wanted.has(id) && !(await plugged(qmp)).has(id)) await qmp.execute('blockdev-del', { 'node-name': id })
      for (const [id, volume] of wanted) {
        if (have.has(id)) continue
        const taken = new Set((await plugged(qmp)).values())
        const port = ports.find(one => !taken.has(one))
        if (!port) throw new Error(`${instance} has ${ports.length} volumes already, and room for no more.`)
        await plug(qmp, volume, file(places, volume), port)
      }
    },
    30_000,
  )

/** Which volumes a machine really has in its ports. */
export const inPorts = (places: Places, instance: string) =>
  Qmp.talk(machinePlaces(places, instance).monitor, async qmp => [...(await plugged(qmp)).keys()])

/** A deleted volume's file goes with it. */
export const sweep = (places: Places, known: readonly Volume[]) => {
  if (!existsSync(places.volumes)) return
  const keep = new Set(known.map(volume => `${volume.VolumeId}.raw`))
  for (const name of readdirSync(places.volumes))
    if (!keep.has(name)) rmSync(join(places.volumes, name), { force: true })
}
