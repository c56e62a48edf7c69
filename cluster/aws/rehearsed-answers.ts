/** What an SDK call takes. Each has a type of its own; here are the fields of any of them that a plan looks at. */
export interface Input {
  readonly [field: string]: unknown
  readonly CidrBlock?: string
  readonly KeyName?: string
  readonly LaunchTemplateName?: string
  readonly AutoScalingGroupName?: string
  readonly AutoScalingGroupNames?: readonly string[]
  readonly DesiredCapacity?: number
  readonly InstanceIds?: readonly string[]
  readonly NetworkInterfaces?: readonly { readonly PrivateIpAddress?: string }[]
  readonly TagSpecifications?: readonly { readonly Tags?: readonly { Key?: string; Value?: string }[] }[]
}

/** The id that something gets in a plan: its kind's prefix, and its name. No real id has parentheses. */
export const plannedId = (prefix: string, name = 'planned'): string => `${prefix}-(${name})`

/** Whether any text in it is, or holds, an id that is only planned. */
export function isPlanned(value: unknown): boolean {
  if (typeof value === 'string') return /\(.+\)/.test(value)
  if (value instanceof Uint8Array) return false
  return typeof value === 'object' && value !== null && Object.values(value).some(isPlanned)
}

/** The name that a creating call gives in its tags. */
const nameOf = ({ TagSpecifications }: Input): string =>
  TagSpecifications?.[0]?.Tags?.find(tag => tag.Key === 'Name')?.Value ?? 'planned'

const id = (prefix: string, input: Input) => plannedId(prefix, nameOf(input))

/** What AWS would answer to what changes something, as far as anyone reads the answer. An action that is not here is answered with nothing. */
export const answers: Readonly<Record<string, (input: Input) => object>> = {
  CreateRole: input => ({ Role: { ...input } }),
  CreateVpc: input => ({ Vpc: { VpcId: id('vpc', input), CidrBlock: input.CidrBlock } }),
  CreateSubnet: input => ({ Subnet: { SubnetId: id('subnet', input) } }),
  CreateInternetGateway: input => ({ InternetGateway: { InternetGatewayId: id('igw', input) } }),
  CreateRouteTable: input => ({ RouteTable: { RouteTableId: id('rtb', input) } }),
  CreateSecurityGroup: input => ({ GroupId: id('sg', input) }),
  CreateVolume: input => ({ VolumeId: id('vol', input) }),
  AllocateAddress: input => ({ AllocationId: id('eipalloc', input), PublicIp: `(${nameOf(input)})` }),
  ImportKeyPair: input => ({ KeyPairId: plannedId('key', input.KeyName) }),
  CreateLaunchTemplate: input => ({
    LaunchTemplate: { LaunchTemplateId: plannedId('lt', input.LaunchTemplateName) },
  }),
  RunInstances: input => ({
    Instances: [
      {
        InstanceId: id('i', input),
        State: { Name: 'pending' },
        PrivateIpAddress: input.NetworkInterfaces?.[0]?.PrivateIpAddress,
        SourceDestCheck: true,
      },
    ],
  }),
  CreateMultipartUpload: () => ({ UploadId: '(upload)' }),
  UploadPart: () => ({ ETag: '"(part)"' }),
  CompleteMultipartUpload: () => ({ ETag: '"(whole)"' }),
  PutObject: () => ({ ETag: '"(whole)"' }),
}
