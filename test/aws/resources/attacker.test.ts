import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { config } from '../../../cluster/aws/config-default.ts'
import { policy } from '../../../cluster/aws/policies.ts'
import { rules } from '../../../cluster/aws/security-rules.ts'
import type { MachineRole } from '../../../cluster/aws/templates.ts'
import { allows, type Question } from '../../support/policy.ts'

const bucket = { id: 'kubernetes-staging-dev', shared: false }
const dev = { name: 'dev', region: 'us-west-2', config: config({ KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true' }) }
const of = (role: MachineRole) => policy(dev, { partition: 'aws' }, bucket, role)
const object = (key: string, inBucket = bucket.id) => `arn:aws:s3:::${inBucket}/${key}`
const ours = 'kube-up/us-west-2/dev/'
const ec2 = (what: string) => `arn:aws:ec2:us-west-2:123456789012:${what}`
const tagged = (cluster: string, how = 'owned') => ({ [`aws:ResourceTag/kubernetes.io/cluster/${cluster}`]: how })
const requesting = (cluster: string) => ({ [`aws:RequestTag/kubernetes.io/cluster/${cluster}`]: 'owned' })
const makeGroup = (what: string, context = {}): Question => ({
  action: 'ec2:CreateSecurityGroup',
  resource: ec2(what),
  context,
})

const read = (resource: string): Question => ({ action: 's3:GetObject', resource })
const write = (resource: string): Question => ({ action: 's3:PutObject', resource })

const group = (name: string) =>
  `arn:aws:autoscaling:us-west-2:123456789012:autoScalingGroup:0123:autoScalingGroupName/${name}-minion-group`
const resizing = ['autoscaling:SetDesiredCapacity', 'autoscaling:TerminateInstanceInAutoScalingGroup']

/** A volume that the driver made for a pod of the cluster. */
const ofPods = (cluster: string) => ({ ...tagged(cluster), 'aws:ResourceTag/ebs.csi.aws.com/cluster': 'true' })
const born = (cluster: string, more = {}) => ({ [`aws:RequestTag/kubernetes.io/cluster/${cluster}`]: 'owned', ...more })

/** Without these a machine could not live; they also show that the evaluator does not just say no. */
const needed: [MachineRole, string, Question][] = [
  ['minion', 'fetch the release', read(object(`${ours}release/0123/bootstrap.sh`))],
  ['minion', 'say how its boot goes', write(object(`${ours}status/minion/i-1.json`))],
  ['minion', 'see itself', { action: 'ec2:DescribeInstances', resource: '*' }],
  ['master', 'fetch the release', read(object(`${ours}release/0123/bootstrap.sh`))],
  ['master', "read the cluster's keys", read(object(`${ours}master/identity.json`))],
  [
    'master',
    "delete the cluster's route",
    { action: 'ec2:DeleteRoute', resource: ec2('route-table/rtb-1'), context: tagged('dev') },
  ],
  // CreateSecurityGroup is asked of the group and of the VPC, each by itself:
  // https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
  ['master', "make a group with the cluster's tag", makeGroup('security-group/sg-1', requesting('dev'))],
  ['master', "make a group in the cluster's own VPC", makeGroup('vpc/vpc-1', tagged('dev'))],
  ['master', "make a group in the person's VPC that the cluster uses", makeGroup('vpc/vpc-1', tagged('dev', 'shared'))],
  ['master', 'make a volume', { action: 'ec2:CreateVolume', resource: ec2('volume/*'), context: born('dev') }],
  [
    'master',
    'tag it at birth',
    {
      action: 'ec2:CreateTags',
      resource: ec2('volume/vol-1'),
      context: born('dev', { 'ec2:CreateAction': 'CreateVolume' }),
    },
  ],
  ...['ec2:AttachVolume', 'ec2:DetachVolume', 'ec2:DeleteVolume'].map((action): [MachineRole, string, Question] => [
    'master',
    `${action} of a pod`,
    { action, resource: ec2('volume/vol-1'), context: ofPods('dev') },
  ]),
  ...resizing.map((action): [MachineRole, string, Question] => [
    'master',
    `${action} in the cluster's group`,
    { action, resource: group('dev'), context: tagged('dev') },
  ]),
  [
    'master',
    "attach to a machine of the cluster's",
    { action: 'ec2:AttachVolume', resource: ec2('instance/i-1'), context: tagged('dev') },
  ],
]
for (const [role, what, question] of needed)
  test(`the ${role} may ${what}`, () => assert.ok(allows(of(role), question)))

/** What somebody with a machine's credentials would like to do. */
const attacks: [string, Question][] = [
  ["read another cluster's keys in the same bucket", read(object('kube-up/us-west-2/prod/master/identity.json'))],
  ['read the keys of a cluster whose name begins alike', read(object('kube-up/us-west-2/dev-2/master/identity.json'))],
  ["read another cluster's bucket", read(object(`${ours}master/identity.json`, 'kubernetes-staging-prod'))],
  ['read what else the person keeps in the bucket', read(object('private/letter.txt'))],
  ['replace the release that the next machine runs', write(object(`${ours}release/0123/bootstrap.sh`))],
  ["replace the cluster's keys", write(object(`${ours}master/identity.json`))],
  ['empty the bucket', { action: 's3:DeleteObject', resource: object(`${ours}release/0123/bootstrap.sh`) }],
  ['list the bucket', { action: 's3:ListBucket', resource: `arn:aws:s3:::${bucket.id}` }],
  ['open the bucket to everyone', { action: 's3:PutBucketPolicy', resource: `arn:aws:s3:::${bucket.id}` }],
  ['launch a machine', { action: 'ec2:RunInstances', resource: ec2('instance/*') }],
  ['give itself another role', { action: 'iam:PassRole', resource: 'arn:aws:iam::123456789012:role/admin' }],
  ['take another role', { action: 'sts:AssumeRole', resource: 'arn:aws:iam::123456789012:role/admin' }],
  [
    'widen its own role',
    { action: 'iam:PutRolePolicy', resource: 'arn:aws:iam::123456789012:role/kube-up/us-west-2/dev/dev-minion' },
  ],
  ['make a key for itself', { action: 'iam:CreateAccessKey', resource: 'arn:aws:iam::123456789012:user/me' }],
  ["change the group's bounds", { action: 'autoscaling:UpdateAutoScalingGroup', resource: '*' }],
  ['read a secret', { action: 'secretsmanager:GetSecretValue', resource: '*' }],
  ["read a machine's user data", { action: 'ec2:DescribeInstanceAttribute', resource: ec2('instance/i-1') }],
  [
    "delete another cluster's group",
    { action: 'ec2:DeleteSecurityGroup', resource: ec2('security-group/sg-1'), context: tagged('prod') },
  ],
  [
    "delete another cluster's route",
    { action: 'ec2:DeleteRoute', resource: ec2('route-table/rtb-1'), context: tagged('prod') },
  ],
  [
    "open another cluster's group",
    { action: 'ec2:AuthorizeSecurityGroupIngress', resource: ec2('security-group/sg-1'), context: tagged('prod') },
  ],
  [
    "delete another cluster's load balancer",
    {
      action: 'elasticloadbalancing:DeleteLoadBalancer',
      resource: 'arn:aws:elasticloadbalancing:us-west-2:123456789012:loadbalancer/net/a/b',
      context: tagged('prod'),
    },
  ],
  ...['ec2:TerminateInstances', 'ec2:StopInstances', 'ec2:CreateTags'].flatMap(action =>
    ['dev', 'prod'].map((cluster): [string, Question] => [
      `${action} on a machine of ${cluster}`,
      { action, resource: ec2('instance/i-1'), context: tagged(cluster) },
    ]),
  ),
  [
    'tag a machine while it says that it makes a group',
    {
      action: 'ec2:CreateTags',
      resource: ec2('instance/i-1'),
      context: { 'ec2:CreateAction': 'CreateSecurityGroup', 'aws:RequestTag/kubernetes.io/cluster/dev': 'owned' },
    },
  ],
  ["make a group in another cluster's VPC", makeGroup('vpc/vpc-1', { ...tagged('prod'), ...requesting('dev') })],
  ['make a group in a VPC that nobody marked', makeGroup('vpc/vpc-1', requesting('dev'))],
  ['make a group without a tag', makeGroup('security-group/sg-1', tagged('dev'))],
  ["make a group with another's tag", makeGroup('security-group/sg-1', requesting('prod'))],
  ...resizing.flatMap((action): [string, Question][] => [
    [`${action} in another cluster's group`, { action, resource: group('prod'), context: tagged('prod') }],
    [`${action} in somebody else's group`, { action, resource: group('dev') }],
  ]),
  [
    'delete the group',
    { action: 'autoscaling:DeleteAutoScalingGroup', resource: group('dev'), context: tagged('dev') },
  ],
  // A call is denied when one of the things it is about is.
  ...['ec2:AttachVolume', 'ec2:DetachVolume', 'ec2:DeleteVolume'].flatMap((action): [string, Question][] => [
    [`${action} of another cluster`, { action, resource: ec2('volume/vol-1'), context: ofPods('prod') }],
    [`${action} of somebody else`, { action, resource: ec2('volume/vol-1') }],
    [`${action} that holds the master's etcd`, { action, resource: ec2('volume/vol-1'), context: tagged('dev') }],
  ]),
  [
    "attach a volume to another cluster's machine",
    { action: 'ec2:AttachVolume', resource: ec2('instance/i-1'), context: tagged('prod') },
  ],
  ['make a volume that nobody would find', { action: 'ec2:CreateVolume', resource: ec2('volume/*') }],
  ["make a volume in another's name", { action: 'ec2:CreateVolume', resource: ec2('volume/*'), context: born('prod') }],
  [
    'read a snapshot by making a volume of it',
    { action: 'ec2:CreateVolume', resource: ec2('snapshot/snap-1'), context: born('dev') },
  ],
  [
    "make the master's disk look like a pod's",
    {
      action: 'ec2:CreateTags',
      resource: ec2('volume/vol-1'),
      context: { ...tagged('dev'), ...born('dev') },
    },
  ],
  ['snapshot a volume', { action: 'ec2:CreateSnapshot', resource: ec2('volume/vol-1'), context: ofPods('dev') }],
  [
    "make a group in another's name",
    {
      action: 'ec2:CreateTags',
      resource: ec2('security-group/sg-1'),
      context: { 'ec2:CreateAction': 'CreateSecurityGroup', 'aws:RequestTag/kubernetes.io/cluster/prod': 'owned' },
    },
  ],
]
for (const role of ['master', 'minion'] as const)
  for (const [what, question] of attacks)
    test(`the ${role} may not ${what}`, () => assert.not.ok(allows(of(role), question)))

/** What the master may, and a node may not. */
const nodesAttacks: [string, Question][] = [
  ...resizing.map((action): [string, Question] => [
    `${action} in the cluster's group`,
    { action, resource: group('dev'), context: tagged('dev') },
  ]),
  ['make a volume', { action: 'ec2:CreateVolume', resource: ec2('volume/*'), context: born('dev') }],
  ['take a volume of a pod', { action: 'ec2:DetachVolume', resource: ec2('volume/vol-1'), context: ofPods('dev') }],
  ['delete a volume of a pod', { action: 'ec2:DeleteVolume', resource: ec2('volume/vol-1'), context: ofPods('dev') }],
  ['see volumes', { action: 'ec2:DescribeVolumes', resource: '*' }],
  ["read the CA's key", read(object(`${ours}master/identity.json`))],
  ["speak in the master's name", write(object(`${ours}status/master/i-1.json`))],
  [
    "change a route of the cluster's",
    { action: 'ec2:CreateRoute', resource: ec2('route-table/rtb-1'), context: tagged('dev') },
  ],
  [
    "open a group of the cluster's",
    { action: 'ec2:AuthorizeSecurityGroupIngress', resource: ec2('security-group/sg-1'), context: tagged('dev') },
  ],
  [
    'change an instance',
    { action: 'ec2:ModifyInstanceAttribute', resource: ec2('instance/i-1'), context: tagged('dev') },
  ],
  [
    'make a load balancer',
    {
      action: 'elasticloadbalancing:CreateLoadBalancer',
      resource: '*',
      context: { 'aws:RequestTag/kubernetes.io/cluster/dev': 'owned' },
    },
  ],
]
for (const [what, question] of nodesAttacks)
  test(`a node may not ${what}`, () => assert.not.ok(allows(of('minion'), question)))

test('from outside only SSH is open, to whom the person named, and the API of the master', () => {
  const { master, minion } = rules({ master: 'sg-1', minion: 'sg-2' }, ['192.0.2.7/32'], ['0.0.0.0/0'])
  const fromOutside = (group: typeof master) => group.filter(rule => !rule.from.startsWith('sg-'))
  assert.equal(fromOutside(master), [
    { protocol: 'tcp', port: 22, from: '192.0.2.7/32' },
    { protocol: 'tcp', port: 443, from: '0.0.0.0/0' },
  ])
  assert.equal(fromOutside(minion), [{ protocol: 'tcp', port: 22, from: '192.0.2.7/32' }])
})

test('this evaluator itself: a Deny wins, a wildcard is heeded, an unmet condition is a no', () => {
  const say = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement })
  const all = { Effect: 'Allow', Action: '*', Resource: '*' }
  const question = { action: 's3:GetObject', resource: object('x') }
  assert.ok(allows(say(all), question))
  assert.not.ok(allows(say(all, { ...all, Effect: 'Deny' }), question))
  assert.not.ok(allows(say({ ...all, Action: 's3:Put*' }), question))
  assert.not.ok(allows(say({ ...all, Condition: { StringEquals: { k: 'v' } } }), question))
  assert.ok(
    allows(say({ ...all, Condition: { StringEquals: { k: ['u', 'v'] } } }), { ...question, context: { k: 'v' } }),
  )
})

console.log(
  `# asked of the roles' policies, and denied: ${attacks.length} wishes to both roles, ${nodesAttacks.length} more to a node`,
)

test.run()
