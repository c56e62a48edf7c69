import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse, parseAllDocuments } from 'yaml'
import { config } from '../../cluster/aws/config-default.ts'
import { parts, wantedParts } from '../../cluster/release/parts.ts'
import { imagesOf, lineOf, supportedVersions } from '../../cluster/release/pins.ts'

const salt = fileURLToPath(new URL('../../salt/', import.meta.url))
const images = imagesOf(lineOf(supportedVersions[0] ?? ''))
const kube: Record<string, unknown> = { ...parse(readFileSync(`${salt}pillar.example`, 'utf8')), images }

/** A manifest's template, filled in as Salt would: it has nothing but values, and remarks of its own. */
const rendered = (file: string) =>
  readFileSync(`${salt}addons/files/${file}.yaml`, 'utf8')
    .replace(/\{#-?[\s\S]*?#\}/g, '')
    .replace(/\{\{ kube\.(\w+)(?:\.(\w+)|\['([\w-]+)'\])? \}\}/g, (all, name, field = '', other = field) => {
      const value = other ? (kube[name] as Record<string, unknown>)[other] : kube[name]
      assert.ok(value !== undefined, `${file} asks for ${all}, which no machine is told`)
      return `${value}`
    })

// biome-ignore lint/suspicious/noExplicitAny: objects of a dozen kinds, of which a test reads a field or two
const objects = (file: string): any[] => parseAllDocuments(rendered(file)).map(document => document.toJS())
const named = (file: string, kind: string, name: string) =>
  objects(file).find(one => one.kind === kind && one.metadata.name === name)
// nodes.yaml is made of the machine's own secrets, and runs nothing.
const files = readdirSync(`${salt}addons/files`).flatMap(name => /^(?!nodes)(.*)\.yaml$/.exec(name)?.[1] ?? [])
const workloads = files.flatMap(file => objects(file).filter(({ spec }) => spec?.template))
const podOf = (workload: (typeof workloads)[number]) => workload.spec.template.spec
const namesOf = (workload: (typeof workloads)[number]) =>
  podOf(workload).containers.map(({ image }: { image: string }) =>
    Object.keys(images).find(name => images[name as keyof typeof images] === image),
  )
const onMaster = (workload: (typeof workloads)[number]) =>
  podOf(workload).nodeSelector?.['node-role.kubernetes.io/control-plane'] === ''

test('there are manifests, and each runs something', () => {
  assert.ok(files.includes('aws-ebs-csi-driver') && files.includes('coredns'))
  for (const file of files)
    assert.ok(
      objects(file).some(({ spec }) => spec?.template),
      file,
    )
})

for (const workload of workloads) {
  const name = workload.metadata.name

  test(`${name} finds its images on every machine where it may run, and asks no registry`, () => {
    for (const image of namesOf(workload)) {
      const part = parts.find(({ images = [] }) => images.includes(image))
      assert.ok(part, image)
      if (!onMaster(workload)) assert.is(part?.on, 'node', image)
    }
    for (const { imagePullPolicy } of podOf(workload).containers) assert.is(imagePullPolicy, 'Never')
  })

  test(`the states import the images of ${name}`, () => {
    const states = readFileSync(`${salt}addons/install.sls`, 'utf8')
    for (const image of namesOf(workload)) assert.ok(states.includes(`'${image}'`), image)
  })

  test(`${name} may do no more than it must`, () => {
    for (const { name: container, securityContext } of podOf(workload).containers) {
      if (securityContext.privileged) assert.is(`${name} ${container}`, 'ebs-csi-node ebs-plugin')
      else assert.equal(securityContext.capabilities.drop, ['ALL'], container)
      assert.is(securityContext.readOnlyRootFilesystem, true, container)
    }
  })

  test(`there is one ${name} at a time, or one on each machine`, () =>
    assert.ok(workload.kind === 'DaemonSet' || (workload.spec.replicas ?? 1) === 1))
}

test('no role names everything', () => {
  const rules = files.flatMap(file => objects(file).flatMap(({ rules = [] }) => rules))
  assert.ok(rules.length > 10)
  for (const { resources, verbs, apiGroups } of rules)
    for (const word of [...resources, ...verbs, ...apiGroups]) assert.is.not(word, '*')
})

test('the default StorageClass makes encrypted gp3 volumes where the pod is, which go with their claim', () => {
  const { metadata, provisioner, parameters, volumeBindingMode, reclaimPolicy } = named(
    'aws-ebs-csi-driver',
    'StorageClass',
    'gp3',
  )
  assert.is(metadata.annotations['storageclass.kubernetes.io/is-default-class'], 'true')
  assert.is(provisioner, 'ebs.csi.aws.com')
  assert.is(parameters.type, 'gp3')
  assert.is(parameters.encrypted, 'true')
  assert.is(volumeBindingMode, 'WaitForFirstConsumer')
  assert.is(reclaimPolicy, undefined, 'Delete is the default, and what kube-down counts on')
})

test("its volumes carry the cluster's owner tag", () => {
  const [driver] = podOf(named('aws-ebs-csi-driver', 'Deployment', 'ebs-csi-controller')).containers
  assert.ok(driver.args.includes('--k8s-tag-cluster-id=kubernetes'), driver.args.join(' '))
})

test('its controller has the rights of the master, and what mounts on the nodes needs none, in AWS or in Kubernetes', () => {
  const controller = named('aws-ebs-csi-driver', 'Deployment', 'ebs-csi-controller')
  assert.ok(onMaster(controller) && podOf(controller).hostNetwork)
  assert.is(controller.spec.strategy.type, 'Recreate', 'there is no election between two')
  const node = named('aws-ebs-csi-driver', 'DaemonSet', 'ebs-csi-node')
  assert.is(podOf(node).automountServiceAccountToken, false)
  assert.is(podOf(node).serviceAccountName, undefined)
  assert.ok(podOf(node).hostNetwork, 'the metadata service is one hop away')
  assert.ok(podOf(node).containers[0].args.includes('--metadata-sources=imds'))
  assert.equal(podOf(node).tolerations, [{ operator: 'Exists' }])
})

test('the kubelet reaches the driver where its registrar says', () => {
  const { containers, volumes } = podOf(named('aws-ebs-csi-driver', 'DaemonSet', 'ebs-csi-node'))
  const said = containers[1].args.find((one: string) => one.startsWith('--kubelet-registration-path='))
  const { path } = volumes.find(({ name }: { name: string }) => name === 'driver').hostPath
  assert.is(said, `--kubelet-registration-path=${path}/csi.sock`)
})

for (const [switched, variable, on, off] of [
  ['coredns', 'KUBE_ENABLE_CLUSTER_DNS', 'true', 'false'],
  ['metrics-server', 'KUBE_ENABLE_CLUSTER_MONITORING', 'metrics-server', 'none'],
  ['aws-ebs-csi-driver', 'KUBE_ENABLE_DEFAULT_STORAGE_CLASS', 'true', 'false'],
  ['cluster-autoscaler', 'KUBE_ENABLE_CLUSTER_AUTOSCALER', 'true', 'false'],
] as const)
  test(`${switched} brings its images along when it is switched on, and none when it is off`, () => {
    const there = (value: string) => wantedParts(config({ [variable]: value })).flatMap(part => part.images ?? [])
    const its = objects(switched).flatMap(one => (one.spec?.template ? namesOf(one) : []))
    assert.ok(its.length > 0)
    for (const image of its) {
      assert.ok(there(on).includes(image), image)
      assert.not.ok(there(off).includes(image), image)
    }
  })

test('the autoscaler looks for the groups that are tagged for this cluster', () => {
  const [autoscaler] = podOf(named('cluster-autoscaler', 'Deployment', 'cluster-autoscaler')).containers
  const tags = 'k8s.io/cluster-autoscaler/enabled,k8s.io/cluster-autoscaler/kubernetes'
  assert.ok(autoscaler.command.includes(`--node-group-auto-discovery=asg:tag=${tags}`), autoscaler.command.join(' '))
})

test.run()
