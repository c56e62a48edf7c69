import { Answer } from '../proxy.ts'
import type { Behaviour, World } from './index.ts'

/**
 * An instance profile reaches EC2 and Auto Scaling after a while, 10 to 40 seconds mostly (kops#35, terraform#15341), and
 * each refuses it until then in words of its own (karpenter#5018, karpenter#7849, kops#9606).
 */
export function profilesArriveLate({ clock, within }: World): Behaviour {
  const arrives = new Map<string, number>()
  const late = (name: string) => (arrives.get(name) ?? 0) > clock.now()
  return {
    before({ action, params }) {
      const name = params['IamInstanceProfile.Name'] ?? ''
      const refusal = `Value (${name}) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name`
      if (action === 'RunInstances' && late(name)) throw new Answer('InvalidParameterValue', refusal)
      if (/^(Create|Update)AutoScalingGroup$/.test(action) && [...arrives.keys()].some(late))
        throw new Answer('ValidationError', `You must use a valid fully-formed launch template. ${refusal}`)
    },
    after({ action, params }, { status }) {
      const { InstanceProfileName: name = '' } = params
      if (action === 'AddRoleToInstanceProfile' && status < 300 && !arrives.has(name)) arrives.set(name, within(30))
      return undefined
    },
  }
}
