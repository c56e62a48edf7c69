import type { Cluster } from './cluster.ts'
import * as sdk from './sdk.ts'
import { every } from './steps.ts'

/**
 * What still lives in a VPC, for a person to act on. A network interface is what blocks nearly every deletion, and its
 * description says whose it is (kops#9578).
 */
export async function whatBlocks(cluster: Cluster, vpcId: string): Promise<string> {
  const pages = sdk.ec2.paginateDescribeNetworkInterfaces(
    { client: cluster.ec2 },
    { Filters: [{ Name: 'vpc-id', Values: [vpcId] }] },
  )
  const interfaces = await every(pages, page => page.NetworkInterfaces)
  const lines = interfaces.map(one =>
    [one.NetworkInterfaceId, one.Status, one.Description, one.Attachment?.InstanceId ?? one.RequesterId]
      .filter(Boolean)
      .join('  '),
  )
  return lines.length > 0
    ? `Network interfaces in ${vpcId}:\n${lines.map(line => `  ${line}`).join('\n')}`
    : `No network interface is left in ${vpcId}: something else of yours uses it, such as a peering, an endpoint or a security group.`
}
