/**
 * From `kube-up` to a cluster that works, and back, on machines that boot. One story in one order: every sentence builds on
 * those before it. It needs what `npm run local:setup` installs, and the release that kube-up builds once.
 */
import { rmSync } from 'node:fs'
import { AutoScaling } from '@aws-sdk/client-auto-scaling'
import { EC2 } from '@aws-sdk/client-ec2'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { cluster, command, endpoint, folder, kubectl, machines, objects, on, outside, until } from './place.ts'
import { bring, claim, manifest } from './workload.ts'

const times: [what: string, seconds: number][] = []
let broken = false

/** Until when the story may go on: `STORY_SECONDS` after its beginning, and for ever without. */
const end = performance.now() + Number(process.env.STORY_SECONDS ?? Infinity) * 1000

/**
 * A sentence that is timed. What follows a broken one cannot be told, and is not tried.
 * @param takes about how many seconds are needed from here; where fewer are left the sentence is left out, and that is said.
 */
const then = (sentence: string, tell: () => Promise<unknown>, takes = () => 0) =>
  test(sentence, async () => {
    assert.not.ok(broken, 'the story broke before')
    const began = performance.now()
    const left = Math.round((end - began) / 1000)
    if (takes() > left) return console.log(`  left out: ${sentence} (about ${takes()} s, of which ${left} s are left)`)
    try {
      await tell()
    } catch (error) {
      broken = true
      throw error
    } finally {
      const seconds = Math.round((performance.now() - began) / 1000)
      times.push([sentence, seconds])
      console.log(`  ${seconds} s: ${sentence}`)
    }
  })

/** From losing the master to the end: another one comes up as the first did, then a node, and all goes down. */
const withAnotherMaster = () => 2 * (times[0]?.[1] ?? 0)

const clean = async () => {
  await command('local-stop')
  rmSync(folder, { recursive: true, force: true })
}
test.before(clean)
test.after(async () => {
  for (const [sentence, seconds] of times) console.log(`${`${seconds}`.padStart(6)} s  ${sentence}`)
  const slowest = [...times].sort(([, a], [, b]) => b - a)[0]
  console.log(`Slowest: ${slowest?.[0]} (${slowest?.[1]} s)`)
  if (!process.env.KUBE_KEEP) await clean()
})

const aws = () => ({
  endpoint: endpoint(),
  region: 'us-west-2',
  credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
})
const group = `${cluster}-minion-group`
const master = `${cluster}-master`

interface Seen {
  readonly name: string
  readonly instance: string
  readonly address: string
  readonly range: string
  readonly ready: boolean
}
const nodes = async (): Promise<Seen[]> =>
  (await objects('get nodes')).map(node => ({
    name: node.metadata.name,
    instance: node.spec.providerID.split('/').pop(),
    address: node.status.addresses.find((one: { type: string }) => one.type === 'InternalIP').address,
    range: node.spec.podCIDR,
    ready: node.status.conditions.some(
      (one: { type: string; status: string }) => one.type === 'Ready' && one.status === 'True',
    ),
  }))
const workers = async () => (await nodes()).filter(({ address }) => address !== '172.20.0.9')
const allReady = (count: number, seconds: number) =>
  until(`${count} nodes are Ready`, seconds, async () => {
    const seen = await nodes()
    return seen.length === count && seen.every(node => node.ready) && seen
  })
const pods = async () => (await objects('get pods -l app=echo')).filter(pod => !pod.metadata.deletionTimestamp)
const ask = (pod: string, url: string) => kubectl(['exec', pod, '--', '/echo', 'get', url])

then('kube-up succeeds', async () => assert.is(await command('kube-up'), 0))

then('the master and both nodes are Ready', () => allReady(3, 900))

then('every node has a range of addresses, and the route table leads to it', async () => {
  const { RouteTables } = await new EC2(aws()).describeRouteTables({
    Filters: [{ Name: `tag:kubernetes.io/cluster/${cluster}`, Values: ['owned'] }],
  })
  const routes = RouteTables?.[0]?.Routes?.map(route => `${route.DestinationCidrBlock} ${route.InstanceId}`)
  for (const { range, instance } of await nodes()) assert.ok(routes?.includes(`${range} ${instance}`), `${routes}`)
})

