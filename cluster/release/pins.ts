import pins from './pins.json' with { type: 'json' }

export type Line = (typeof pins.kubernetes)['v1.37.1']

/** The versions of Kubernetes that there are pins for, the newest first. */
export const supportedVersions = Object.keys(pins.kubernetes).reverse()

/** What a version of Kubernetes goes with. @throws when it is not one of them: the settings were checked before. */
export function lineOf(version: string): Line {
  const line = (pins.kubernetes as Record<string, Line>)[version]
  if (!line) throw new Error(`no pins for Kubernetes ${version}`)
  return line
}

/** The images that are not Kubernetes' own, by the names that the manifests use. */
export const imagesOf = ({ pause, coredns, cloudControllerManager, metricsServer, clusterAutoscaler }: Line) => ({
  pause: `registry.k8s.io/pause:${pause}`,
  coredns: `registry.k8s.io/coredns/coredns:${coredns}`,
  'cloud-controller-manager': `registry.k8s.io/provider-aws/cloud-controller-manager:${cloudControllerManager}`,
  'metrics-server': `registry.k8s.io/metrics-server/metrics-server:${metricsServer}`,
  'aws-ebs-csi-driver': `registry.k8s.io/provider-aws/aws-ebs-csi-driver:${pins.ebsCsiDriver}`,
  'csi-node-driver-registrar': `registry.k8s.io/sig-storage/csi-node-driver-registrar:${pins.csiNodeDriverRegistrar}`,
  'csi-provisioner': `registry.k8s.io/sig-storage/csi-provisioner:${pins.csiProvisioner}`,
  'cluster-autoscaler': `registry.k8s.io/autoscaling/cluster-autoscaler:${clusterAutoscaler}`,
  'csi-attacher': `registry.k8s.io/sig-storage/csi-attacher:${pins.csiAttacher}`,
})

export type ImageName = keyof ReturnType<typeof imagesOf>

/** Where a server tarball has what the machines run. */
export const serverPrograms = 'kubernetes/server/bin'

export const serverTarball = (arch: string): string => `kubernetes-server-linux-${arch}.tar.gz`
export const componentsTar = (arch: string): string => `components-linux-${arch}.tar`
export { pins }
