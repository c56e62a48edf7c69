import type * as ec2 from '@aws-sdk/client-ec2'
import * as sdk from '../../aws/sdk.ts'

/** Everything of one region that machines are made from, read through the same API that people use. */
export interface World {
  readonly region: string
  readonly instances: readonly ec2.Instance[]
  readonly subnets: readonly ec2.Subnet[]
  readonly vpcs: readonly ec2.Vpc[]
  readonly routeTables: readonly ec2.RouteTable[]
  readonly groups: readonly ec2.SecurityGroup[]
  readonly gateways: readonly ec2.InternetGateway[]
  readonly volumes: readonly ec2.Volume[]
  readonly dhcp: readonly ec2.DhcpOptions[]
  readonly keys: readonly ec2.KeyPairInfo[]
  readonly types: ReadonlyMap<string, { readonly cpus: number; readonly memoryMiB: number }>
}

/** moto takes any key; these reach no AWS. */
export const credentials = { accessKeyId: 'local', secretAccessKey: 'local' }

export const client = (endpoint: string, region: string) => new sdk.ec2.EC2Client({ endpoint, region, credentials })

/** Instance types do not change, so each is asked for once. */
const typesOf = (api: ec2.EC2Client) => {
  const known = new Map<string, { cpus: number; memoryMiB: number }>()
  return async (names: ReadonlySet<string>) => {
    const unknown = [...names].filter(name => !known.has(name)) as ec2._InstanceType[]
    if (unknown.length > 0) {
      const answer = await api.send(new sdk.ec2.DescribeInstanceTypesCommand({ InstanceTypes: unknown }))
      for (const { InstanceType, VCpuInfo, MemoryInfo } of answer.InstanceTypes ?? [])
        if (InstanceType)
          known.set(InstanceType, { cpus: VCpuInfo?.DefaultVCpus ?? 1, memoryMiB: MemoryInfo?.SizeInMiB ?? 1024 })
    }
    return known
  }
}

/** A region's eyes: each look() is the whole truth of that moment. */
export const watch = (api: ec2.EC2Client, region: string) => {
  const types = typesOf(api)
  return async (): Promise<World> => {
    const [instances, subnets, vpcs, routeTables, groups, gateways, volumes, dhcp, keys] = await Promise.all([
      api
        .send(new sdk.ec2.DescribeInstancesCommand({}))
        .then(a => (a.Reservations ?? []).flatMap(r => r.Instances ?? [])),
      api.send(new sdk.ec2.DescribeSubnetsCommand({})).then(a => a.Subnets ?? []),
      api.send(new sdk.ec2.DescribeVpcsCommand({})).then(a => a.Vpcs ?? []),
      api.send(new sdk.ec2.DescribeRouteTablesCommand({})).then(a => a.RouteTables ?? []),
      api.send(new sdk.ec2.DescribeSecurityGroupsCommand({})).then(a => a.SecurityGroups ?? []),
      api.send(new sdk.ec2.DescribeInternetGatewaysCommand({})).then(a => a.InternetGateways ?? []),
      api.send(new sdk.ec2.DescribeVolumesCommand({})).then(a => a.Volumes ?? []),
      api.send(new sdk.ec2.DescribeDhcpOptionsCommand({})).then(a => a.DhcpOptions ?? []),
      api.send(new sdk.ec2.DescribeKeyPairsCommand({ IncludePublicKey: true })).then(a => a.KeyPairs ?? []),
    ])
    const names = new Set(instances.flatMap(one => (one.InstanceType ? [one.InstanceType as string] : [])))
    return {
      ...{ region, instances, subnets, vpcs, routeTables, groups, gateways, volumes, dhcp, keys },
      types: await types(names),
    }
  }
}

/** Several regions as one: ids are unique, and one computer has one network. */
export const merge = (worlds: readonly World[]): World => {
  const all = <K extends keyof World>(key: K) => worlds.flatMap(world => world[key] as readonly unknown[]) as never
  return {
    region: worlds[0]?.region ?? '',
    instances: all('instances'),
    subnets: all('subnets'),
    vpcs: all('vpcs'),
    routeTables: all('routeTables'),
    groups: all('groups'),
    gateways: all('gateways'),
    volumes: all('volumes'),
    dhcp: all('dhcp'),
    keys: all('keys'),
    types: new Map(worlds.flatMap(world => [...world.types])),
  }
}
