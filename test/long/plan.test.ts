import { stat } from 'node:fs/promises'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Cluster } from '../../cluster/aws/cluster.ts'
import type { Env } from '../../cluster/aws/config.ts'
import { isPlanned } from '../../cluster/aws/rehearsed-answers.ts'
import { plan } from '../../cluster/plan.ts'
import { changesOf, namesOf, renamed } from '../../cluster/story/names.ts'
import { account } from '../support/account.ts'
import { kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { Answer } from '../support/proxy.ts'

const test = suite('plan')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

/** User data as the text that it is, and hashes of what holds ids as such: so that two runs can be compared. */
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString()
  if (Array.isArray(value)) return value.map(plain)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, field]) => {
      if (key === 'UserData') return [key, gunzipSync(Buffer.from(field, 'base64')).toString()]
      if (key === 'VersionDescription') return [key, 'a hash']
      if (key === 'LaunchConfigurationName') return [key, `${field}`.replace(/[0-9a-f]{8}$/, 'a hash')]
      return [key, plain(field)]
    }),
  )
}

/** Every change of a run, by step, with names for the ids that AWS chose. Calls side by side may come in any order. */
function changes({ journal }: Cluster): Record<string, string[]> {
  const names = namesOf(journal)
  const told = journal.steps.map(step => [
    step.name,
    changesOf(step)
      .map(({ service, action, input }) => JSON.stringify(renamed(plain({ service, action, input }), names)))
      .sort(),
  ])
  return Object.fromEntries(told.filter(([, calls]) => calls?.length))
}

/** A dry run, during which nothing that changes anything reached AWS, and no question about what is only planned. */
async function rehearse(env: Env = {}): Promise<Cluster> {
  const before = await account(aws.cluster())
  aws.proxy.forget()
  const cluster = aws.rehearsal(env)
  await kubeUp(cluster)
  const sent = [...aws.proxy.recorded]
  assert.equal(
    sent.filter(call => call.changes),
    [],
  )
  assert.equal(
    sent.filter(call => isPlanned(call.params)),
    [],
  )
  assert.equal(await account(aws.cluster()), before)
  return cluster
}

/** @returns how many changes were planned, after they turned out to be those that were made. */
async function planAgrees(env: Env = {}): Promise<number> {
  const planned = changes(await rehearse(env))
  const real = aws.cluster(env)
  await kubeUp(real)
  assert.equal(planned, changes(real))
  return Object.values(planned).flat().length
}

test('a dry run makes no SSH key either', async () => {
  await rehearse()
  assert.is(await stat(`${aws.folder}/ssh`).catch(error => error.code), 'ENOENT')
})

test('what is planned for a fresh cluster is what kube-up then does', async () => {
  await kubeUp(aws.cluster())
  await aws.reset()
  assert.ok((await planAgrees()) > 30)
})

test('for a cluster that is there nothing is planned', async () => {
  await kubeUp(aws.cluster())
  assert.is(await planAgrees(), 0)
})

test('more nodes, other callers and another size are planned as they are made', async () => {
  await kubeUp(aws.cluster())
  assert.is(await planAgrees({ NUM_NODES: '3' }), 1)
  assert.is(await planAgrees({ NUM_NODES: '3', SSH_CIDR: '198.51.100.0/24', NODE_SIZE: 't3.medium' }), 5)
})

test('a launch configuration, and no nodes at all, are planned as they are made', async () => {
  await planAgrees({ KUBE_NODE_LAUNCH: 'configuration' })
  await planAgrees({ KUBE_NODE_LAUNCH: 'configuration', NUM_NODES: '0' })
})

test('a cluster that lost its master, or whose master is stopped, is planned as it is mended', async () => {
  const { master } = await kubeUp(aws.cluster())
  await aws.cluster().ec2.stopInstances({ InstanceIds: [master.id] })
  assert.is(await planAgrees(), 1)
  await aws.cluster().ec2.terminateInstances({ InstanceIds: [master.id] })
  assert.ok((await planAgrees()) >= 4)
})

for (const change of [4, 13, 22, 31])
  test(`a cluster that was cut off at its change ${change} is planned as it is completed`, async () => {
    await kubeUp(aws.cluster())
    await aws.reset()
    let seen = 0
    aws.proxy.before = call => {
      if (call.changes && ++seen > change) throw new Answer('CutOff')
    }
    await kubeUp(aws.cluster()).then(
      () => assert.unreachable('it was to be cut off'),
      () => {},
    )
    aws.proxy.before = undefined
    await planAgrees()
  })

test('a group whose nodes are not there yet is not waited for', async () => {
  await kubeUp(aws.cluster({ NUM_NODES: '2' }))
  const { autoScaling } = aws.cluster()
  await autoScaling.suspendProcesses({ AutoScalingGroupName: 'kubernetes-minion-group' })
  const cluster = await rehearse({ NUM_NODES: '4' })
  assert.is(cluster.journal.steps.find(step => step.name === 'nodes')?.outcome, 'mended')
})

test('a person reads each step, what it would call, and what bills; a program the same in full', async () => {
  const cluster = await rehearse({ KUBE_TAGS: 'team=blue' })
  const { words, facts } = plan(cluster, true)
  assert.match(words, /kube-up would make \d\d changes. Nothing has been changed/)
  assert.match(words, /VPC +to create +vpc-\(kubernetes-vpc\)\n +aws ec2 create-vpc --cidr-block 172\.20\.0\.0\/16\n/)
  assert.match(words, /1 c7i-flex\.large\n {2}2 t3\.small\n {2}3 public IPv4 addresses/)
  const told = JSON.stringify(facts)
  assert.match(told, /"Key":"team","Value":"blue"/)
  assert.not.match(told + words, /"UserData":"H4s/)
  await kubeUp(aws.cluster())
  assert.match(plan(await rehearse(), true).words, /is as these settings want it: kube-up would change nothing/)
})

test.run()
