import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { awaitReady } from '../../cluster/await-ready.ts'
import { serverAt } from '../../cluster/aws/access.ts'
import type { Cluster } from '../../cluster/aws/cluster.ts'
import type { Env } from '../../cluster/aws/config.ts'
import type { Up } from '../../cluster/aws/up.ts'
import type { Files } from '../../cluster/certificates.ts'
import { UserError } from '../../cluster/errors.ts'
import { forgetContext, rememberContext } from '../../cluster/kubeconfig.ts'
import { deleteMadeByPods } from '../../cluster/made-by-pods.ts'
import { validateCluster } from '../../cluster/validate.ts'
import { type FakeApi, fakeApi, node, systemPods } from '../support/api-server.ts'
import { kubeUp, type TestAws, testAws } from '../support/aws.ts'

const test = suite('kubernetes')
const prefix = 'kube-up/us-west-2/kubernetes/'
let aws: TestAws
let api: FakeApi
let made: Up

/** A cluster whose machines this test plays. */
const cluster = (env: Env = {}): Cluster =>
  aws.cluster({ KUBECONFIG: join(aws.folder, 'kubeconfig'), ...env }, { proxy: api.proxy })
const machines = () => [made.master.id, ...made.nodes.instances]
const known = (one: Cluster) =>
  rememberContext(one.config, { server: serverAt(made.publicIp), proxy: api.proxy, admin: made.admin })

/** What a machine reports, as its bootstrap does. */
const report = (role: 'master' | 'minion', instance: string, stage: string, state: string, more = {}) =>
  aws.cluster().s3.putObject({
    Bucket: made.bucket.id,
    Key: `${prefix}status/${role}/${instance}.json`,
    Body: JSON.stringify({ instance, role, stage, state, at: new Date().toISOString(), ...more }),
  })
const roleOf = (instance: string) => (instance === made.master.id ? 'master' : 'minion')
const all = (stage: string, state: string) =>
  Promise.all(machines().map(instance => report(roleOf(instance), instance, stage, state)))

test.before(async () => {
  aws = await testAws()
  made = await kubeUp(aws.cluster())
  const object = await aws.cluster().s3.getObject({ Bucket: made.bucket.id, Key: `${prefix}master/identity.json` })
  api = await fakeApi((JSON.parse((await object.Body?.transformToString()) ?? '') as { files: Files }).files)
})
test.after(async () => {
  await api.stop()
  await aws.stop()
})
test.before.each(async () => {
  aws.proxy.before = undefined
  aws.proxy.after = undefined
  api.reached.splice(0)
  api.asked.splice(0)
  const whole = { up: true, ready: '[+]ping ok\n', nodes: machines().map(id => node(id)), pods: systemPods() }
  Object.assign(api, whole, { services: [], volumes: [], deleted: () => {} })
  await known(cluster())
  await all('done', 'done')
})

const failure = async (work: Promise<unknown>): Promise<string> => {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  assert.instance(error, UserError, `${error}`)
  return (error as UserError).message
}

test('a cluster that is ready needs no waiting, and its API is asked at the public address, as the administrator', async () => {
  const one = cluster()
  assert.is((await awaitReady(one, made)).state, 'ready')
  assert.ok(api.reached.length > 0)
  assert.equal([...new Set(api.reached)], [`${made.address?.ip}:443`])
  assert.equal([...new Set(api.asked)].sort(), [
    'kubernetes-admin GET /api/v1/namespaces/kube-system/pods',
    'kubernetes-admin GET /api/v1/nodes',
    'kubernetes-admin GET /readyz',
  ])
  assert.is(one.journal.steps.at(-1)?.id, serverAt(made.publicIp))
})

test('while machines boot it is said what each of them does, and the end of it ends the wait', async () => {
  api.up = false
  const [first = '', second = ''] = made.nodes.instances
  await report('master', made.master.id, 'states', 'working')
  await report('minion', first, 'release', 'working')
  const one = cluster()
  const said: string[] = []
  one.journal.onChange(async ({ waiting }) => {
    if (!waiting || said.push(waiting) > 1) return
    api.up = true
    await all('done', 'done')
  })
  assert.is((await awaitReady(one, made)).state, 'ready')
  assert.is(said[0], `master states, ${first} release, ${second} done`)
})

