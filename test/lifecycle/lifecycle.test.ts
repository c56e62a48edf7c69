import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { validate } from '../../cluster/aws/validate.ts'
import { account } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { Answer } from '../support/proxy.ts'

const test = suite('lifecycle')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

const changes = () => aws.proxy.recorded.filter(call => call.changes)

test('a fresh kube-up makes a cluster whose machines run', async () => {
  const { nodes, master } = await kubeUp(aws.cluster())
  assert.is(nodes.inService, 2)
  assert.match(master.id, /^i-/)
  assert.is((await validate(aws.cluster())).exitCode, undefined)
})

test('everything that is created carries the owner tag in the very call that creates it', async () => {
  await kubeUp(aws.cluster({ KUBE_TAGS: 'team=blue' }))
  const creating = changes().filter(
    call =>
      /^(Create|RunInstances|Allocate|Import)/.test(call.action) &&
      !/^Create(Route|Tags|MultipartUpload)$/.test(call.action),
  )
  const bare = creating.filter(({ params }) => {
    const sent = Object.values(params).join('\n')
    return !(
      sent.includes('kubernetes.io/cluster/kubernetes') &&
      sent.includes('KubernetesCluster') &&
      sent.includes('team')
    )
  })
  assert.equal(
    bare.map(call => call.action),
    [],
  )
  assert.ok(creating.length >= 16, `only ${creating.length} creating calls were seen`)
  assert.is(changes().filter(call => call.action === 'CreateTags').length, 0)
})

test('a second kube-up changes nothing', async () => {
  await kubeUp(aws.cluster())
  aws.proxy.forget()
  const again = aws.cluster()
  await kubeUp(again)
  assert.equal(changes(), [])
  const outcomes = new Set(again.journal.steps.map(step => step.outcome))
  assert.equal(outcomes, new Set(['done', 'already there']))
})

test('kube-down leaves the account as it was before kube-up', async () => {
  const before = await account(aws.cluster())
  await kubeUp(aws.cluster())
  assert.not.equal(await account(aws.cluster()), before)
  await kubeDown(aws.cluster())
  assert.equal(await account(aws.cluster()), before)
})

test('a second kube-down finds nothing and changes nothing', async () => {
  await kubeUp(aws.cluster())
  await kubeDown(aws.cluster())
  aws.proxy.forget()
  assert.is(await kubeDown(aws.cluster()), 0)
  assert.equal(changes(), [])
})

test('what EC2 does not know yet is tried again, and an instance profile that has not arrived, too', async () => {
  const seen = new Map<string, number>()
  const early: Record<string, Answer> = {
    CreateSubnet: new Answer('InvalidVpcID.NotFound'),
    AuthorizeSecurityGroupIngress: new Answer('InvalidGroup.NotFound'),
    AttachInternetGateway: new Answer('InvalidInternetGatewayID.NotFound'),
    CreateRoute: new Answer('InvalidRouteTableID.NotFound'),
    RunInstances: new Answer(
      'InvalidParameterValue',
      'Value (kubernetes-master) for parameter iamInstanceProfile.name is invalid.',
    ),
    AssociateAddress: new Answer('InvalidInstanceID.NotFound'),
    CreateAutoScalingGroup: new Answer(
      'ValidationError',
      'You must use a valid fully-formed launch template. Invalid IAM Instance Profile name',
    ),
  }
  aws.proxy.before = ({ action }) => {
    const times = (seen.get(action) ?? 0) + 1
    seen.set(action, times)
    const refusal = early[action]
    if (refusal && times === 1) throw refusal
  }
  const { nodes } = await kubeUp(aws.cluster())
  assert.is(nodes.inService, 2)
  for (const action of Object.keys(early)) assert.ok((seen.get(action) ?? 0) > 1, `${action} was tried again`)
})

test('what is in use is waited for: Auto Scaling and S3 say it in words of their own', async () => {
  const seen = new Map<string, number>()
  const busy: Record<string, Answer> = {
    DeleteAutoScalingGroup: new Answer('ScalingActivityInProgress'),
    DeleteSecurityGroup: new Answer('DependencyViolation'),
    DetachInternetGateway: new Answer('DependencyViolation'),
    DeleteVolume: new Answer('VolumeInUse'),
    DeleteBucket: new Answer('BucketNotEmpty', 'The bucket you tried to delete is not empty', 409),
    DeleteRole: new Answer('DeleteConflict', 'Cannot delete entity', 409),
  }
  const before = await account(aws.cluster())
  await kubeUp(aws.cluster())
  aws.proxy.before = ({ action }) => {
    const times = (seen.get(action) ?? 0) + 1
    seen.set(action, times)
    const refusal = busy[action]
    if (refusal && times === 1) throw refusal
  }
  await kubeDown(aws.cluster())
  aws.proxy.before = undefined
  assert.equal(await account(aws.cluster()), before)
  for (const action of Object.keys(busy)) assert.ok((seen.get(action) ?? 0) > 1, `${action} was tried again`)
})

test('of two clusters whose names begin alike, the one that is removed takes nothing from the other', async () => {
  const other = { KUBE_AWS_INSTANCE_PREFIX: 'kube', AWS_SSH_KEY: `${aws.folder}/ssh/other` }
  await kubeUp(aws.cluster(other))
  const before = await account(aws.cluster())
  await kubeUp(aws.cluster({ KUBE_AWS_INSTANCE_PREFIX: 'kube-2' }))
  await kubeDown(aws.cluster({ KUBE_AWS_INSTANCE_PREFIX: 'kube-2' }))
  assert.equal(await account(aws.cluster()), before)
  await kubeUp(aws.cluster({ KUBE_AWS_INSTANCE_PREFIX: 'kube-2' }))
  await kubeDown(aws.cluster(other))
  assert.is((await validate(aws.cluster({ KUBE_AWS_INSTANCE_PREFIX: 'kube-2' }))).exitCode, undefined)
})

test('where one question is refused while another still waits for its answer, that is an error to tell, and no crash', async () => {
  await kubeUp(aws.cluster())
  aws.proxy.before = async ({ action }) => {
    if (action === 'ListBuckets') throw new Answer('AccessDenied', 'Access Denied', 403)
    if (action === 'DescribeTags') await new Promise(resolve => setTimeout(resolve, 200))
  }
  const said = await kubeDown(aws.cluster()).then(String, error => error.name)
  assert.is(said, 'AccessDenied')
})

test.run()
