import { readFileSync } from 'node:fs'
import type { GoModule } from './go.ts'
import { type ImageName, type Line, lineOf, pins } from './pins.ts'

const named = (names: readonly string[], prefix: string) =>
  Object.fromEntries(names.map(name => [name.split('/').at(-1) ?? name, `${prefix}/${name}`]))

/** Kubernetes itself. A program that does not know its version says v0.0.0, and the API server and kubelet then distrust each other. */
export const kubernetes = (version: string, { commit, date }: Line): GoModule => {
  const [, major = '', minor = ''] = /^v(\d+)\.(\d+)\./.exec(version) ?? []
  const values = {
    gitVersion: version,
    gitCommit: commit,
    gitTreeState: 'clean',
    gitMajor: major,
    gitMinor: minor,
    buildDate: date,
  }
  const packages = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version']
  const stamps = packages.flatMap(path => Object.entries(values).map(([name, value]) => [`${path}.${name}`, value]))
  return {
    path: 'k8s.io/kubernetes',
    version,
    siblings: version.replace('v1.', 'v0.'),
    programs: named(
      ['kubelet', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubectl'],
      'k8s.io/kubernetes/cmd',
    ),
    stamps: Object.fromEntries(stamps),
  }
}

const containerd = 'github.com/containerd/containerd/v2'
const plugins = 'github.com/containernetworking/plugins'

export const containerdPrograms: GoModule = {
  path: containerd,
  version: `v${pins.containerd}`,
  programs: named(['containerd', 'containerd-shim-runc-v2', 'ctr'], `${containerd}/cmd`),
  stamps: { [`${containerd}/version.Version`]: pins.containerd },
  // Snapshotters that need C libraries, and that no machine of ours uses.
  tags: 'no_btrfs,no_devmapper,urfave_cli_no_docs',
}

export const cniPlugins: GoModule = {
  path: plugins,
  version: `v${pins.cni}`,
  programs: named(
    ['main/bridge', 'ipam/host-local', 'main/loopback', 'meta/portmap', 'main/ptp'],
    `${plugins}/plugins`,
  ),
  stamps: { [`${plugins}/pkg/utils/buildversion.BuildVersion`]: `v${pins.cni}` },
}

/** Its part that enters namespaces is C, and linked statically it runs on every machine. */
export const runc = (cgo: Readonly<Record<string, string>>): GoModule => ({
  path: 'github.com/opencontainers/runc',
  version: `v${pins.runc}`,
  programs: { runc: 'github.com/opencontainers/runc' },
  stamps: { 'main.version': pins.runc },
  tags: 'seccomp,netgo,osusergo',
  cgo,
})

export const etcd = ({ etcd: version }: Line): GoModule[] =>
  Object.entries({ etcd: 'go.etcd.io/etcd/server/v3', etcdctl: 'go.etcd.io/etcd/etcdctl/v3' }).map(([name, path]) => ({
    path,
    version: `v${version}`,
    siblings: `v${version}`,
    programs: { [name]: path },
  }))

interface ImageProgram {
  readonly module: GoModule
  readonly at: string
  readonly user?: string
  /** Programs of Debian's that it runs. */
  readonly runs?: readonly string[]
}

const registrar = readFileSync(new URL('csi-node-driver-registrar.go', import.meta.url), 'utf8')

/** One program of a module, from the folder that such projects have them in. */
const command = (path: string, version: string, name: string, folder = `cmd/${name}`): GoModule => ({
  path,
  version,
  programs: { [name]: `${path}/${folder}` },
})

/** The programs that run as images, each under the path it has in the official one. */
export const imagePrograms = (
  version: string,
  line = lineOf(version),
): Record<Exclude<ImageName, 'pause' | 'cluster-autoscaler'>, ImageProgram> => ({
  coredns: {
    module: {
      path: 'github.com/coredns/coredns',
      version: line.coredns,
      programs: { coredns: 'github.com/coredns/coredns' },
    },
    at: 'coredns',
  },
  'cloud-controller-manager': {
    module: {
      path: 'k8s.io/cloud-provider-aws',
      version: line.cloudControllerManager,
      programs: { 'aws-cloud-controller-manager': 'k8s.io/cloud-provider-aws/cmd/aws-cloud-controller-manager' },
      stamps: { 'k8s.io/component-base/version.gitVersion': line.cloudControllerManager },
    },
    at: 'bin/aws-cloud-controller-manager',
  },
  'metrics-server': {
    module: {
      path: 'sigs.k8s.io/metrics-server',
      version: line.metricsServer,
      programs: { 'metrics-server': 'sigs.k8s.io/metrics-server/cmd/metrics-server' },
      stamps: { 'sigs.k8s.io/metrics-server/pkg/version.gitVersion': line.metricsServer },
    },
    at: 'metrics-server',
    user: '65534:65534',
  },
  'aws-ebs-csi-driver': {
    module: {
      ...command('github.com/kubernetes-sigs/aws-ebs-csi-driver', pins.ebsCsiDriver, 'aws-ebs-csi-driver', 'cmd'),
      stamps: Object.fromEntries(
        ['driver', 'cloud'].map(name => [
          `github.com/kubernetes-sigs/aws-ebs-csi-driver/pkg/${name}.driverVersion`,
          pins.ebsCsiDriver,
        ]),
      ),
    },
    at: 'bin/aws-ebs-csi-driver',
    // What it makes file systems with, checks, mounts and grows them.
    runs: ['mkfs.ext4', 'fsck', 'fsck.ext4', 'blkid', 'blockdev', 'mount', 'umount', 'resize2fs', 'dumpe2fs'],
  },
  // The project's own cannot be built of what the module proxy has; this one knows its flags, and uses Kubernetes' own libraries.
  'csi-node-driver-registrar': {
    module: { ...kubernetes(version, line), programs: { 'csi-node-driver-registrar': '.' }, own: registrar },
    at: 'csi-node-driver-registrar',
  },
  'csi-provisioner': {
    module: {
      ...command('github.com/kubernetes-csi/external-provisioner/v6', pins.csiProvisioner, 'csi-provisioner'),
      stamps: { 'main.version': pins.csiProvisioner },
    },
    at: 'csi-provisioner',
  },
  'csi-attacher': {
    module: {
      ...command('github.com/kubernetes-csi/external-attacher/v4', pins.csiAttacher, 'csi-attacher'),
      stamps: { 'main.version': pins.csiAttacher },
    },
    at: 'csi-attacher',
  },
})
