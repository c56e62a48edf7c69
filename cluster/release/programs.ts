import type { GoModule } from './go.ts'
import { type Line, pins } from './pins.ts'

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
