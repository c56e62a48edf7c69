import { existsSync } from 'node:fs'
import type * as ec2 from '@aws-sdk/client-ec2'
import * as sdk from '../../aws/sdk.ts'
import type { Image } from './image.ts'
import { launch } from './launch.ts'
import * as machine from './machine.ts'
import type { moto } from './moto.ts'
import { machinePlaces, type Places } from './places.ts'
import type { Size } from './size.ts'
import { attach, attached, inPorts } from './volumes.ts'
import { client, type World } from './world.ts'

export interface Keeping {
  readonly places: Places
  readonly endpoint: string
  readonly api: ReturnType<typeof moto>
  readonly image: Image
  readonly accelerator: 'kvm' | 'tcg'
  readonly say: (line: string) => void
  /** What each machine was last seen to have, so that nothing is asked of QEMU or moto twice. */
  readonly done: Map<string, string>
  /** What machines will take that are on their way, and have no process yet to be counted by. */
  readonly claims: Map<string, Size>
}

/** A guest under emulation needs its time to shut down, on a busy computer minutes; so does EC2. */
const patience = 180_000

/** Bring one machine to what its instance should be. Called again and again; does nothing where nothing is to do. */
export const tend = async (keeping: Keeping, world: World, instance: ec2.Instance, reboots: number) => {
  const { places, api, say } = keeping
  const id = instance.InstanceId ?? ''
  const state = instance.State?.Name
  const now = await machine.power(places, id)
  if (state === 'pending' || state === 'running') {
    if (now === 'ended') return powerOff(keeping, world, instance)
    if (now === 'off' && !(await launch(keeping, world, instance, reboots))) return
    const volumes = attached(instance, world.volumes)
    const facts = JSON.stringify([state, reboots, instance.PublicIpAddress, volumes.map(volume => volume.VolumeId)])
    if (keeping.done.get(id) === facts && now === 'on') return
    // Not until it is done again: an attempt that fails half-way leaves neither the old state nor the new one.
    keeping.done.delete(id)
    await api.report(id, world.region, {
      state: 'running',
      from: ['pending'],
      console: machinePlaces(places, id).console,
    })
    const notes = machine.readNotes(places, id)
    if (notes && notes.reboots < reboots) {
      say(`${id}: reboot`)
      machine.writeNotes(places, { ...notes, reboots })
      await machine.reboot(places, id, patience)
    }
    await attach(places, id, volumes)
    if (notes && notes.publicAddress !== instance.PublicIpAddress)
      machine.writeNotes(places, { ...notes, reboots, publicAddress: instance.PublicIpAddress })
    keeping.done.set(id, facts)
    return
  }
  keeping.done.delete(id)
  if (state === 'stopping' || state === 'stopped') {
    if (now !== 'off') await machine.halt(places, id, now === 'on' ? patience : 0)
    return api.report(id, world.region, { state: 'stopped', from: ['stopping'] })
  }
  await bury(keeping, id)
  await api.report(id, world.region, { state: 'terminated', from: ['shutting-down'] })
}

/** End a machine and take its disk away. Only volumes are worth a clean shutdown: the root disk is about to be deleted. */
export const bury = async ({ places, say }: Pick<Keeping, 'places' | 'say'>, id: string) => {
  if (!existsSync(machinePlaces(places, id).dir)) return
  const running = (await machine.power(places, id).catch(() => 'off')) === 'on'
  const volumes = running ? await inPorts(places, id).catch(() => []) : []
  await machine.halt(places, id, volumes.length > 0 ? patience : 0)
  machine.forget(places, id)
  say(`${id}: gone`)
}

/** The guest powered itself off: its shutdown behaviour says what that means, and the API does it, groups and all. */
const powerOff = async ({ endpoint, say }: Keeping, world: World, instance: ec2.Instance) => {
  const api = client(endpoint, world.region)
  const InstanceIds = [instance.InstanceId ?? '']
  const asked = { InstanceId: InstanceIds[0], Attribute: 'instanceInitiatedShutdownBehavior' as const }
  const { InstanceInitiatedShutdownBehavior: how } = await api.send(new sdk.ec2.DescribeInstanceAttributeCommand(asked))
  say(`${InstanceIds[0]}: powered itself off, so ${how?.Value ?? 'stop'}`)
  if (how?.Value === 'terminate') await api.send(new sdk.ec2.TerminateInstancesCommand({ InstanceIds }))
  else await api.send(new sdk.ec2.StopInstancesCommand({ InstanceIds }))
}
