import { existsSync, readdirSync } from 'node:fs'
import * as sdk from '../../aws/sdk.ts'
import { UserError } from '../../errors.ts'
import { readNotes } from './machine.ts'
import { machinePlaces, type Places, places as placesOf } from './places.ts'
import { recall } from './processes.ts'
import { resident } from './resident.ts'
import { host, refusal, type Size } from './size.ts'
import { client } from './world.ts'

/**
 * Why machines of these sizes cannot run beside those that run already, or nothing. What runs counts with all the memory it
 * may grow to; what it holds of it now is not free, but is its own.
 * @param claims machines that are on their way, whether they have a process already or not.
 */
export const noRoom = (
  places: Places,
  more: readonly Size[],
  claims: ReadonlyMap<string, Size> = new Map(),
): string | undefined => {
  const known = existsSync(places.machines) ? readdirSync(places.machines) : []
  const running = known.filter(id => !claims.has(id) && recall(machinePlaces(places, id).process))
  const held = running.reduce((sum, id) => sum + resident(places, id), 0)
  const here = host()
  const sizes = running.flatMap(id => readNotes(places, id) ?? [])
  return refusal([...sizes, ...claims.values(), ...more], { ...here, freeMiB: here.freeMiB + held })
}

export interface Wish {
  readonly dir: string
  readonly endpoint: string
  readonly region: string
  /** The cluster, as its machines' KubernetesCluster tag says it. */
  readonly cluster: string
  /** The instance type of each machine that the cluster is to have. */
  readonly types: readonly string[]
}

/** To be asked before anything is created. Machines that the cluster has already are not counted twice. @throws UserError when it does not fit. */
export const requireRoom = async ({ dir, endpoint, region, cluster, types }: Wish) => {
  const api = client(endpoint, region)
  const there = await api.send(
    new sdk.ec2.DescribeInstancesCommand({
      Filters: [
        { Name: 'tag:KubernetesCluster', Values: [cluster] },
        { Name: 'instance-state-name', Values: ['pending', 'running'] },
      ],
    }),
  )
  const missing = [...types]
  for (const { InstanceType } of there.Reservations?.flatMap(one => one.Instances ?? []) ?? []) {
    const at = missing.indexOf(String(InstanceType))
    if (at >= 0) missing.splice(at, 1)
  }
  if (missing.length === 0) return
  // A filter, for a type that does not exist is an error otherwise, and kube-up's own preflight has better words for it.
  const asked = { Filters: [{ Name: 'instance-type', Values: [...new Set(missing)] }] }
  const { InstanceTypes = [] } = await api.send(new sdk.ec2.DescribeInstanceTypesCommand(asked))
  const sizes = missing.flatMap(name => {
    const type = InstanceTypes.find(one => one.InstanceType === name)
    return type ? [{ cpus: type.VCpuInfo?.DefaultVCpus ?? 1, memoryMiB: type.MemoryInfo?.SizeInMiB ?? 1024 }] : []
  })
  const why = noRoom(placesOf(dir), sizes)
  if (why) throw new UserError(why)
}
