import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { explain } from '../../cluster/explain.ts'
import { account } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { refusals } from '../support/harsh/refusals.ts'
import { Answer } from '../support/proxy.ts'

const test = suite('refusals')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

const told = async (env = {}) => {
  const cluster = aws.cluster(env)
  const error = await kubeUp(cluster).then(
    () => new Error('it went on'),
    error => error,
  )
  return explain(error, cluster.journal)
}

// The SDK tries a 500 eight times, half a minute in all.
for (const [what, { action, code, message, status }] of Object.entries(refusals))
  if (status !== 500 || process.env.KUBE_TEST_LONG)
    test(`${what}: AWS's code and words are told with the step, and kube-down leaves nothing`, async () => {
      const before = await account(aws.direct)
      aws.proxy.before = call => {
        if (call.action === action) throw new Answer(code, message, status)
      }
      const { sentence, exitCode } = await told()
      assert.is(exitCode, 1)
      assert.match(sentence, /^The step "[^"]+" failed: /)
      assert.ok(sentence.includes(`${code}: ${message}`), sentence)
      aws.proxy.before = undefined
      await kubeDown(aws.cluster())
      assert.equal(await account(aws.direct), before)
    })

test('an account that may make no launch configurations is told so, in AWS’s words (serverpod#3088)', async () => {
  const message =
    'The Launch Configuration creation operation is not available in your account. Use launch templates to create configuration templates for your Auto Scaling groups.'
  aws.proxy.before = call => {
    if (call.action === 'CreateLaunchConfiguration') throw new Answer('UnsupportedOperation', message)
  }
  assert.ok((await told({ KUBE_NODE_LAUNCH: 'configuration' })).sentence.includes(message))
})

test('kube-up asks S3 for no ACL, which new buckets refuse (provider-aws#1723)', async () => {
  await kubeUp(aws.cluster())
  const acls = aws.proxy.recorded.filter(
    ({ service, params }) => service === 's3' && /[?&]acl|x-amz-acl/i.test(params.url ?? ''),
  )
  assert.equal(acls, [])
})

test('nodes that do not come: the group’s own words say why, when the time is up (kubernetes#33202, kops#4025)', async () => {
  aws.proxy.after = ({ action }, answer) => {
    if (action === 'DescribeAutoScalingGroups')
      return { ...answer, body: answer.body.replaceAll('>InService<', '>Pending<') }
    if (action !== 'DescribeScalingActivities') return undefined
    const activity = `<member><ActivityId>1</ActivityId><AutoScalingGroupName>g</AutoScalingGroupName><Cause>c</Cause><StartTime>2026-11-21T00:00:00Z</StartTime><StatusCode>Failed</StatusCode><StatusMessage>Could not launch On-Demand Instances. VcpuLimitExceeded - You have requested more vCPU capacity</StatusMessage></member>`
    return {
      ...answer,
      body: `<DescribeScalingActivitiesResponse><DescribeScalingActivitiesResult><Activities>${activity}</Activities></DescribeScalingActivitiesResult></DescribeScalingActivitiesResponse>`,
    }
  }
  const { sentence } = await told()
  assert.match(
    sentence,
    /Waited 10 minutes for 2 nodes to run, in vain\.\n +Failed: Could not launch.*VcpuLimitExceeded/,
  )
})

test('what blocks a deletion is named when the time is up, and what is not the cluster’s is left alone (kops#9578, kops#12685)', async () => {
  const { vpc } = await kubeUp(aws.cluster())
  const { GroupId } = await aws.direct.ec2.createSecurityGroup({
    GroupName: 'mine',
    Description: 'mine',
    VpcId: vpc.id,
  })
  aws.proxy.before = ({ action }) => {
    if (action === 'DeleteVpc')
      throw new Answer('DependencyViolation', 'The vpc has dependencies and cannot be deleted.')
  }
  const cluster = aws.cluster()
  const said = await kubeDown(cluster).then(
    () => 'it went on',
    error => explain(error, cluster.journal).sentence,
  )
  assert.match(said, /Waited 5 minutes for vpc-\w+ to be let go, in vain/)
  assert.match(said, /AWS's last answer: The vpc has dependencies/)
  assert.match(said, /something else of yours uses it, such as a peering, an endpoint or a security group/)
  const { SecurityGroups } = await aws.direct.ec2.describeSecurityGroups({ GroupIds: [`${GroupId}`] })
  assert.is(SecurityGroups?.length, 1)
})

for (const minutes of [-17, 90])
  test(`a clock ${Math.abs(minutes)} minutes ${minutes < 0 ? 'behind' : 'ahead'}: kube-up goes by AWS's, and says so (kubernetes#11371)`, async () => {
    const awsTime = () => new Date(Date.now() - minutes * 60_000)
    aws.proxy.before = ({ signedAt, service }) => {
      const [, y, mo, d, h, mi, s] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(signedAt) ?? []
      const off = Math.abs(
        Date.UTC(Number(y), Number(mo) - 1, Number(d), Number(h), Number(mi), Number(s)) - awsTime().getTime(),
      )
      const date = { date: awsTime().toUTCString() }
      if (off < 300_000) return
      if (service === 's3')
        throw new Answer(
          'RequestTimeTooSkewed',
          'The difference between the request time and the current time is too large.',
          403,
          date,
        )
      if (service === 'ec2') throw new Answer('RequestExpired', 'Request has expired.', 400, date)
      throw new Answer('SignatureDoesNotMatch', 'Signature not yet current', 403, date)
    }
    aws.proxy.after = (_, answer) => ({ ...answer, headers: { date: awsTime().toUTCString() } })
    const cluster = aws.cluster()
    await kubeUp(cluster)
    assert.match(
      cluster.journal.notes.join('\n'),
      new RegExp(`clock is ${Math.abs(minutes)} minutes ${minutes < 0 ? 'behind' : 'ahead of'} AWS's`),
    )
  })

test.run()
