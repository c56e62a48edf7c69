import type { Config } from '../aws/config-default.ts'
import type { Architecture } from '../aws/images.ts'
import type { ImageName } from './pins.ts'

/** Where something runs: on every machine, for the master is a node too, or on the master alone. */
export type Place = 'node' | 'control-plane'

/** Something that machines run, with all it consists of; kept and packed by itself, so that nobody fetches what was not asked for. */
export interface Part {
  readonly name: string
  readonly on: Place
  /** Of the server tarball's `kubernetes/server/bin`. */
  readonly kubernetes?: readonly string[]
  /** Programs that the machine itself runs. */
  readonly bin?: readonly string[]
  readonly cni?: readonly string[]
  readonly images?: readonly ImageName[]
  readonly salt?: true
  /** Why it cannot be built from source, and comes from its project alone. */
  readonly unbuildable?: string
  /** Left out, every cluster has it. */
  readonly wanted?: (config: Config) => boolean
}

/** All that the machines run. A new addon is a line here. */
export const parts: readonly Part[] = [
  { name: 'kubernetes-node', on: 'node', kubernetes: ['kubelet', 'kube-proxy'] },
  {
    name: 'containerd',
    on: 'node',
    bin: ['containerd', 'containerd-shim-runc-v2', 'ctr', 'runc', 'crictl'],
    cni: ['bridge', 'host-local', 'loopback', 'portmap', 'ptp'],
    images: ['pause'],
  },
  { name: 'salt', on: 'node', salt: true },
  {
    name: 'kubernetes-control-plane',
    on: 'control-plane',
    kubernetes: ['kubectl', 'kube-apiserver.tar', 'kube-controller-manager.tar', 'kube-scheduler.tar'],
  },
  { name: 'etcd', on: 'control-plane', bin: ['etcd', 'etcdctl'] },
  { name: 'cloud-controller-manager', on: 'control-plane', images: ['cloud-controller-manager'] },
  { name: 'coredns', on: 'control-plane', images: ['coredns'], wanted: c => c.KUBE_ENABLE_CLUSTER_DNS },
  {
    name: 'metrics-server',
    on: 'control-plane',
    images: ['metrics-server'],
    wanted: c => c.KUBE_ENABLE_CLUSTER_MONITORING === 'metrics-server',
  },
  {
    name: 'ebs-csi-node',
    on: 'node',
    images: ['aws-ebs-csi-driver', 'csi-node-driver-registrar'],
    wanted: c => c.KUBE_ENABLE_DEFAULT_STORAGE_CLASS,
  },
  {
    name: 'ebs-csi-controller',
    on: 'control-plane',
    images: ['csi-provisioner', 'csi-attacher'],
    wanted: c => c.KUBE_ENABLE_DEFAULT_STORAGE_CLASS,
  },
  {
    name: 'cluster-autoscaler',
    on: 'control-plane',
    images: ['cluster-autoscaler'],
    unbuildable:
      "KUBE_ENABLE_CLUSTER_AUTOSCALER=true needs the official downloads, for Go's module proxy does not have the cluster autoscaler; leave it out, or use a computer that reaches them.",
    wanted: c => c.KUBE_ENABLE_CLUSTER_AUTOSCALER,
  },
]

/** What these settings ask for. */
export const wantedParts = (config: Config): Part[] => parts.filter(({ wanted }) => wanted?.(config) ?? true)

/** A part for one architecture. */
export interface Piece {
  readonly part: Part
  readonly arch: Architecture
}

/** The file that a piece is kept in. */
export const fileOf = ({ part, arch }: Piece): string => `${part.name}-linux-${arch}.tar.gz`
