import { Answer } from '../proxy.ts'
import type { Behaviour, World } from './index.ts'
import { items } from './xml.ts'

/**
 * What was just made is unknown to the next calls for a while, and missing from filtered answers:
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html; as users met it: kubernetes#28045 (about every
 * other attempt), kubernetes#22106 (NoSuchBucket), kops#592. The codes are those of
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const kinds: Readonly<Record<string, { id: string; code: string }>> = {
  CreateVpc: { id: 'vpcId', code: 'InvalidVpcID.NotFound' },
  CreateSubnet: { id: 'subnetId', code: 'InvalidSubnetID.NotFound' },
  CreateInternetGateway: { id: 'internetGatewayId', code: 'InvalidInternetGatewayID.NotFound' },
  CreateRouteTable: { id: 'routeTableId', code: 'InvalidRouteTableID.NotFound' },
  CreateSecurityGroup: { id: 'groupId', code: 'InvalidGroup.NotFound' },
  RunInstances: { id: 'instanceId', code: 'InvalidInstanceID.NotFound' },
  AllocateAddress: { id: 'allocationId', code: 'InvalidAllocationID.NotFound' },
  CreateVolume: { id: 'volumeId', code: 'InvalidVolume.NotFound' },
  CreateLaunchTemplate: { id: 'launchTemplateId', code: 'InvalidLaunchTemplateId.NotFound' },
}

/** Which list shows what which call makes. */
const maker: Readonly<Record<string, string>> = {
  DescribeVpcs: 'CreateVpc',
  DescribeSubnets: 'CreateSubnet',
  DescribeInternetGateways: 'CreateInternetGateway',
  DescribeRouteTables: 'CreateRouteTable',
  DescribeSecurityGroups: 'CreateSecurityGroup',
  DescribeInstances: 'RunInstances',
  DescribeAddresses: 'AllocateAddress',
  DescribeVolumes: 'CreateVolume',
  DescribeLaunchTemplates: 'CreateLaunchTemplate',
}

export function unknownYet({ clock, within }: World): Behaviour {
  const young = new Map<string, { id: string; code: string; until: number }>()
  const unknown = (id: string) => (young.get(id)?.until ?? 0) > clock.now()
  return {
    before({ action, service, params }) {
      if (service === 's3') {
        const bucket = params.url?.split(/[/?]/)[1] ?? ''
        if (unknown(`s3 ${bucket}`) && !['CreateBucket', 'HeadBucket'].includes(action))
          throw new Answer('NoSuchBucket', 'The specified bucket does not exist', 404)
        return
      }
      if (service === 'iam') {
        if (
          /^(Put|Add)/.test(action) &&
          [params.RoleName, params.InstanceProfileName].some(name => unknown(`iam ${name}`))
        )
          throw new Answer('NoSuchEntity', `The role or profile with name ${params.RoleName} cannot be found.`, 404)
        return
      }
      for (const [key, value] of Object.entries(params)) {
        if (key.startsWith('Filter') || !unknown(value)) continue
        throw service === 'autoscaling'
          ? new Answer('ValidationError', `The specified launch template or subnet, with ID ${value}, does not exist.`)
          : new Answer(young.get(value)?.code ?? '', `The ID '${value}' does not exist`)
      }
    },
    after({ action, service, params }, answer) {
      if (answer.status >= 300) return undefined
      const kind = kinds[action]
      if (kind) {
        const id = new RegExp(`<${kind.id}>([^<]+)<`).exec(answer.body)?.[1] ?? ''
        if (!young.has(id)) young.set(id, { ...kind, until: within(4) })
      }
      if (action === 'CreateBucket')
        young.set(`s3 ${params.url?.split(/[/?]/)[1]}`, { id: '', code: '', until: within(4) })
      if (action === 'CreateRole') young.set(`iam ${params.RoleName}`, { id: '', code: '', until: within(4) })
      if (action === 'CreateInstanceProfile')
        young.set(`iam ${params.InstanceProfileName}`, { id: '', code: '', until: within(4) })
      if (service !== 'ec2' || !action.startsWith('Describe')) return undefined
      const hidden = [...young.keys()].filter(unknown)
      const own = action === 'DescribeTags' ? 'resourceId' : kinds[maker[action] ?? '']?.id
      const is = (item: string) => hidden.some(id => item.includes(`<${own}>${id}<`))
      return own ? { ...answer, body: items(answer.body, item => (is(item) ? undefined : item)) } : undefined
    },
  }
}