test('what a lost master left behind does not count while its successor boots', async () => {
  await report('master', made.master.id, 'volume', 'working')
  assert.match(await failure(awaitReady(cluster({ KUBE_WAIT: '1' }), made)), /is in the stage "volume" since 20/)
})

test('only what is new is fetched, and only from below the cluster’s own prefix', async () => {
  const { nodes } = api
  api.nodes = []
  const one = cluster()
  one.journal.onChange(({ waiting }) => {
    if (waiting) api.nodes = nodes
  })
  aws.proxy.forget()
  await awaitReady(one, made)
  const s3 = aws.proxy.recorded.filter(({ service }) => service === 's3')
  const lists = s3.filter(({ action }) => action === 'ListObjectsV2')
  assert.is(lists.length, 2)
  assert.is(s3.filter(({ action }) => action === 'GetObject').length, 3)
  for (const { params } of lists) assert.ok(params.url?.includes(encodeURIComponent(`${prefix}status/`)), params.url)
})

/**
 * Waits for so many nodes, which say something new at each look until the fifth.
 * @returns how many calls of each kind that took, and what was said meanwhile.
 */
async function waitFor(count: number, failing?: { id: string; log: string }) {
  const ids = Array.from({ length: count }, (_, i) => `i-${`${i}`.padStart(17, '0')}`)
  const say = (id: string) => {
    const state = looks < 5 ? 'working' : 'done'
    const own = id === failing?.id ? { state: 'failed', log: failing.log } : { state }
    return JSON.stringify({ instance: id, role: roleOf(id), stage: `stage-${looks}`, at: '', ...own })
  }
  const object = (id: string) =>
    `<Contents><Key>${prefix}status/${roleOf(id)}/${id}.json</Key><ETag>"${looks}"</ETag><Size>${say(id).length}</Size></Contents>`
  const instance = (id: string) =>
    `<member><InstanceId>${id}</InstanceId><LifecycleState>InService</LifecycleState></member>`
  let looks = 0
  aws.proxy.before = ({ action, params }) => {
    if (action === 'ListObjectsV2') {
      looks += 1
      const contents = [made.master.id, ...ids].map(object).join('')
      return { status: 200, body: `<ListBucketResult><IsTruncated>false</IsTruncated>${contents}</ListBucketResult>` }
    }
    const id = /\/(i-\w+)\.json/.exec(params.url ?? '')?.[1]
    return action === 'GetObject' && id ? { status: 200, body: say(id) } : undefined
  }
  aws.proxy.after = ({ action }, answer) =>
    action === 'DescribeAutoScalingGroups'
      ? {
          ...answer,
          body: answer.body.replace(
            /<Instances>[\s\S]*<\/Instances>/,
            `<Instances>${ids.map(instance).join('')}</Instances>`,
          ),
        }
      : undefined
  api.nodes = [made.master.id, ...ids].map(id => node(id, true))
  aws.proxy.forget()
  const one = cluster()
  const said: string[] = []
  one.journal.onChange(({ waiting }) => waiting && said.push(waiting))
  const ended = await awaitReady(one, made).then(
    ({ state }) => state,
    (error: Error) => error.message,
  )
  const calls = aws.proxy.recorded.length + api.asked.length
  api.asked.splice(0)
  return { ended, calls, looks, said }
}

test('waiting for 500 nodes takes as many calls as for 10, and some of both are seen at work', async () => {
  const few = await waitFor(10)
  const many = await waitFor(500)
  assert.equal([few.ended, many.ended], ['ready', 'ready'])
  assert.ok(few.looks >= 5, `${few.looks} looks`)
  assert.is(many.looks, few.looks)
  assert.ok(many.calls <= few.calls, `${many.calls} calls for 500 nodes, ${few.calls} for 10`)
  assert.match(many.said.join('\n'), /^master stage-1, nodes: \d+ stage-1, \d+ reports$/m)
})