const parts = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'cloud-controller-manager', 'coredns']
const measured = process.env.KUBE_ENABLE_CLUSTER_MONITORING === 'none' ? [] : ['metrics-server']
then('the pods of the control plane and the addons run', () =>
  until('all pods of kube-system are ready', 600, async () => {
    const ready = (await objects('get pods -n kube-system')).filter(pod =>
      pod.status.containerStatuses?.every((one: { ready: boolean }) => one.ready),
    )
    return [...parts, ...measured].every(part => ready.some(pod => pod.metadata.name.startsWith(`${part}-`)))
  }),
)

then('two replicas run, one on each node', async () => {
  await bring((await workers()).map(node => node.instance))
  await kubectl('apply -f -', manifest)
  const running = await until('both pods run', 300, async () => {
    const all = await pods()
    return all.length === 2 && all.every(pod => pod.status.phase === 'Running') && all
  })
  assert.is(new Set(running.map(pod => pod.spec.nodeName)).size, 2)
})

then('they reach each other by address, across the nodes', async () => {
  const [one, other] = await pods()
  assert.match(await ask(one.metadata.name, `http://${other.status.podIP}:8080/`), new RegExp(other.metadata.name))
  const heard = await ask(other.metadata.name, `http://${one.status.podIP}:8080/`)
  assert.match(
    heard,
    new RegExp(`^${one.metadata.name} hears ${other.status.podIP}:`),
    'a pod is seen by its own address',
  )
})

then('they reach the service by its address, and by its name', async () => {
  const [one] = await pods()
  const address = await kubectl('get service echo -o jsonpath={.spec.clusterIP}')
  for (const host of [address, 'echo', 'echo.default.svc.cluster.local'])
    assert.match(await until(`${host} answers`, 90, () => ask(one.metadata.name, `http://${host}/`)), /^echo-/)
})

then('kubectl logs shows what a pod said', async () => {
  const [one] = await pods()
  assert.match(await kubectl(`logs ${one.metadata.name}`), new RegExp(`^listening as ${one.metadata.name}`))
})

