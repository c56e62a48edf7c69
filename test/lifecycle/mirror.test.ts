import { spawn } from 'node:child_process'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { wallClock } from '../../cluster/aws/clock.ts'
import type { Cluster } from '../../cluster/aws/cluster.ts'
import { connect } from '../../cluster/aws/cluster.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { freePort, localCredentials } from '../../cluster/local/aws.ts'
import { pythonWithMoto } from '../../cluster/local/python.ts'
import { account } from '../support/account.ts'
import { cache, kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { testClock } from '../support/clock.ts'

const test = suite('mirror')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

/** Calls that make something, and the calls that unmake it. */
const opposites: Record<string, string> = {
  CreateBucket: 'DeleteBucket',
  CreateRole: 'DeleteRole',
  PutRolePolicy: 'DeleteRolePolicy',
  CreateInstanceProfile: 'DeleteInstanceProfile',
  AddRoleToInstanceProfile: 'RemoveRoleFromInstanceProfile',
  ImportKeyPair: 'DeleteKeyPair',
  CreateVpc: 'DeleteVpc',
  CreateSubnet: 'DeleteSubnet',
  CreateInternetGateway: 'DeleteInternetGateway',
  AttachInternetGateway: 'DetachInternetGateway',
  CreateRouteTable: 'DeleteRouteTable',
  CreateSecurityGroup: 'DeleteSecurityGroup',
  CreateVolume: 'DeleteVolume',
  AllocateAddress: 'ReleaseAddress',
  RunInstances: 'TerminateInstances',
  CreateLaunchTemplate: 'DeleteLaunchTemplate',
  CreateAutoScalingGroup: 'DeleteAutoScalingGroup',
}

/** What goes with what it belongs to, and needs no call of its own to be unmade. */
const goesAlong = [
  'PutPublicAccessBlock',
  'PutObject',
  'ModifyVpcAttribute',
  'ModifyInstanceAttribute',
  'AuthorizeSecurityGroupIngress',
  'AssociateRouteTable',
  'CreateRoute',
  'AssociateAddress',
  'AttachVolume',
]

const changed = () => aws.proxy.recorded.filter(call => call.changes).map(call => call.action)

test('what kube-up makes, kube-down unmakes: as often, and nothing else', async () => {
  await kubeUp(aws.cluster())
  const made = changed().filter(action => !goesAlong.includes(action))
  assert.equal(
    made.filter(action => !(action in opposites)),
    [],
    'a call that this test does not know',
  )
  aws.proxy.forget()
  await kubeDown(aws.cluster())
  const unmade = changed().filter(action => !['RevokeSecurityGroupIngress', 'DeleteObjects'].includes(action))
  assert.equal(unmade.sort(), made.map(action => opposites[action]).sort())
})

test('where one thing was made for another, kube-down unmakes the other first', async () => {
  await kubeUp(aws.cluster())
  const made = changed()
  aws.proxy.forget()
  await kubeDown(aws.cluster())
  const unmade = changed()
  /** The first is needed by the second: it comes first on the way up, and last on the way down. */
  const needs: [string, string][] = [
    ['CreateVpc', 'CreateSubnet'],
    ['CreateVpc', 'CreateRouteTable'],
    ['CreateVpc', 'CreateSecurityGroup'],
    ['CreateVpc', 'AttachInternetGateway'],
    ['CreateInternetGateway', 'AttachInternetGateway'],
    ['CreateSubnet', 'RunInstances'],
    ['CreateSecurityGroup', 'RunInstances'],
    ['CreateSecurityGroup', 'CreateLaunchTemplate'],
    ['AddRoleToInstanceProfile', 'RunInstances'],
    ['CreateRole', 'PutRolePolicy'],
    ['CreateRole', 'AddRoleToInstanceProfile'],
    ['CreateInstanceProfile', 'AddRoleToInstanceProfile'],
    ['ImportKeyPair', 'RunInstances'],
    ['CreateLaunchTemplate', 'CreateAutoScalingGroup'],
    ['CreateSubnet', 'CreateAutoScalingGroup'],
  ]
  for (const [first, second] of needs) {
    assert.ok(made.indexOf(first) < made.indexOf(second), `${first} comes before ${second}`)
    const undo = (action: string) => opposites[action] ?? ''
    assert.ok(unmade.indexOf(undo(second)) < unmade.indexOf(undo(first)), `${undo(second)} comes before ${undo(first)}`)
  }
})

test('a plain moto, with all its differences from AWS, ends as empty', async () => {
  const port = await freePort()
  const python = await pythonWithMoto(cache, () => {})
  const moto = spawn(python, ['-m', 'moto.server', '--port', `${port}`], { stdio: 'ignore' })
  try {
    const endpoint = `http://127.0.0.1:${port}`
    const until = performance.now() + 30_000
    while (!(await fetch(`${endpoint}/moto-api/config`).catch(() => undefined))?.ok) {
      if (performance.now() > until) throw new Error('moto did not come up')
      await wallClock.sleep(100)
    }
    const cluster = (): Cluster =>
      connect(config({ ...aws.env, AWS_IMAGE: 'ami-03cf127a' }), new Journal(), {
        endpoint,
        credentials: localCredentials,
        cache: aws.folder,
        clock: testClock,
      })
    const before = await account(cluster())
    await kubeUp(cluster())
    await kubeUp(cluster())
    // What moto itself forgets stays, without a tag: the interfaces and the spare volumes of a group's instances.
    await kubeDown(cluster())
    const forgotten = { interfaces: [], volumes: [] }
    assert.equal({ ...(await account(cluster())), ...forgotten }, { ...before, ...forgotten })
  } finally {
    moto.kill()
  }
})

test.run()
