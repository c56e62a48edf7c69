import type { Architecture } from '../aws/images.ts'
import { lineOf, pins, serverTarball } from './pins.ts'

/** A file as its project publishes it. */
export interface Source {
  readonly name: string
  readonly url: string
  /** The SHA-256 that is pinned here; where nobody vouched for one in public, the one published beside the file counts. */
  readonly sha256?: string
  readonly sums: string
}

/** SHA-256 sums by the name of a file. */
export type Sums = Readonly<Record<string, string | undefined>>

const github = 'https://github.com'

/** Where the official files of a release are. Every host can be another one, for a mirror or a test. */
export function sourcesOf(version: string, arch: Architecture, pinned: Sums = pins.sums): Record<string, Source> {
  const { containerd, runc, cni, crictl, salt } = pins
  const { etcd } = lineOf(version)
  const machine = { amd64: 'x86_64', arm64: 'arm64' }[arch]
  const source = (base: string, name: string, sums: string, as = name): Source => {
    const sha256 = pinned[as]
    return { name, url: `${base}/${name}`, sums: `${base}/${sums}`, ...(sha256 && { sha256 }) }
  }
  const beside = (base: string, name: string, ending = 'sha256', as = name) =>
    source(base, name, `${name}.${ending}`, as)
  const release = (repository: string, tag: string) => `${github}/${repository}/releases/download/v${tag}`
  return {
    server: beside(`https://dl.k8s.io/${version}`, serverTarball(arch), 'sha256', `${version}/${serverTarball(arch)}`),
    containerd: beside(
      release('containerd/containerd', containerd),
      `containerd-static-${containerd}-linux-${arch}.tar.gz`,
      'sha256sum',
    ),
    runc: source(release('opencontainers/runc', runc), `runc.${arch}`, 'runc.sha256sum', `v${runc}/runc.${arch}`),
    cni: beside(release('containernetworking/plugins', cni), `cni-plugins-linux-${arch}-v${cni}.tgz`),
    crictl: beside(release('kubernetes-sigs/cri-tools', crictl), `crictl-v${crictl}-linux-${arch}.tar.gz`),
    etcd: source(release('etcd-io/etcd', etcd), `etcd-v${etcd}-linux-${arch}.tar.gz`, 'SHA256SUMS'),
    salt: beside(
      `https://packages.broadcom.com/artifactory/saltproject-generic/onedir/${salt}`,
      `salt-${salt}-onedir-linux-${machine}.tar.xz`,
    ),
  }
}

/** The sum of a file out of what is published beside it: the sum alone, or lines of sums and names. */
export const sumIn = (text: string, name: string): string | undefined => {
  const lines = text.trim().split('\n')
  const line =
    lines.find(one =>
      one
        .trim()
        .split(/\s+\*?/)
        .includes(name),
    ) ?? (lines.length === 1 ? lines[0] : '')
  return /\b[0-9a-f]{64}\b/.exec(line ?? '')?.[0]
}
