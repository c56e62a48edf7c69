import { readFileSync } from 'node:fs'
import type { GoModule } from './go.ts'
import { type ImageName, lineOf, pins } from './pins.ts'
import { kubernetes } from './programs.ts'

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
      ...command('k8s.io/cloud-provider-aws', line.cloudControllerManager, 'aws-cloud-controller-manager'),
      stamps: { 'k8s.io/component-base/version.gitVersion': line.cloudControllerManager },
    },
    at: 'bin/aws-cloud-controller-manager',
  },
  'metrics-server': {
    module: {
      ...command('sigs.k8s.io/metrics-server', line.metricsServer, 'metrics-server'),
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
