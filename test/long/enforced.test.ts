import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Cluster } from '../../cluster/aws/cluster.ts'
import type { MachineRole } from '../../cluster/aws/templates.ts'
import type { Up } from '../../cluster/aws/up.ts'
import { kubeUp, type TestAws, testAws } from '../support/aws.ts'

/*
 * The roles' own credentials, in a moto that enforces IAM. It judges actions, and for S3 the bucket and the key. It does not
 * know the resources of other services, and passes over conditions: what a policy ties to a tag it grants whatever the tag.
 * There test/aws/resources/attacker.test.ts judges, which evaluates the same policies.
 */
const test = suite('rights enforced')
const prefix = 'kube-up/us-west-2/kubernetes/'
let aws: TestAws
let made: Up
let release: string
let foreign: string
/** The account as a machine of each role sees it. */
let as: Record<MachineRole, Cluster>

/** After so many calls more, moto heeds credentials and policies. */
const enforceAfter = async (calls: string) => {
  const answer = await fetch(`${aws.direct.endpoint}/moto-api/reset-auth`, { method: 'POST', body: calls })
  assert.ok(answer.ok, `moto would not change what it enforces: ${answer.status}`)
}

async function taking(role: MachineRole): Promise<Cluster> {
  const { Role } = await aws.direct.iam.getRole({ RoleName: `kubernetes-${role}` })
  const taken = await aws.direct.sts.assumeRole({ RoleArn: Role?.Arn, RoleSessionName: 'i-0123456789abcdef0' })
  const { AccessKeyId = '', SecretAccessKey = '', SessionToken = '' } = taken.Credentials ?? {}
  const credentials = { accessKeyId: AccessKeyId, secretAccessKey: SecretAccessKey, sessionToken: SessionToken }
  return aws.cluster({}, { endpoint: aws.direct.endpoint ?? '', credentials })
}

test.before(async () => {
  aws = await testAws()
  made = await kubeUp(aws.cluster())
  const { s3 } = aws.direct
  await s3.createBucket({ Bucket: 'of-another', CreateBucketConfiguration: { LocationConstraint: 'us-west-2' } })
  await s3.putObject({ Bucket: 'of-another', Key: `${prefix}master/identity.json`, Body: 'secret' })
  await s3.putObject({ Bucket: made.bucket.id, Key: 'kube-up/us-west-2/kubernetes-2/node/x', Body: 'secret' })
  const { Contents = [] } = await s3.listObjectsV2({ Bucket: made.bucket.id, Prefix: `${prefix}release/` })
  release = Contents[0]?.Key ?? ''
  const group = { GroupName: 'of-another', Description: 'of another', VpcId: made.vpc.id }
  foreign = (await aws.direct.ec2.createSecurityGroup(group)).GroupId ?? ''
  as = { master: await taking('master'), minion: await taking('minion') }
  await enforceAfter('0')
})
test.after(async () => {
  await enforceAfter('inf')
  await aws.stop()
})

type Wish = (machine: Cluster) => Promise<unknown>
type Wishes = Record<string, Wish>

const reads =
  (key: string): Wish =>
  ({ s3 }) =>
    s3.getObject({ Bucket: made.bucket.id, Key: `${prefix}${key}` })
const writes =
  (key: string): Wish =>
  ({ s3 }) =>
    s3.putObject({ Bucket: made.bucket.id, Key: `${prefix}${key}`, Body: '{}' })

const bothMay: Wishes = {
  'fetch the release': ({ s3 }) => s3.getObject({ Bucket: made.bucket.id, Key: release }),
  'fetch what a node joins with': reads('node/identity.json'),
  'see the machines': ({ ec2 }) => ec2.describeInstances({}),
}
const masterMay: Wishes = {
  "read the CA's key": reads('master/identity.json'),
  "say how the master's boot goes": writes('status/master/i-1.json'),
  'see the groups': ({ ec2 }) => ec2.describeSecurityGroups({}),
  'see the load balancers': ({ elbv2 }) => elbv2.describeLoadBalancers({}),
}
const nodeMay: Wishes = { "say how a node's boot goes": writes('status/minion/i-1.json') }

