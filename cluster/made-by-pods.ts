import { setTimeout as sleep } from 'node:timers/promises'
import type { V1PersistentVolume, V1Pod, V1Service } from '@kubernetes/client-node'
import { type ApiServer, apiServer, listens, unanswered } from './api-server.ts'
import type { Cluster } from './aws/cluster.ts'
import { machinesBoot } from './aws/config-default.ts'
import { inWords } from './aws/patience.ts'
import { findContext } from './kubeconfig.ts'

const seconds = 120

/**
 * Has Kubernetes itself take away what it made in AWS, load balancers and the volumes that pods asked for, while its
 * controllers still run. With a deadline, and never in the way: what is left, kube-down finds by its tag.
 * @param instances the cluster's machines: a kubeconfig may lead to another cluster of that name, which loses nothing.
 */
export async function deleteMadeByPods(cluster: Cluster, instances: readonly string[]): Promise<void> {
  if (instances.length === 0 || !machinesBoot(cluster.config)) return
  await cluster.journal.step('made by pods', async step => {
    const known = findContext(cluster.config)
    if (known && !(await listens({ ...known, proxy: cluster.proxy ?? known.proxy })))
      return passedOver(`${known.server} does not answer`)
    let api: ApiServer | undefined
    try {
      api = await apiServer(cluster)
      if (!api) return passedOver('nobody knows how to reach its API server')
      const { items } = await api.core.listNode()
      const ours = items.some(({ spec }) => instances.some(id => spec?.providerID?.endsWith(`/${id}`)))
      if (!ours) return passedOver(`none of its machines is a node of the cluster at ${api.server}`)
      const before = await find(api)
      if (namesOf(before).length === 0) return
      step.id = namesOf(before).join(', ')
      await remove(api, before)
      await gone(cluster, api)
      step.outcome = 'deleted'
    } catch (error) {
      passedOver(api ? unanswered(api, error) : (error as Error).message)
    }
  })

  function passedOver(why: string) {
    cluster.journal.note(
      `Load balancers and volumes that pods asked for are deleted without Kubernetes: ${why.replace(/\.$/, '')}.`,
    )
  }
}

interface MadeByPods {
  readonly services: readonly V1Service[]
  readonly volumes: readonly V1PersistentVolume[]
}

/** Services that have a load balancer, and volumes that go with the claims they were made for. */
async function find({ core }: ApiServer): Promise<MadeByPods> {
  const [services, volumes] = await Promise.all([core.listServiceForAllNamespaces(), core.listPersistentVolume()])
  return {
    services: services.items.filter(({ spec }) => spec?.type === 'LoadBalancer'),
    volumes: volumes.items.filter(
      ({ metadata, spec }) =>
        spec?.persistentVolumeReclaimPolicy === 'Delete' && metadata?.annotations?.['pv.kubernetes.io/provisioned-by'],
    ),
  }
}

const namesOf = ({ services, volumes }: MadeByPods): string[] => [
  ...services.map(({ metadata }) => `service ${metadata?.namespace}/${metadata?.name}`),
  ...volumes.map(({ metadata }) => `volume ${metadata?.name}`),
]

/** A claim is not let go while a pod uses it, and no pod gets it again once it is to go: so the claims first, then those pods. */
async function remove({ core }: ApiServer, { services, volumes }: MadeByPods): Promise<void> {
  const claims = volumes.flatMap(({ spec }) =>
    spec?.claimRef ? [`${spec.claimRef.namespace}/${spec.claimRef.name}`] : [],
  )
  await Promise.all([
    ...services.map(({ metadata }) => core.deleteNamespacedService(nameOf(metadata)).catch(unlessGone)),
    ...volumes.map(({ spec }) => core.deleteNamespacedPersistentVolumeClaim(nameOf(spec?.claimRef)).catch(unlessGone)),
  ])
  if (claims.length === 0) return
  const { items } = await core.listPodForAllNamespaces()
  const uses = ({ metadata, spec }: V1Pod) =>
    spec?.volumes?.some(
      ({ persistentVolumeClaim: claim }) => claim && claims.includes(`${metadata?.namespace}/${claim.claimName}`),
    )
  const now = { gracePeriodSeconds: 5 }
  await Promise.all(
    items
      .filter(uses)
      .map(({ metadata }) => core.deleteNamespacedPod({ ...nameOf(metadata), ...now }).catch(unlessGone)),
  )
}

const nameOf = (of: { name?: string; namespace?: string } = {}) => ({
  name: of.name ?? '',
  namespace: of.namespace ?? '',
})

const unlessGone = (error: unknown) => {
  if ((error as { code?: number }).code !== 404) throw error
}

async function gone(cluster: Cluster, api: ApiServer): Promise<void> {
  for (const until = performance.now() + seconds * 1000; ; await sleep(1_000 + Math.random() * 1_000)) {
    const left = namesOf(await find(api))
    if (left.length === 0) return
    cluster.journal.waiting(`${left.join(', ')} to be gone, up to ${inWords(seconds)}`)
    if (performance.now() > until)
      return cluster.journal.note(
        `Kubernetes did not delete within ${inWords(seconds)}: ${left.join(', ')}. What they have in AWS is deleted without it.`,
      )
  }
}
