import type { V1Node, V1Pod } from '@kubernetes/client-node'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Env } from '../cluster/aws/config.ts'
import { config } from '../cluster/aws/config-default.ts'
import { toldNow } from '../cluster/aws/told.ts'
import { type Expected, expectedOf, judge, type Seen } from '../cluster/health.ts'

const node = (instance: string, status = 'True', message = 'kubelet is posting ready status'): V1Node => ({
  metadata: { name: `ip-${instance}` },
  spec: { providerID: `aws:///us-west-2a/${instance}` },
  status: {
    conditions: [
      { type: 'MemoryPressure', status: 'False' },
      { type: 'Ready', status, message },
    ],
  },
})
const pod = (name: string, status: V1Pod['status'] = { conditions: [{ type: 'Ready', status: 'True' }] }): V1Pod => ({
  metadata: { name },
  status,
})
const pods = [
  'kube-apiserver-ip-1',
  'kube-controller-manager-ip-1',
  'kube-scheduler-ip-1',
  'cloud-controller-manager-abcde',
  'coredns-7d-abc',
  'metrics-server-5f-abc',
  'ebs-csi-controller-6c-abc',
  'ebs-csi-node-abcde',
].map(name => pod(name))
const expected: Expected = {
  master: 'i-1',
  nodes: ['i-2', 'i-3'],
  dns: true,
  metrics: true,
  storage: true,
  autoscaler: false,
}
const whole: Seen = {
  ready: true,
  checks: '[+]ping ok\n[+]etcd ok\nreadyz check passed\n',
  nodes: [node('i-1'), node('i-2'), node('i-3')],
  pods,
}
const without = (name: string) => pods.filter(({ metadata }) => !metadata?.name?.startsWith(name))

test('a cluster in which all that was asked for runs is ready', () =>
  assert.equal(judge(whole, expected), {
    state: 'ready',
    lacks: [],
    nodes: ['i-1', 'i-2', 'i-3'].map(instance => ({ name: `ip-${instance}`, instance, ready: true })),
  }))

for (const [what, seen, state, lack] of [
  [
    'an API server that fails a check',
    { ready: false, checks: '[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n' },
    'broken',
    /^The API server is not ready: \[-\]etcd failed: reason withheld\.$/,
  ],
  ['no scheduler', { pods: without('kube-scheduler') }, 'broken', /^kube-scheduler is not there\.$/],
  [
    'a controller manager that crashes',
    {
      pods: [
        ...without('kube-controller-manager'),
        pod('kube-controller-manager-ip-1', {
          conditions: [{ type: 'Ready', status: 'False' }],
          containerStatuses: [{ ready: false, state: { waiting: { reason: 'CrashLoopBackOff' } } } as never],
        }),
      ],
    },
    'broken',
    /^kube-controller-manager does not run: CrashLoopBackOff\.$/,
  ],
  [
    'no node that is Ready',
    { nodes: [node('i-1'), node('i-2', 'Unknown'), node('i-3', 'False')] },
    'broken',
    /^No node is Ready\.$/,
  ],
  ['a node that has not joined', { nodes: [node('i-1'), node('i-2')] }, 'weak', /^i-3 has not joined the cluster\.$/],
  [
    'a node that is not Ready',
    { nodes: [node('i-1'), node('i-2'), node('i-3', 'False', 'cni plugin not initialized')] },
    'weak',
    /^Node ip-i-3 \(i-3\) is not Ready: cni plugin not initialized\.$/,
  ],
  [
    'a master that is not Ready',
    { nodes: [node('i-1', 'Unknown', 'Kubelet stopped posting'), node('i-2'), node('i-3')] },
    'weak',
    /^Node ip-i-1 \(i-1\) is not Ready: Kubelet stopped posting\.$/,
  ],
  [
    'the node of the master before this one',
    { nodes: [node('i-0'), node('i-2'), node('i-3')] },
    'weak',
    /^i-1 has not joined the cluster\.$/,
  ],
  ['no DNS', { pods: without('coredns') }, 'weak', /^coredns is not there\.$/],
  [
    'DNS that is not scheduled',
    {
      pods: [
        ...without('coredns'),
        pod('coredns-1', {
          phase: 'Pending',
          conditions: [{ type: 'PodScheduled', status: 'False', message: '0/3 nodes are available' }],
        }),
      ],
    },
    'weak',
    /^coredns does not run: 0\/3 nodes are available\.$/,
  ],
  [
    'DNS that failed for good, and is just beginning again,',
    {
      pods: [
        ...without('coredns'),
        pod('coredns-1', { phase: 'Failed', reason: 'NodeAffinity' }),
        pod('coredns-2', { phase: 'Pending' }),
      ],
    },
    'weak',
    /^coredns does not run: Pending\.$/,
  ],
  [
    'DNS that failed for good',
    { pods: [...without('coredns'), pod('coredns-1', { phase: 'Failed', reason: 'NodeAffinity' })] },
    'weak',
    /^coredns does not run: Failed\.$/,
  ],
  [
    'DNS that is just going',
    {
      pods: [
        ...without('coredns'),
        { ...pod('coredns-1'), metadata: { name: 'coredns-1', deletionTimestamp: new Date() } },
      ],
    },
    'weak',
    /^coredns does not run/,
  ],
] as [string, Partial<Seen>, string, RegExp][])
  test(`${what} makes the cluster ${state}`, () => {
    const health = judge({ ...whole, ...seen }, expected)
    assert.is(health.state, state)
    assert.ok(
      health.lacks.some(one => lack.test(one)),
      health.lacks.join('\n'),
    )
  })

test('one pod of several that runs is enough, and a node more than expected does no harm', () => {
  const seen = {
    ...whole,
    nodes: [...whole.nodes, node('i-9', 'False')],
    pods: [...pods, pod('coredns-9', { phase: 'Pending' })],
  }
  assert.is(judge(seen, expected).state, 'ready')
})

test('what was not asked for is not missed', () => {
  const seen = { ...whole, pods: without('coredns').filter(({ metadata }) => !metadata?.name?.startsWith('metrics')) }
  assert.is(judge(seen, { ...expected, dns: false, metrics: false }).state, 'ready')
  assert.is(
    judge({ ...seen, nodes: [node('i-1')] }, { ...expected, nodes: [] }).state,
    'ready',
    'without nodes they run nowhere',
  )
})

const told = (env: Env) => toldNow(config(env))

test('what is expected follows from what the master was told', () => {
  assert.equal(expectedOf(told({}), 'i-1', ['i-2']), {
    master: 'i-1',
    nodes: ['i-2'],
    dns: true,
    metrics: true,
    storage: true,
    autoscaler: false,
  })
  assert.is(expectedOf(told({ KUBE_ENABLE_CLUSTER_DNS: 'false' }), 'i-1', []).dns, false)
  assert.is(expectedOf(told({ KUBE_ENABLE_CLUSTER_MONITORING: 'none' }), 'i-1', []).metrics, false)
  assert.is(expectedOf(told({ KUBE_ENABLE_DEFAULT_STORAGE_CLASS: 'false' }), 'i-1', []).storage, false)
})

test('an autoscaler that was asked for and does not run makes a cluster weak', () => {
  const asked = expectedOf(told({ KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true' }), 'i-1', ['i-2', 'i-3'])
  assert.equal(judge(whole, asked).lacks, ['cluster-autoscaler is not there.'])
  assert.is(judge({ ...whole, pods: [...pods, pod('cluster-autoscaler-5d-abc')] }, asked).state, 'ready')
})

test.run()