test('one of 500 nodes that failed ends the wait at the first look', async () => {
  const id = 'i-00000000000000499'
  const { ended, looks } = await waitFor(500, { id, log: 'no space left on device\n'.repeat(10) })
  assert.match(ended, `The node ${id} failed in the stage "stage-1".`)
  assert.is(looks, 1)
})

test('a machine that failed ends the wait at once, with the stage, its last lines and its console', async () => {
  api.up = false
  const [, second = ''] = made.nodes.instances
  await report('minion', second, 'salt', 'failed', { log: 'first line\n\u001b[31mno space left on device\u001b[0m\n' })
  const words = await failure(awaitReady(cluster(), made))
  assert.match(words, `The node ${second} failed in the stage "salt".`)
  assert.match(words, /Its last lines:\n {2}first line\n {2}no space left on device\n/)
  assert.match(words, /Its console/)
  assert.not.ok(words.includes('\u001b'))
})

test('a deadline says what is missing, and what the machine that is not through does', async () => {
  api.nodes = api.nodes.slice(0, 2)
  const [, second = ''] = made.nodes.instances
  await aws.cluster().s3.deleteObject({ Bucket: made.bucket.id, Key: `${prefix}status/minion/${second}.json` })
  const words = await failure(awaitReady(cluster({ KUBE_WAIT: '1' }), made))
  assert.match(words, /^Kubernetes was not ready after KUBE_WAIT, 1 seconds?:\n/)
  assert.match(words, `  ${second} has not joined the cluster.`)
  assert.match(words, `The node ${second} has not reported anything since it was launched.`)
})

test('when all machines are through and the API is out of reach, the deadline says who may reach it', async () => {
  api.up = false
  const words = await failure(awaitReady(cluster({ KUBE_WAIT: '1', HTTP_API_CIDR: '198.51.100.0/24' }), made))
  assert.match(words, `The API server at ${serverAt(made.publicIp)} does not answer`)
  assert.match(words, /open to HTTP_API_CIDR=198\.51\.100\.0\/24/)
})

test('what is not a status counts for nothing', async () => {
  for (const Body of ['', '{', 'null', '{"instance":1}', '{"instance":"i-1","role":"king","stage":"x","state":"done"}'])
    await aws
      .cluster()
      .s3.putObject({ Bucket: made.bucket.id, Key: `${prefix}status/master/${Body.length}.json`, Body })
  assert.is((await awaitReady(cluster(), made)).state, 'ready')
})

for (const [what, change, exitCode, words] of [
  ['is ready', () => {}, undefined, /is ready: its master and 2 nodes are Ready at https:/],
  ['lacks a node', () => api.nodes.pop(), 2, /is weak:\n {2}i-\w+ has not joined/],
  [
    'fails a check',
    () => {
      api.ready = '[-]etcd failed\n'
    },
    1,
    /is broken:\n {2}The API server is not ready: \[-\]etcd failed/,
  ],
  [
    'does not answer',
    () => {
      api.up = false
    },
    1,
    /is broken:\n {2}The API server at https:\S+ does not answer/,
  ],
] as [string, () => void, number | undefined, RegExp][])
  test(`validate-cluster ends with ${exitCode ?? 0} for a cluster that ${what}`, async () => {
    change()
    const ending = await validateCluster(cluster())
    assert.is(ending.exitCode, exitCode)
    assert.match(ending.words, words)
    assert.equal(JSON.parse(JSON.stringify(ending.facts)).server, serverAt(made.publicIp))
  })

