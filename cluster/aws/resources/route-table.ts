import type { RouteTable as AwsRouteTable } from '@aws-sdk/client-ec2'
import { UserError } from '../../errors.ts'
import { isDuplicate, isInUse, orNothing, unless } from '../aws-errors.ts'
import { bornAs, type Cluster, ours } from '../cluster.ts'
import { share } from '../shared.ts'
import { type Ensured, ensure, only, remove } from '../steps.ts'
import type { Gateway } from './internet-gateway.ts'
import type { Subnet } from './subnet.ts'
import type { Vpc } from './vpc.ts'

export interface RouteTable {
  readonly id: string
  /** Whether the subnet uses it. */
  readonly associated: boolean
  readonly routes: NonNullable<AwsRouteTable['Routes']>
  /** The table of the user's subnet: gets the routes it lacks, and is never deleted. */
  readonly shared: boolean
}

const everywhere = '0.0.0.0/0'

/** Tells the subnet's traffic where to go: out through the gateway, and later to each machine for the pods it runs. */
export const ensureRouteTable = (
  cluster: Cluster,
  vpc: Ensured<Vpc>,
  subnet: Subnet,
  gateway: Gateway,
): Promise<Ensured<RouteTable>> =>
  ensure(cluster, 'route table', {
    within: vpc,
    hasNoName: true,
    find: () => (subnet.shared ? theUsersTable(cluster, vpc, subnet) : findTable(cluster, vpc, subnet)),
    create: async () => {
      const { RouteTable } = await cluster.ec2.createRouteTable({
        VpcId: vpc.id,
        TagSpecifications: bornAs(cluster, 'route-table', `${cluster.name}-routes`),
      })
      return toTable(RouteTable, subnet, false)
    },
    repair: async table => {
      if (table.shared) return requireWayOut(table, subnet)
      const mending = [ensureRoute(cluster, table, everywhere, { GatewayId: gateway.id })]
      if (!table.associated) mending.push(associate(cluster, table, subnet))
      await Promise.all(mending)
    },
  })

/** "Already" may mean this table, when the first answer was lost, or another one. */
async function associate(cluster: Cluster, table: RouteTable, subnet: Subnet): Promise<void> {
  try {
    await cluster.ec2.associateRouteTable({ RouteTableId: table.id, SubnetId: subnet.id })
  } catch (error) {
    if (!isDuplicate(error)) throw error
    const answer = await cluster.ec2.describeRouteTables({ RouteTableIds: [table.id] })
    if (!toTable(answer.RouteTables?.[0], subnet, false).associated) throw error
  }
}

/** The user's table is not given a way out: that would open every subnet that uses it. */
function requireWayOut(table: RouteTable, subnet: Subnet): void {
  if (table.routes.some(route => route.DestinationCidrBlock === everywhere)) return
  throw new UserError(
    `SUBNET_ID=${subnet.id} has no way to the internet: its route table ${table.id} has no route for ${everywhere}; add one to a gateway.`,
  )
}

/**
 * A route to the target, replacing one that leads elsewhere. The route to the network of a machine that is gone stays
 * behind as a "blackhole", so a destination that is there is not enough.
 */
export async function ensureRoute(
  cluster: Cluster,
  table: RouteTable,
  DestinationCidrBlock: string,
  target: { GatewayId: string } | { InstanceId: string },
): Promise<void> {
  const there = table.routes.find(route => route.DestinationCidrBlock === DestinationCidrBlock)
  const leads = Object.entries(target).every(([key, value]) => there?.[key as 'GatewayId'] === value)
  if (there && leads && there.State !== 'blackhole') return
  const route = { RouteTableId: table.id, DestinationCidrBlock, ...target }
  if (there) await cluster.ec2.replaceRoute(route)
  else await unless(isDuplicate, cluster.ec2.createRoute(route))
}

async function findTable(cluster: Cluster, vpc: Vpc, subnet: Subnet): Promise<RouteTable | undefined> {
  const tables = await describe(cluster, vpc, ours(cluster))
  const table = only(tables, 'route tables', one => one.RouteTableId)
  return table && toTable(table, subnet, false)
}

/** The table that the user's subnet is associated with, else the VPC's main one. */
async function theUsersTable(cluster: Cluster, vpc: Vpc, subnet: Subnet): Promise<RouteTable | undefined> {
  const tables = await describe(cluster, vpc)
  const uses = (table: AwsRouteTable) => table.Associations?.some(one => one.SubnetId === subnet.id)
  const table = tables.find(uses) ?? tables.find(one => one.Associations?.some(association => association.Main))
  if (table) await share(cluster, table.RouteTableId ?? '', table.Tags)
  return table && toTable(table, subnet, true)
}

const describe = async (cluster: Cluster, vpc: Vpc, ...filters: { Name: string; Values: string[] }[]) =>
  (await cluster.ec2.describeRouteTables({ Filters: [{ Name: 'vpc-id', Values: [vpc.id] }, ...filters] }))
    .RouteTables ?? []

const toTable = (table: AwsRouteTable | undefined, subnet: Subnet, shared: boolean): RouteTable => ({
  id: table?.RouteTableId ?? '',
  associated: table?.Associations?.some(one => one.SubnetId === subnet.id) ?? false,
  routes: table?.Routes ?? [],
  shared,
})

/** A table's association goes with its subnet on AWS; where one is left, it is taken off first. */
export const deleteRouteTables = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  remove(cluster, 'route table', ids, async RouteTableId => {
    try {
      await cluster.ec2.deleteRouteTable({ RouteTableId })
    } catch (error) {
      if (isInUse(error)) await disassociate(cluster, RouteTableId)
      throw error
    }
  })

async function disassociate(cluster: Cluster, id: string): Promise<void> {
  const answer = await orNothing(cluster.ec2.describeRouteTables({ RouteTableIds: [id] }))
  const associations = answer?.RouteTables?.[0]?.Associations ?? []
  await Promise.all(
    associations.map(({ RouteTableAssociationId: AssociationId }) =>
      orNothing(cluster.ec2.disassociateRouteTable({ AssociationId })),
    ),
  )
}

/**
 * Takes out of the user's tables what led to the cluster's machines, for its pods: routes to one of them, and those that
 * lead nowhere since their machine is gone.
 */
export const forgetRoutes = (cluster: Cluster, ids: readonly string[], instances: readonly string[]): Promise<void> =>
  cluster.journal.step('routes', async step => {
    step.id = ids.join(', ')
    const answer = await orNothing(cluster.ec2.describeRouteTables({ RouteTableIds: [...ids] }))
    for (const { RouteTableId, Routes = [] } of answer?.RouteTables ?? [])
      for (const { DestinationCidrBlock, InstanceId, NetworkInterfaceId, State } of Routes) {
        const toAMachine = InstanceId !== undefined || NetworkInterfaceId !== undefined
        const ours = instances.includes(InstanceId ?? '') || (toAMachine && State === 'blackhole')
        if (ours && DestinationCidrBlock)
          await orNothing(cluster.ec2.deleteRoute({ RouteTableId, DestinationCidrBlock }))
      }
    step.outcome = 'yours, kept'
  })