const neitherMay: Wishes = {
  "read another cluster's bucket": ({ s3 }) =>
    s3.getObject({ Bucket: 'of-another', Key: `${prefix}master/identity.json` }),
  'read what a cluster whose name begins alike has in the same bucket': ({ s3 }) =>
    s3.getObject({ Bucket: made.bucket.id, Key: 'kube-up/us-west-2/kubernetes-2/node/x' }),
  'replace the release': ({ s3 }) => s3.putObject({ Bucket: made.bucket.id, Key: release, Body: 'worm' }),
  "replace the cluster's keys": writes('master/identity.json'),
  'delete the release': ({ s3 }) => s3.deleteObject({ Bucket: made.bucket.id, Key: release }),
  'list the bucket': ({ s3 }) => s3.listObjectsV2({ Bucket: made.bucket.id }),
  'list all buckets': ({ s3 }) => s3.listBuckets({}),
  'terminate the master': ({ ec2 }) => ec2.terminateInstances({ InstanceIds: [made.master.id] }),
  'terminate a node': ({ ec2 }) => ec2.terminateInstances({ InstanceIds: [...made.nodes.instances] }),
  'stop a machine': ({ ec2 }) => ec2.stopInstances({ InstanceIds: [made.master.id] }),
  'tag a machine': ({ ec2 }) => ec2.createTags({ Resources: [made.master.id], Tags: [{ Key: 'a', Value: 'b' }] }),
  'launch a machine': ({ ec2 }) => ec2.runInstances({ MinCount: 1, MaxCount: 1, ImageId: made.site.masterImage.id }),
  "read a machine's user data": ({ ec2 }) =>
    ec2.describeInstanceAttribute({ InstanceId: made.master.id, Attribute: 'userData' }),
  'resize the group': ({ autoScaling }) =>
    autoScaling.setDesiredCapacity({ AutoScalingGroupName: made.nodes.id, DesiredCapacity: 9 }),
  'widen its own role': ({ iam }) =>
    iam.putRolePolicy({ RoleName: 'kubernetes-minion', PolicyName: 'more', PolicyDocument: '{}' }),
  'make a user': ({ iam }) => iam.createUser({ UserName: 'me' }),
  'take the role of the master': async ({ sts }) =>
    sts.assumeRole({ RoleArn: 'arn:aws:iam::123456789012:role/kubernetes-master', RoleSessionName: 'me' }),
}
const nodeMayNot: Wishes = {
  "read the CA's key": reads('master/identity.json'),
  "speak in the master's name": writes('status/master/i-1.json'),
  'open a group': ({ ec2 }) =>
    ec2.authorizeSecurityGroupIngress({
      GroupId: made.groups.minion,
      IpPermissions: [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }],
    }),
  'see the groups': ({ ec2 }) => ec2.describeSecurityGroups({}),
}
const denied = async (wish: Wish, role: MachineRole, what: string) => {
  const said = await wish(as[role]).then(
    () => 'nothing, and did it',
    error => error.name as string,
  )
  assert.match(said, /^(AccessDenied(Exception)?|UnauthorizedOperation)$/, `${role}, ${what}: moto said ${said}`)
}

test('what a machine needs it may', async () => {
  const allowed = Object.entries({ ...bothMay, ...masterMay }).map(([what, wish]) => ['master', what, wish] as const)
  const ofNodes = Object.entries({ ...bothMay, ...nodeMay }).map(([what, wish]) => ['minion', what, wish] as const)
  for (const [role, what, wish] of [...allowed, ...ofNodes])
    await wish(as[role]).catch(error => assert.unreachable(`${role}, ${what}: ${error.name} ${error.message}`))
})

for (const role of ['master', 'minion'] as const)
  test(`what somebody with the credentials of a ${role} would like to do is denied`, async () => {
    for (const [what, wish] of Object.entries(neitherMay)) await denied(wish, role, what)
  })

test('what is the master’s is denied to a node', async () => {
  for (const [what, wish] of Object.entries(nodeMayNot)) await denied(wish, 'minion', what)
})

test('moto passes over conditions, and lets the master delete a group that is not tagged: so of tags the evaluator is the judge', async () => {
  await as.master.ec2.deleteSecurityGroup({ GroupId: foreign })
  await denied(({ ec2 }) => ec2.deleteSecurityGroup({ GroupId: foreign }), 'minion', 'delete a group')
})

test('credentials that nobody gave are good for nothing', async () => {
  const credentials = { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'no', sessionToken: 'no' }
  const nobody = aws.cluster({}, { endpoint: aws.direct.endpoint ?? '', credentials })
  const said = await bothMay['see the machines']?.(nobody).catch(error => error.name)
  assert.is(said, 'AuthFailure')
})

const count = (...wishes: Wishes[]) => wishes.reduce((sum, one) => sum + Object.keys(one).length, 0)
console.log(
  `# moto enforcing IAM, with the roles' own credentials: ${count(bothMay, bothMay, masterMay, nodeMay)} wishes granted, ${count(neitherMay, neitherMay, nodeMayNot)} denied`,
)

test.run()