test('a cluster is to be what its master was told, whatever the settings are now', async () => {
  const now = cluster({ KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true' })
  assert.is((await awaitReady(now, made)).state, 'ready')
  assert.is((await validateCluster(now)).exitCode, undefined)
})

test('without a context in the kubeconfig the identity is the one in the bucket', async () => {
  const one = cluster()
  await forgetContext(one.config)
  assert.is((await validateCluster(one)).exitCode, undefined)
  assert.match(api.asked.join(), 'kubernetes-admin GET /readyz')
})

test('somebody else’s cluster at that address is not believed', async () => {
  const { identityFiles } = await import('../../cluster/certificates.ts')
  const other = await fakeApi(await identityFiles(undefined, [made.publicIp]))
  try {
    const there = aws.cluster({ KUBECONFIG: join(aws.folder, 'kubeconfig') }, { proxy: other.proxy })
    const { exitCode, words } = await validateCluster(there)
    assert.is(exitCode, 1)
    assert.match(words, /does not answer: (UNABLE_TO_VERIFY|SELF_SIGNED|CERT_)/)
    assert.equal(other.asked, [])
  } finally {
    await other.stop()
  }
})

const service = (name: string, type: string) => ({ metadata: { name, namespace: 'shop' }, spec: { type } })
const volume = (name: string, persistentVolumeReclaimPolicy: string, by?: string) => ({
  metadata: { name, ...(by && { annotations: { 'pv.kubernetes.io/provisioned-by': by } }) },
  spec: { persistentVolumeReclaimPolicy, claimRef: { name: `claim-of-${name}`, namespace: 'shop' } },
})
const pod = (name: string, claimName: string) => ({
  metadata: { name, namespace: 'shop' },
  spec: { containers: [], volumes: [{ name: 'data', persistentVolumeClaim: { claimName } }] },
})

test('kube-down has Kubernetes delete its load balancers and the volumes it made, and nothing else', async () => {
  api.services = [service('front', 'LoadBalancer'), service('back', 'ClusterIP')]
  api.volumes = [
    volume('pv-1', 'Delete', 'ebs.csi.aws.com'),
    volume('pv-2', 'Retain', 'ebs.csi.aws.com'),
    volume('pv-3', 'Delete'),
  ]
  api.pods = [pod('db', 'claim-of-pv-1'), pod('other', 'claim-of-pv-2')]
  const deleted: string[] = []
  api.deleted = path => {
    deleted.push(path)
    if (path.endsWith('/services/front')) api.services = api.services.slice(1)
    // The claim is protected for as long as a pod uses it.
    if (path.endsWith('/pods/db')) api.volumes = api.volumes.slice(1)
  }
  const one = cluster()
  await deleteMadeByPods(one, machines())
  assert.equal(deleted.sort(), [
    '/api/v1/namespaces/shop/persistentvolumeclaims/claim-of-pv-1',
    '/api/v1/namespaces/shop/pods/db',
    '/api/v1/namespaces/shop/services/front',
  ])
  const step = one.journal.steps.at(-1)
  assert.equal([step?.outcome, step?.id], ['deleted', 'service shop/front, volume pv-1'])
  assert.equal(one.journal.notes, [])
})

test('kube-down goes on, with a note, when the API server does not answer', async () => {
  api.up = false
  const one = cluster()
  await deleteMadeByPods(one, machines())
  assert.match(one.journal.notes.join(), /deleted without Kubernetes: The API server at https:\S+ does not answer/)
  const gone = aws.cluster({ KUBECONFIG: join(aws.folder, 'kubeconfig') }, { proxy: 'http://127.0.0.1:9' })
  await deleteMadeByPods(gone, machines())
  assert.match(gone.journal.notes.join(), /deleted without Kubernetes: https:\S+ does not answer/)
})

test('another cluster that the kubeconfig leads to under that name loses nothing', async () => {
  api.services = [service('front', 'LoadBalancer')]
  const one = cluster()
  await deleteMadeByPods(one, ['i-0123456789abcdef0'])
  assert.match(one.journal.notes.join(), /none of its machines is a node of the cluster at https:/)
  assert.not.match(api.asked.join(), 'DELETE')
})

test('where no machine is left, or none boots, nobody is asked', async () => {
  const local = cluster({ KUBERNETES_PROVIDER: 'local', KUBE_LOCAL_MACHINES: 'false' })
  await deleteMadeByPods(local, machines())
  const empty = cluster()
  await deleteMadeByPods(empty, [])
  assert.equal(api.reached, [])
  assert.equal([...local.journal.steps, ...empty.journal.steps], [])
})

test.run()
