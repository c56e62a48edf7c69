import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { config } from '../../../cluster/aws/config-default.ts'
import { policy, trust } from '../../../cluster/aws/policies.ts'
import { iamPath } from '../../../cluster/aws/resources/role.ts'
import type { MachineRole } from '../../../cluster/aws/templates.ts'

interface Statement {
  readonly Sid: string
  readonly Effect: string
  readonly Action: string | string[]
  readonly Resource: string | string[]
  readonly Condition?: Record<string, Record<string, string | string[]>>
}

const roles: readonly MachineRole[] = ['master', 'minion']
const bucket = { id: 'kubernetes-staging-0123456789abcdef0123456789abcdef', shared: false }
/** With every switch on that gives the master a right. */
const all = config({ KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true' })
const text = (role: MachineRole, name = 'dev', partition = 'aws', settings = all) =>
  policy({ name, region: 'us-west-2', config: settings }, { partition }, bucket, role)
const statements = (role: MachineRole, name = 'dev', partition = 'aws') =>
  (JSON.parse(text(role, name, partition)) as { Statement: Statement[] }).Statement
const listed = (one: string | string[]) => [one].flat()

/** Whether the policy allows it, read as IAM reads it, conditions left aside. */
const allows = (role: MachineRole, name: string, action: string, resource: string) =>
  statements(role, name).some(
    ({ Action, Resource }) =>
      listed(Action).includes(action) &&
      listed(Resource).some(pattern =>
        new RegExp(`^${pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(resource),
      ),
  )
const object = (key: string, of = bucket.id) => `arn:aws:s3:::${of}/${key}`

const onlyAsks = (action: string) => /^(autoscaling|ec2|elasticloadbalancing):Describe[A-Z]\w+$/.test(action)
const readsEcr = (action: string) => /^ecr:(BatchCheck|BatchGet|Describe|Get|List)\w+$/.test(action)
const guarded = ({ Condition }: Statement, name: string) =>
  Object.entries(Condition?.StringEquals ?? {}).some(
    ([key, values]) =>
      new RegExp(`^aws:(Request|Resource)Tag/kubernetes\\.io/cluster/${name}$`).test(key) &&
      listed(values).every(value => value === 'owned' || value === 'shared'),
  )

for (const role of roles) {
  test(`the ${role}'s policy is JSON that IAM knows, each statement with an id of its own`, () => {
    const { Version, ...rest } = JSON.parse(text(role)) as { Version: string }
    assert.is(Version, '2012-10-17')
    assert.equal(Object.keys(rest), ['Statement'])
    const ids = statements(role).map(({ Sid }) => Sid)
    assert.is(new Set(ids).size, ids.length)
    for (const id of ids) assert.match(id, /^[A-Za-z0-9]+$/)
    for (const { Effect } of statements(role)) assert.is(Effect, 'Allow')
  })

  test(`the ${role} has no action with a wildcard, and no NotAction or NotResource`, () => {
    for (const statement of statements(role)) {
      assert.equal(
        Object.keys(statement).filter(key => !['Sid', 'Effect', 'Action', 'Resource', 'Condition'].includes(key)),
        [],
      )
      for (const action of listed(statement.Action)) assert.match(action, /^[a-z0-9]+:[A-Z][A-Za-z]+$/)
    }
  })

  test(`the ${role} may act on every resource only to ask, to read ECR, or where the cluster's tag guards it`, () => {
    for (const statement of statements(role)) {
      if (!listed(statement.Resource).includes('*')) continue
      const open = listed(statement.Action).filter(action => !onlyAsks(action) && !readsEcr(action))
      if (!guarded(statement, 'dev')) assert.equal(open, [], statement.Sid)
    }
  })

  test(`what the ${role} may change outside of its bucket prefix is guarded by the cluster's tag or names one thing`, () => {
    const unguarded = statements(role).filter(
      statement =>
        !guarded(statement, 'dev') &&
        listed(statement.Action).some(
          action => !onlyAsks(action) && !readsEcr(action) && !/^s3:(Get|Put)Object$/.test(action),
        ) &&
        listed(statement.Resource).some(resource => resource.endsWith('*')),
    )
    assert.equal(
      unguarded.map(({ Sid }) => Sid),
      [],
    )
  })

  test(`every S3 resource of the ${role} begins with the cluster's own prefix`, () => {
    const s3 = statements(role).filter(({ Action }) => listed(Action).some(action => action.startsWith('s3:')))
    assert.ok(s3.length > 0)
    for (const { Action, Resource } of s3) {
      for (const action of listed(Action)) assert.ok(['s3:GetObject', 's3:PutObject'].includes(action), action)
      for (const resource of listed(Resource))
        assert.match(resource, new RegExp(`^arn:aws:s3:::${bucket.id}/kube-up/us-west-2/dev/\\w+/`))
    }
  })

  test(`the ${role} reads the release and what it is told, and writes only its status`, () => {
    const may = (action: string, key: string) => allows(role, 'dev', action, object(key))
    assert.ok(may('s3:GetObject', 'kube-up/us-west-2/dev/release/0123/bootstrap.sh'))
    assert.ok(may('s3:GetObject', 'kube-up/us-west-2/dev/node/identity.json'))
    assert.is(may('s3:GetObject', 'kube-up/us-west-2/dev/master/identity.json'), role === 'master')
    for (const status of ['status/master/i-0123.json', 'status/minion/i-0123.json'])
      assert.not.ok(may('s3:GetObject', `kube-up/us-west-2/dev/${status}`), status)
    assert.ok(may('s3:PutObject', `kube-up/us-west-2/dev/status/${role}/i-0123`))
    for (const key of [
      'kube-up/us-west-2/dev/release/0123/bootstrap.sh',
      'kube-up/us-west-2/dev/master/identity.json',
      'kube-up/us-west-2/dev/node/identity.json',
      'kube-up/us-west-2/dev/x',
      'x',
    ])
      assert.not.ok(may('s3:PutObject', key), key)
    for (const action of ['s3:DeleteObject', 's3:ListBucket', 's3:PutObjectAcl', 's3:PutBucketPolicy'])
      assert.not.ok(may(action, 'kube-up/us-west-2/dev/release/0123/bootstrap.sh'), action)
  })

  test(`the ${role} reaches neither another cluster's prefix in the same bucket nor the same prefix in another bucket`, () => {
    for (const other of ['dev-2', 'de', 'prod', 'xdev'])
      for (const folder of ['release', 'master', 'node', 'status/master', 'status/minion'])
        for (const action of ['s3:GetObject', 's3:PutObject'])
          assert.not.ok(
            allows(role, 'dev', action, object(`kube-up/us-west-2/${other}/${folder}/x`)),
            `${action} ${other}/${folder}`,
          )
    assert.not.ok(allows(role, 'dev', 's3:GetObject', object('kube-up/us-west-2/dev/release/x', `${bucket.id}-other`)))
  })

  test(`the ${role} has no right to pass or take a role, launch a machine, or read a secret`, () => {
    const actions = statements(role).flatMap(({ Action }) => listed(Action))
    const dangerous = actions.filter(action =>
      /^(sts|secretsmanager|ssm|kms|organizations):|^iam:(?!CreateServiceLinkedRole$)|^ec2:(Run|Terminate|Start|Stop)/.test(
        action,
      ),
    )
    assert.equal(dangerous, [])
  })

  test(`the ${role}'s policy belongs to the partition it is used in`, () => {
    for (const partition of ['aws', 'aws-cn', 'aws-us-gov']) {
      const arns = statements(role, 'dev', partition)
        .flatMap(({ Resource }) => listed(Resource))
        .filter(resource => resource !== '*')
      assert.ok(arns.length > 0)
      for (const arn of arns) assert.is(arn.split(':')[1], partition)
    }
  })

  test(`the ${role}'s policy fits into a role, whatever the names`, () => {
    const names = { name: `k${'8'.repeat(39)}`, region: 'ap-southeast-2', config: all }
    const longest = policy(names, { partition: 'aws-us-gov' }, { id: 'b'.repeat(63), shared: true }, role)
    // IAM does not count white space; 10,240 is the limit for all inline policies of a role together.
    assert.ok(longest.replace(/\s/g, '').length <= 10_240)
  })

  test(`nothing is left to fill in for the ${role}`, () => assert.not.match(text(role), /[{]{2}|undefined/))
}

test('the minion cannot read what only the master may', () => {
  assert.not.ok(allows('minion', 'dev', 's3:GetObject', object('kube-up/us-west-2/dev/master/ca.key')))
  assert.not.ok(allows('minion', 'dev', 's3:PutObject', object('kube-up/us-west-2/dev/status/master/i-0123')))
})

test('the master cannot speak for a minion', () => {
  assert.not.ok(allows('master', 'dev', 's3:PutObject', object('kube-up/us-west-2/dev/status/minion/i-0123')))
})

test('the minion can change nothing in EC2', () => {
  const actions = statements('minion').flatMap(({ Action }) => listed(Action))
  assert.equal(
    actions.filter(action => action.startsWith('ec2:')),
    ['ec2:DescribeInstances', 'ec2:DescribeRegions'],
  )
})

test('with the switches off, the master has none of the rights that come with them', () => {
  const off = config({ KUBE_ENABLE_DEFAULT_STORAGE_CLASS: 'false' })
  const actions = (settings: typeof off) =>
    (JSON.parse(text('master', 'dev', 'aws', settings)) as { Statement: Statement[] }).Statement.flatMap(one =>
      listed(one.Action),
    )
  const lost = actions(all).filter(action => !actions(off).includes(action))
  assert.ok(lost.includes('ec2:CreateVolume') && lost.includes('ec2:DeleteVolume'))
  assert.ok(lost.includes('autoscaling:SetDesiredCapacity'))
  assert.equal(
    actions(off).filter(action => /Volume|^autoscaling:(?!Describe)/.test(action)),
    [],
  )
})

test('a tag condition names this cluster and no other', () => {
  const keys = statements('master', 'prod').flatMap(({ Condition }) =>
    Object.values(Condition ?? {}).flatMap(test => Object.keys(test)),
  )
  const tags = keys.filter(key => key.includes('kubernetes.io/cluster/'))
  assert.ok(tags.length > 0)
  for (const key of tags) assert.match(key, /kubernetes\.io\/cluster\/prod$/)
})

test('the role may be taken by EC2 and by nobody else', () => {
  for (const [partition, Service] of [
    ['aws', 'ec2.amazonaws.com'],
    ['aws-us-gov', 'ec2.amazonaws.com'],
    ['aws-cn', 'ec2.amazonaws.com.cn'],
  ] as const)
    assert.equal((JSON.parse(trust({ partition })) as { Statement: object[] }).Statement, [
      { Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' },
    ])
})

test('the path tells clusters of one name in two regions apart, and a name from one that begins alike', () => {
  assert.is(iamPath({ name: 'dev', region: 'us-west-2' }), '/kube-up/us-west-2/dev/')
  assert.not.ok(
    iamPath({ name: 'dev-2', region: 'us-west-2' }).startsWith(iamPath({ name: 'dev', region: 'us-west-2' })),
  )
  // IAM's own limit: https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
  const longest = iamPath({ name: `k${'8'.repeat(39)}`, region: 'ap-southeast-99' })
  assert.match(longest, /^\/[!-~]{1,510}\/$/)
})

test.run()
