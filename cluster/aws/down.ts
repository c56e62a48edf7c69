import { alive } from './alive.ts'
import type { Cluster } from './cluster.ts'
import { deleteLoadBalancers } from './load-balancers.ts'
import type { Owned } from './owned.ts'
import { deleteBucket } from './resources/bucket-contents.ts'
import { deleteGroups } from './resources/group.ts'
import { deleteIam } from './resources/iam.ts'
import { terminateInstances } from './resources/instances.ts'
import { deleteInternetGateways } from './resources/internet-gateway.ts'
import { deleteKeyPairs } from './resources/key-pair.ts'
import { deleteLaunchConfigurations } from './resources/launch-configuration.ts'
import { deleteLaunchTemplates } from './resources/launch-template.ts'
import { releaseAddresses } from './resources/master-address.ts'
import { deleteVolumes } from './resources/master-volume.ts'
import { deleteNetworkInterfaces } from './resources/network-interfaces.ts'
import { deleteRouteTables, forgetRoutes } from './resources/route-table.ts'
import { deleteSecurityGroups } from './resources/security-groups.ts'
import { deleteSubnets } from './resources/subnet.ts'
import { deleteVpcs } from './resources/vpc.ts'
import { unshare } from './shared.ts'
import { together } from './steps.ts'

type Deletion = (cluster: Cluster, ids: readonly string[]) => Promise<void>

/**
 * The story backwards: up.ts read from its last line to its first. A line whose things are not there is passed over, so
 * it works after any crash and when run twice. Throws the first failure, after all that could go has gone.
 */
export async function down(cluster: Cluster, owned: Owned): Promise<void> {
  const some = async (ids: readonly string[], deletion: Deletion) => ids.length > 0 && deletion(cluster, ids)
  const all = (kind: string, deletion: Deletion) => some(owned.of(kind), deletion)
  const vpcs = owned.of('vpc')

  await some(owned.groups, deleteGroups) //                                                     11
  await together([
    all('launch-template', deleteLaunchTemplates),
    some(owned.configurations, deleteLaunchConfigurations),
    all('instance', terminateInstances), //                                                   10
  ])
  // What machines take along when they go is not ours to delete, so what is left is asked for again.
  const mayStay = owned.ec2.filter(({ kind }) => kind === 'volume' || kind === 'network-interface')
  const stayed = await cluster.journal.step('what stayed', () => alive(cluster, mayStay))
  const left = (kind: string) => stayed.filter(one => one.kind === kind).map(one => one.id)
  await together([
    network(),
    all('elastic-ip', releaseAddresses), //                                                    9
    some(left('volume'), deleteVolumes),
    all('key-pair', deleteKeyPairs), //                                                        3
    owned.iam.roles.length + owned.iam.profiles.length > 0 && deleteIam(cluster, owned.iam), // 2
    ...owned.buckets.map(bucket => deleteBucket(cluster, bucket)), //                          1
  ])

  async function network() {
    // Only now: as long as the master ran, its controllers could have made another.
    await deleteLoadBalancers(cluster, owned.balancers)
    await some(left('network-interface'), deleteNetworkInterfaces)
    await together([
      all('security-group', deleteSecurityGroups), //                                          8
      all('subnet', deleteSubnets).then(() => all('route-table', deleteRouteTables)), //    7, 5
      all('internet-gateway', (_, ids) => deleteInternetGateways(cluster, ids, vpcs)), //      6
      givenBack(),
    ])
    await all('vpc', deleteVpcs) //                                                            4
  }

  async function givenBack() {
    const tables = owned.shared.filter(id => id.startsWith('rtb-'))
    await some(tables, (_, ids) => forgetRoutes(cluster, ids, owned.of('instance')))
    await some(owned.shared, unshare)
  }
}