then('from outside the NodePort answers only once a rule of the security group lets it', async () => {
  const ec2 = new EC2(aws())
  const [one] = await workers()
  const { Reservations } = await ec2.describeInstances({ InstanceIds: [one?.instance ?? ''] })
  const instance = Reservations?.[0]?.Instances?.[0]
  const url = `http://${instance?.PublicIpAddress}:30080/`
  const get = () => outside('curl', '--silent', '--show-error', '--max-time', '10', url)
  assert.match(await get().then(() => 'it answered', String), /timed out/)
  await ec2.authorizeSecurityGroupIngress({
    GroupId: instance?.SecurityGroups?.[0]?.GroupId ?? '',
    IpPermissions: [{ IpProtocol: 'tcp', FromPort: 30080, ToPort: 30080, IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
  })
  assert.match(await until('the NodePort answers', 60, get), /^echo-/)
})

then("a node's role reads what nodes join with, and not the master's secrets", async () => {
  const [one] = await workers()
  const get = (path: string) =>
    on(
      one?.instance ?? '',
      `told() { python3 -c "import json; print(json.load(open('/etc/kube-up/parameters.json'))['$1'])"; }
      /etc/kube-up/bucket --output /dev/null --write-out '%{http_code}' "$(told bucketUrl)/$(told bucketPrefix)${path}" || true`,
    )
  assert.is(await get('node/identity.json'), '200')
  assert.is(await get('master/identity.json'), '403')
})

then("a node's identity reads no secret that its own pods do not use", async () => {
  const [one] = await workers()
  const said = await on(
    one?.instance ?? '',
    `for what in nodes secrets namespaces/default/secrets/hidden; do
      curl --silent --output /dev/null --write-out '%{http_code} ' --cacert /etc/kubernetes/pki/ca.crt \\
        --cert /var/lib/kubelet/pki/kubelet-client-current.pem "https://172.20.0.9/api/v1/$what"
    done`,
  )
  assert.is(said, '200 403 403')
})

then('the API refuses a certificate that another authority signed, and everyone without one', async () => {
  const answered = await on(
    master,
    `cd "$(mktemp -d)"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /O=system:masters/CN=mallory -keyout k -out c 2> /dev/null
    status() { curl --silent --insecure --output /dev/null --write-out '%{http_code} ' "$@"; }
    status --cert c --key k https://127.0.0.1/api/v1/nodes
    status https://127.0.0.1/api/v1/nodes
    status https://127.0.0.1/version
    status https://127.0.0.1/readyz`,
  )
  assert.is(answered, '401 401 401 200')
})

then('a secret lies encrypted in etcd, which demands a certificate', async () => {
  const stored = await on(
    master,
    `cd /mnt/master-pd/pki
    ask() { etcdctl --endpoints=https://127.0.0.1:2379 --cacert=etcd/ca.crt "$@"; }
    ask --cert=apiserver-etcd-client.crt --key=apiserver-etcd-client.key get /registry/secrets/default/hidden | tr -cd '[:print:]'
    echo
    if ask get / 2> /dev/null; then echo open; else echo closed; fi`,
  )
  assert.match(stored, /k8s:enc:secretbox/)
  assert.not.match(stored, /plainly-readable/)
  assert.match(stored, /closed$/)
})

then('a claim gets an encrypted volume, mounted where its pod runs', async () => {
  await kubectl('apply -f -', claim)
  const pod = await until('the pod with the claim runs', 300, async () => {
    const one = (await objects('get pods')).find(pod => pod.metadata.name === 'keeper')
    return one?.status.phase === 'Running' && one
  })
  const { Volumes } = await new EC2(aws()).describeVolumes({
    Filters: [{ Name: 'tag:kubernetes.io/created-for/pvc/name', Values: ['kept'] }],
  })
  assert.equal(
    Volumes?.map(({ Encrypted, VolumeType, State }) => [Encrypted, VolumeType, State]),
    [[true, 'gp3', 'in-use']],
  )
  const machine = (await nodes()).find(({ name }) => name === pod.spec.nodeName)?.instance ?? ''
  assert.match(await on(machine, 'findmnt --noheadings --list --output TARGET,FSTYPE --types ext4'), /csi.* ext4/)
})

then('applying the states again changes nothing', async () => {
  const [one] = await workers()
  for (const machine of [master, one?.instance ?? '']) {
    const said = await on(machine, '/etc/kube-up/salt-call state.apply --out json 2> /dev/null', 600_000)
    const results = Object.values(JSON.parse(said).local) as { changes: object; result: boolean; __id__: string }[]
    const unlike = results.filter(one => one.result !== true || Object.keys(one.changes).length > 0)
    assert.ok(results.length > 20)
    assert.equal(
      unlike.map(one => one.__id__),
      [],
    )
  }
})

then(
  'a master that is lost comes back by kube-up, with its objects and its workloads',
  async () => {
    const ec2 = new EC2(aws())
    const before = (await pods()).map(pod => pod.metadata.uid).sort()
    const lost = (await nodes()).find(({ address }) => address === '172.20.0.9')?.instance ?? ''
    await ec2.terminateInstances({ InstanceIds: [lost] })
    assert.is(await command('kube-up'), 0)
    await until('another master is Ready', 900, async () => {
      const seen = (await nodes()).find(({ address }) => address === '172.20.0.9')
      return seen?.ready && seen.instance !== lost
    })
    await allReady(3, 600)
    assert.equal((await pods()).map(pod => pod.metadata.uid).sort(), before)
    const [one] = await pods()
    await until('the service answers by name', 300, () => ask(one.metadata.name, 'http://echo/'))
    const { RouteTables } = await ec2.describeRouteTables({
      Filters: [{ Name: `tag:kubernetes.io/cluster/${cluster}`, Values: ['owned'] }],
    })
    assert.not.ok(RouteTables?.[0]?.Routes?.some(route => route.InstanceId === lost))
  },
  withAnotherMaster,
)

then('a group that is raised by one gives a third node, Ready', async () => {
  await new AutoScaling(aws()).updateAutoScalingGroup({ AutoScalingGroupName: group, MaxSize: 3, DesiredCapacity: 3 })
  await allReady(4, 900)
})

then('kube-down leaves nothing, not even the volume of the claim', async () => {
  assert.is(await command('kube-down'), 0)
  await until('no machine is left', 120, async () => machines().machines.length === 0)
  assert.equal((await new EC2(aws()).describeVolumes({})).Volumes ?? [], [])
})

test.run()
