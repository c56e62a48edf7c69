import type { Cluster } from './cluster.ts'
import { preflight, type Site } from './preflight.ts'
import { releaseFiles } from './release-files.ts'
import { type Bucket, ensureBucket } from './resources/bucket.ts'
import { connectMaster } from './resources/connect-master.ts'
import { ensureIam } from './resources/iam.ts'
import { ensureIdentity, existingIdentity } from './resources/identity.ts'
import { ensureInternetGateway } from './resources/internet-gateway.ts'
import { ensureKeyPair } from './resources/key-pair.ts'
import { ensureMaster, existingMaster } from './resources/master.ts'
import { ensureMasterAddress } from './resources/master-address.ts'
import { ensureMasterVolume } from './resources/master-volume.ts'
import { ensureNodes } from './resources/nodes.ts'
import { ensureRouteTable } from './resources/route-table.ts'
import { ensureSecurityGroups } from './resources/security-groups.ts'
import { stageFiles } from './resources/staged-files.ts'
import { ensureSubnet } from './resources/subnet.ts'
import { ensureHostNames, ensureVpc } from './resources/vpc.ts'
import { type Ensured, together } from './steps.ts'
import { masterSettings, toldNow } from './told.ts'
import { userData } from './user-data.ts'

/** What stands when kube-up is through. */
export type Up = Awaited<ReturnType<typeof up>>

/**
 * The story. Each line finds or creates one thing; what a line needs is what earlier lines returned, so the order is
 * checked by the compiler. Lines that do not need each other run side by side.
 */
export async function up(cluster: Cluster) {
  const site = await preflight(cluster)

  const made = ensureBucket(cluster) // 1
  // Whoever finds the cluster's name taken may not be alone.
  if (!site.iam.isNew) cluster.turns.where = made
  const kept = whatTheMasterKeeps(cluster) // 9
  const [{ release, admin, profiles }, keyPair, { vpc, subnet, table, groups }, { volume, address, existing }] =
    await together([
      releaseIdentityAndRoles(cluster, site, made, kept), // 1, 2
      ensureKeyPair(cluster), //                       3
      network(cluster, site), //                       4 to 8
      kept,
    ])

  const launchMaster = async () => {
    if (existing) return existing
    const data = userData(cluster, 'master', release, { volume: volume.id, masterAddress: address.ip })
    const launch = { image: site.masterImage, profile: profiles.master, keyPair, group: groups.master, userData: data }
    return ensureMaster(cluster, subnet, launch)
  }
  // The master before the nodes, or one of them could be given its address.
  const master = await launchMaster() // 10
  const data = userData(cluster, 'minion', release, { masterInternalIp: master.ip })
  const launch = { image: site.nodeImage, profile: profiles.minion, keyPair, group: groups.minion, userData: data }
  const agreed = master.isNew ? Promise.resolve(toldNow(cluster.config)) : masterSettings(cluster, master)
  const [told, nodes] = await together([
    agreed,
    ensureNodes(cluster, subnet, launch, agreed), // 11
    volume && address && connectMaster(cluster, master, { volume, address, table }),
  ])

  // A master of another zone's kube-up has an address that only EC2 knows here.
  const publicIp = address?.ip ?? master.publicIp ?? master.ip
  return { site, bucket: release.bucket, admin, publicIp, vpc, subnet, groups, volume, address, master, told, nodes }
}

/** The roles name the bucket, and the machines fetch the release and who they are from it. The certificates name the address. */
async function releaseIdentityAndRoles(
  cluster: Cluster,
  site: Site,
  made: Promise<Ensured<Bucket>>,
  kept: ReturnType<typeof whatTheMasterKeeps>,
) {
  const identity = async (bucket: Ensured<Bucket>) => {
    const { address } = await kept
    if (!address) return existingIdentity(cluster, bucket)
    return ensureIdentity(cluster, bucket, { publicIp: address.ip, internalIp: cluster.config.MASTER_INTERNAL_IP })
  }
  const [bucket, files, admin, profiles] = await together([
    made,
    stageFiles(cluster, made, () => releaseFiles(cluster, site.given)),
    made.then(identity),
    made.then(bucket => ensureIam(cluster, site, bucket)),
  ])
  return { release: { bucket, files }, admin, profiles }
}

async function network(cluster: Cluster, site: Site) {
  const vpc = await ensureVpc(cluster)
  const [, subnet, gateway, groups] = await together([
    ensureHostNames(cluster, vpc),
    ensureSubnet(cluster, vpc),
    ensureInternetGateway(cluster, vpc),
    ensureSecurityGroups(cluster, site, vpc),
  ])
  const table = await ensureRouteTable(cluster, vpc, subnet, gateway)
  return { vpc, subnet, table, groups }
}

/** The volume and the address outlive the master. A cluster whose master runs elsewhere has them, and it, already. */
async function whatTheMasterKeeps(cluster: Cluster) {
  if (cluster.config.KUBE_USE_EXISTING_MASTER) return { existing: await existingMaster(cluster) }
  const [volume, address] = await together([ensureMasterVolume(cluster), ensureMasterAddress(cluster)])
  return { volume, address }
}
