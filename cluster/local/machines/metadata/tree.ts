import type { Subject } from './subject.ts'

type Leaf = string | undefined
export interface Tree {
  readonly [name: string]: Leaf | Tree
}

/** A machine's view of itself, as paths under /latest/. Pure; what it has not is undefined, and answers 404. */
export const tree = (subject: Subject): Tree => {
  const { instance, region, publicKey } = subject
  const zone = instance.Placement?.AvailabilityZone
  const mac = instance.NetworkInterfaces?.[0]?.MacAddress ?? ''
  return {
    'meta-data': {
      'ami-id': instance.ImageId,
      'ami-launch-index': String(instance.AmiLaunchIndex ?? 0),
      'block-device-mapping': { ami: instance.RootDeviceName, root: instance.RootDeviceName },
      hostname: instance.PrivateDnsName,
      ...(subject.profile && {
        iam: { info: profile(subject), 'security-credentials': { [subject.profile.role]: '' } },
      }),
      'instance-action': 'none',
      'instance-id': instance.InstanceId,
      'instance-life-cycle': instance.InstanceLifecycle ?? 'on-demand',
      'instance-type': instance.InstanceType,
      'local-hostname': instance.PrivateDnsName,
      'local-ipv4': instance.PrivateIpAddress,
      mac,
      network: { interfaces: { macs: { [mac]: nic(subject) } } },
      placement: { 'availability-zone': zone, region, 'availability-zone-id': subject.subnet?.AvailabilityZoneId },
      'public-hostname': instance.PublicDnsName || undefined,
      'public-ipv4': instance.PublicIpAddress,
      ...(publicKey && { 'public-keys': { '0': { 'openssh-key': publicKey } } }),
      'reservation-id': instance.ClientToken,
      'security-groups': (instance.SecurityGroups ?? []).map(group => group.GroupName).join('\n') || undefined,
      services: { domain: 'amazonaws.com', partition: 'aws' },
      ...(instance.MetadataOptions?.InstanceMetadataTags === 'enabled' && { tags: { instance: tags(subject) } }),
    },
    'user-data': subject.userData?.toString('latin1'),
    dynamic: { 'instance-identity': { document: identity(subject) } },
  }
}

const tags = ({ instance }: Subject): Tree =>
  Object.fromEntries((instance.Tags ?? []).map(({ Key, Value }) => [Key ?? '', Value ?? '']))

const profile = ({ profile }: Subject) =>
  JSON.stringify({
    Code: 'Success',
    LastUpdated: new Date().toISOString(),
    InstanceProfileArn: profile?.arn,
    InstanceProfileId: profile?.id,
  })

const nic = ({ instance, subnet, vpc, account }: Subject): Tree => ({
  'device-number': '0',
  'interface-id': instance.NetworkInterfaces?.[0]?.NetworkInterfaceId,
  'local-hostname': instance.PrivateDnsName,
  'local-ipv4s': instance.PrivateIpAddress,
  mac: instance.NetworkInterfaces?.[0]?.MacAddress,
  'owner-id': account,
  'public-hostname': instance.PublicDnsName || undefined,
  'public-ipv4s': instance.PublicIpAddress,
  'security-group-ids': (instance.SecurityGroups ?? []).map(group => group.GroupId).join('\n') || undefined,
  'subnet-id': instance.SubnetId,
  'subnet-ipv4-cidr-block': subnet?.CidrBlock,
  'vpc-id': instance.VpcId,
  'vpc-ipv4-cidr-block': vpc?.CidrBlock,
  'vpc-ipv4-cidr-blocks': vpc?.CidrBlock,
})

const identity = ({ instance, region, account }: Subject) =>
  JSON.stringify(
    {
      accountId: account,
      architecture: instance.Architecture ?? 'x86_64',
      availabilityZone: instance.Placement?.AvailabilityZone,
      imageId: instance.ImageId,
      instanceId: instance.InstanceId,
      instanceType: instance.InstanceType,
      pendingTime: instance.LaunchTime?.toISOString(),
      privateIp: instance.PrivateIpAddress,
      region,
      version: '2017-09-30',
    },
    null,
    2,
  )

/** What a path answers: a leaf's text, or a directory's names with a slash after those that lead further. */
export const lookUp = (root: Tree, path: readonly string[]): string | undefined => {
  let here: Leaf | Tree = root
  for (const name of path) {
    if (typeof here !== 'object') return undefined
    here = Object.hasOwn(here, name) ? here[name] : undefined
  }
  if (typeof here !== 'object') return here
  // EC2 lists public keys as "0=name", the one place where a listing is more than its names.
  if (path.at(-1) === 'public-keys')
    return Object.keys(here)
      .map(key => `${key}=key`)
      .join('\n')
  return Object.entries(here)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => (typeof value === 'object' ? `${name}/` : name))
    .join('\n')
}
