import type { InternetGateway } from '@aws-sdk/client-ec2'
import { isDuplicate, orNothing } from '../aws-errors.ts'
import { bornAs, type Cluster, isOurs, ours } from '../cluster.ts'
import { type Ensured, ensure, letGo, only } from '../steps.ts'
import { whatBlocks } from '../what-blocks.ts'
import type { Vpc } from './vpc.ts'

export interface Gateway {
  readonly id: string
  readonly attachedTo: string | undefined
  /** It was there with the user's VPC: used, and never deleted. */
  readonly shared: boolean
}

/** The VPC's door to the internet: without it no machine can be reached, and none can fetch anything. */
export const ensureInternetGateway = (cluster: Cluster, vpc: Ensured<Vpc>): Promise<Ensured<Gateway>> =>
  ensure(cluster, 'internet gateway', {
    hasNoName: true,
    find: () => findGateway(cluster, vpc),
    create: async () => {
      const { InternetGateway } = await cluster.ec2.createInternetGateway({
        TagSpecifications: bornAs(cluster, 'internet-gateway', `${cluster.name}-gateway`),
      })
      return toGateway(InternetGateway, false)
    },
    repair: async gateway => {
      if (gateway.attachedTo !== vpc.id) await attach(cluster, gateway.id, vpc.id)
    },
  })

/** "Already" may mean this VPC, when the first answer was lost, or another one. */
async function attach(cluster: Cluster, InternetGatewayId: string, VpcId: string): Promise<void> {
  try {
    await cluster.ec2.attachInternetGateway({ InternetGatewayId, VpcId })
  } catch (error) {
    if (!isDuplicate(error) || !(await attachments(cluster, InternetGatewayId)).includes(VpcId)) throw error
  }
}

/** A VPC has one gateway at most, so a user's VPC that has one lends it. Ours is looked for by tag: it may not be attached yet. */
async function findGateway(cluster: Cluster, vpc: Ensured<Vpc>): Promise<Gateway | undefined> {
  const ofTheVpc = vpc.shared ? await gateways(cluster, { Name: 'attachment.vpc-id', Values: [vpc.id] }) : []
  const mine = ofTheVpc.length > 0 ? ofTheVpc : await gateways(cluster, ours(cluster))
  const gateway = only(mine, 'internet gateways', one => one.InternetGatewayId)
  return gateway && toGateway(gateway, !isOurs(cluster, gateway.Tags))
}

const gateways = async (cluster: Cluster, filter: { Name: string; Values: string[] }) =>
  (await cluster.ec2.describeInternetGateways({ Filters: [filter] })).InternetGateways ?? []

const toGateway = (gateway: InternetGateway | undefined, shared: boolean): Gateway => ({
  id: gateway?.InternetGatewayId ?? '',
  attachedTo: gateway?.Attachments?.[0]?.VpcId,
  shared,
})

/** AWS refuses to detach while public addresses are mapped in the VPC, which ends a little after its machines. */
export const deleteInternetGateways = (
  cluster: Cluster,
  ids: readonly string[],
  vpcs: readonly string[],
): Promise<void> =>
  cluster.journal.step('internet gateway', async step => {
    step.id = ids.join(', ')
    for (const InternetGatewayId of ids) {
      const attachedTo = vpcs.length > 0 ? vpcs : await attachments(cluster, InternetGatewayId)
      for (const VpcId of attachedTo)
        await letGo(
          cluster,
          `the attachment to ${VpcId}`,
          () => cluster.ec2.detachInternetGateway({ InternetGatewayId, VpcId }),
          () => whatBlocks(cluster, VpcId),
        )
      await orNothing(cluster.ec2.deleteInternetGateway({ InternetGatewayId }))
    }
    step.outcome = 'deleted'
  })

/** In a VPC of the user's, only the gateway itself knows where it is attached. */
const attachments = async (cluster: Cluster, id: string) => {
  const answer = await orNothing(cluster.ec2.describeInternetGateways({ InternetGatewayIds: [id] }))
  return answer?.InternetGateways?.[0]?.Attachments?.map(({ VpcId = '' }) => VpcId) ?? []
}
