import type { Cluster } from '../cluster.ts'
import { remove } from '../steps.ts'

/** A machine takes its interface along; one that stayed behind would hold its subnet and its groups. */
export const deleteNetworkInterfaces = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  remove(cluster, 'network interfaces', ids, NetworkInterfaceId =>
    cluster.ec2.deleteNetworkInterface({ NetworkInterfaceId }),
  )
