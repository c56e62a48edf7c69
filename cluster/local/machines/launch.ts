import type { Instance } from '@aws-sdk/client-ec2'
import type { Keeping } from './keeper.ts'
import * as machine from './machine.ts'
import { tapOf, unreachable } from './network/nics.ts'
import { noRoom } from './room.ts'
import { bounded, host, type Size } from './size.ts'
import { rootVolume } from './volumes.ts'
import type { World } from './world.ts'

/** A machine for an instance that has none: booted, or refused where it cannot be. @returns whether there is one now. */
export const launch = async (keeping: Keeping, world: World, instance: Instance, reboots: number) => {
  const { places, claims } = keeping
  const id = instance.InstanceId ?? ''
  const size = sizeOf(world, instance)
  const why = unreachable(world, instance) ?? noRoom(places, [size], claims)
  if (why) {
    await refuse(keeping, world, instance, why)
    return false
  }
  // Machines start side by side, and one that is on its way has no process yet that the next one would see.
  claims.set(id, size)
  try {
    await boot(keeping, world, instance, reboots, size)
    return true
  } finally {
    claims.delete(id)
  }
}

const boot = async (keeping: Keeping, world: World, instance: Instance, reboots: number, size: Size) => {
  const { places, image, accelerator, say } = keeping
  const id = instance.InstanceId ?? ''
  const root = rootVolume(instance) ?? ''
  const disk = Math.max(world.volumes.find(volume => volume.VolumeId === root)?.Size ?? 8, 4)
  machine.writeNotes(places, {
    instance: id,
    region: world.region,
    type: String(instance.InstanceType),
    address: instance.PrivateIpAddress ?? '',
    publicAddress: instance.PublicIpAddress,
    name: instance.Tags?.find(tag => tag.Key === 'Name')?.Value,
    ...size,
    started: new Date().toISOString(),
    reboots,
  })
  const mac = instance.NetworkInterfaces?.[0]?.MacAddress ?? ''
  const { kernel, initrd } = image
  const hardware = { instance: id, rootVolume: root, mac, tap: tapOf(id), size, accelerator, kernel, initrd }
  say(`${id}: boots with ${size.cpus} CPUs and ${size.memoryMiB} MiB (${accelerator})`)
  await machine.boot(places, hardware, image.disk, disk)
}

const sizeOf = (world: World, instance: Instance) =>
  bounded(world.types.get(String(instance.InstanceType)) ?? { cpus: 1, memoryMiB: 1024 }, host())

const refuse = async ({ api, say }: Keeping, world: World, instance: Instance, why: string) => {
  say(`${instance.InstanceId}: refused. ${why}`)
  const reason = `Server.InsufficientInstanceCapacity: ${why}`
  await api.report(instance.InstanceId ?? '', world.region, { state: 'terminated', reason })
}
