import { Answer } from '../proxy.ts'
import type { Behaviour, World } from './index.ts'
import { filterOf, items } from './xml.ts'

/**
 * Machines take their time: pending, running, shutting-down, gone
 * (https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/ec2-instance-lifecycle.html). What they use is in use until a little
 * after they are gone, and is refused with DependencyViolation, VolumeInUse and InvalidIPAddress.InUse (kubernetes#21147,
 * kops#383, eksctl#1960); a group that is deleted keeps its name with its last machine (kubernetes#15088).
 */
export function slowMachines({ aws, clock, within }: World): Behaviour {
  const startsUntil = new Map<string, number>()
  const diesUntil = new Map<string, number>()
  const endsUntil = new Map<string, number>()
  const nodesComeAt = new Map<string, number>()
  let freeAt = 0
  const over = (until: number | undefined) => until !== undefined && until <= clock.now()
  const pending = (id: string) => (startsUntil.get(id) ?? 0) > clock.now()

  /** Does at last what was put off. */
  async function catchUp(): Promise<void> {
    for (const [name, until] of endsUntil) {
      if (!over(until)) continue
      endsUntil.delete(name)
      await aws.direct.autoScaling.deleteAutoScalingGroup({ AutoScalingGroupName: name, ForceDelete: true })
    }
    const gone = [...diesUntil].filter(([, until]) => over(until)).map(([id]) => id)
    for (const id of gone) diesUntil.delete(id)
    if (gone.length > 0) {
      await aws.direct.ec2.terminateInstances({ InstanceIds: gone })
      freeAt = within(6)
    }
  }

  const die = (ids: readonly string[]) => {
    for (const id of ids) if (!diesUntil.has(id)) diesUntil.set(id, within(15))
  }
  const busy = () => diesUntil.size > 0 || freeAt > clock.now()

  return {
    async before({ action, params }) {
      await catchUp()
      const { InstanceId = '', AutoScalingGroupName = '' } = params
      if (action === 'AssociateAddress' && pending(InstanceId))
        throw new Answer(
          'InvalidInstanceID',
          `The pending instance '${InstanceId}' is not in a valid state for this operation.`,
        )
      if (action === 'AttachVolume' && pending(InstanceId))
        throw new Answer('IncorrectState', `Instance '${InstanceId}' is not 'running'.`)
      if (action === 'TerminateInstances') {
        const ids = Object.keys(params)
          .filter(key => key.startsWith('InstanceId.'))
          .map(key => params[key] ?? '')
        // One unknown id, and EC2 refuses the whole call.
        await aws.direct.ec2.describeInstances({ InstanceIds: ids }).catch(error => {
          throw new Answer((error as Error).name, (error as Error).message)
        })
        die(ids)
        return {
          status: 200,
          body: `<TerminateInstancesResponse><requestId>harsh</requestId><instancesSet/></TerminateInstancesResponse>`,
        }
      }
      if (action === 'DeleteAutoScalingGroup') {
        const { AutoScalingGroups } = await aws.direct.autoScaling.describeAutoScalingGroups({
          AutoScalingGroupNames: [AutoScalingGroupName],
        })
        const group = AutoScalingGroups?.[0]
        if (!group) return undefined
        die(group.Instances?.map(one => one.InstanceId ?? '') ?? [])
        if (!endsUntil.has(AutoScalingGroupName)) endsUntil.set(AutoScalingGroupName, within(10))
        return {
          status: 200,
          body: '<DeleteAutoScalingGroupResponse><ResponseMetadata><RequestId>harsh</RequestId></ResponseMetadata></DeleteAutoScalingGroupResponse>',
        }
      }
      if (endsUntil.has(AutoScalingGroupName) && action === 'CreateAutoScalingGroup')
        throw new Answer(
          'AlreadyExists',
          'AutoScalingGroup by this name already exists - A group with the name is pending delete.',
        )
      if (busy() && ['DeleteSecurityGroup', 'DeleteSubnet', 'DetachInternetGateway', 'DeleteVpc'].includes(action))
        throw new Answer('DependencyViolation', 'resource has a dependent object')
      if (busy() && action === 'DeleteVolume')
        throw new Answer('VolumeInUse', `Volume ${params.VolumeId} is currently attached`)
      if (busy() && action === 'ReleaseAddress') throw new Answer('InvalidIPAddress.InUse', 'The address is in use.')
      return undefined
    },
    after({ action, params }, answer) {
      const { body, status } = answer
      if (status >= 300) return undefined
      if (action === 'RunInstances') {
        const id = /<instanceId>([^<]+)</.exec(body)?.[1] ?? ''
        if (!startsUntil.has(id)) startsUntil.set(id, within(15))
        return { ...answer, body: body.replace(/<code>16<\/code>\s*<name>running</, '<code>0</code><name>pending<') }
      }
      if (action === 'CreateAutoScalingGroup') nodesComeAt.set(params.AutoScalingGroupName ?? '', within(20))
      if (action === 'DescribeAutoScalingGroups') {
        let changed = body
        for (const [name, at] of nodesComeAt)
          if (at > clock.now() && body.includes(`>${name}<`)) changed = changed.replaceAll('>InService<', '>Pending<')
        for (const name of endsUntil.keys())
          changed = changed.replace(
            `<AutoScalingGroupName>${name}</AutoScalingGroupName>`,
            '$&<Status>Delete in progress</Status>',
          )
        return { ...answer, body: changed }
      }
      if (action !== 'DescribeInstances') return undefined
      const wanted = filterOf(params, 'instance-state-name')
      const state = (item: string) => {
        const id = /<instanceId>([^<]+)</.exec(item)?.[1] ?? ''
        const now = diesUntil.has(id)
          ? '<code>32</code><name>shutting-down<'
          : pending(id)
            ? '<code>0</code><name>pending<'
            : undefined
        if (!now) return item
        const name = /<name>([^<]+)</.exec(now)?.[1] ?? ''
        return wanted && !wanted.includes(name) ? undefined : item.replace(/<code>16<\/code>\s*<name>running</, now)
      }
      // Outermost are reservations; those of a group may hold several machines.
      const reservation = (item: string) => {
        const inner = items(item.slice('<item>'.length, -'</item>'.length), part =>
          part.includes('<instanceId>') ? state(part) : part,
        )
        return inner.includes('<instanceId>') ? `<item>${inner}</item>` : undefined
      }
      return { ...answer, body: items(body, reservation) }
    },
  }
}
