import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { awsCli, kebab } from '../cluster/story/aws-cli.ts'
import { printable } from '../cluster/story/printable.ts'
import { quote, quoteWith } from '../cluster/story/shell.ts'
import { downTexts, upTexts } from '../cluster/story/texts.ts'
import { wrap } from '../cluster/story/wrap.ts'
import { parts, relations } from '../cluster/walkthrough/architecture.ts'

for (const [name, expected] of Object.entries({
  DescribeVpcs: 'describe-vpcs',
  VPCZoneIdentifier: 'vpc-zone-identifier',
  ListObjectsV2: 'list-objects-v2',
  EnableDnsHostnames: 'enable-dns-hostnames',
}))
  test(`the AWS CLI calls ${name} ${expected}`, () => assert.is(kebab(name), expected))

const files = { userData: () => 'data.gz', document: () => 'policy.json', publicKey: 'key.pub', object: () => 'file' }
const words = (service: string, action: string, input: object) =>
  awsCli({ service, action, input, began: 0, ended: 0 }, quoteWith(new Map([['sg-1', 'GROUP']])), files).join(' ')

for (const [service, action, input, expected] of [
  ['EC2', 'CreateVolume', { Size: 20, Encrypted: true }, 'aws ec2 create-volume --size 20 --encrypted'],
  ['EC2', 'DeleteSubnet', { SubnetId: 's', DryRun: false }, 'aws ec2 delete-subnet --subnet-id s --no-dry-run'],
  ['EC2', 'StartInstances', { InstanceIds: ['i-1', 'i-2'] }, 'aws ec2 start-instances --instance-ids i-1 i-2'],
  [
    'EC2',
    'RunInstances',
    { MinCount: 1, MaxCount: 1, UserData: 'H4s' },
    'aws ec2 run-instances --count 1 --user-data fileb://data.gz',
  ],
  [
    'EC2',
    'CreateLaunchTemplate',
    { LaunchTemplateData: { G: ['sg-1'], UserData: 'H4s' } },
    `aws ec2 create-launch-template --launch-template-data '{"G":["'"$GROUP"'"],"UserData":"'"$(base64 < data.gz | tr -d '\\n')"'"}'`,
  ],
  [
    'EC2',
    'ModifyInstanceAttribute',
    { SourceDestCheck: { Value: false } },
    'aws ec2 modify-instance-attribute --no-source-dest-check',
  ],
  ['S3', 'CreateMultipartUpload', { Bucket: 'b', Key: 'k' }, 'aws s3 cp file s3://b/k'],
  ['S3', 'UploadPart', { Bucket: 'b', Key: 'k' }, ''],
] as const)
  test(`${action} is ${expected || 'part of the command for the whole upload'}`, () =>
    assert.is(words(service, action, input), expected))

test('an upload of several files in a row reads them in a row', () => {
  const call = { service: 'S3', action: 'CreateMultipartUpload', input: { Bucket: 'b', Key: 'k' }, began: 0, ended: 0 }
  const said = awsCli(call, quote, { ...files, pieces: () => ['one', 'two'] }).join(' ')
  assert.is(said, 'cat one two | aws s3 cp - s3://b/k')
})

test('a shell reads back what was quoted', () => {
  assert.is(quote('a-b/c.d'), 'a-b/c.d')
  assert.is(quote("it's $HOME"), `'it'\\''s $HOME'`)
  assert.is(quoteWith(new Map([['vpc-1', 'VPC']]))('vpc-1'), '"$VPC"')
})

test('user data is shown by its size and hash, and what is uploaded not at all', () => {
  const shown = printable({
    Body: 'secret',
    LaunchTemplateData: { UserData: Buffer.from('secret').toString('base64') },
  })
  assert.not.match(JSON.stringify(shown), /secret|c2VjcmV0/)
  assert.match(JSON.stringify(shown), /a gzipped script of 6 bytes, sha256 [0-9a-f]{12}…/)
})

test('lines break between words, and commands nowhere', () => {
  assert.is(wrap('one two three', 8), 'one two\nthree')
  assert.is(wrap('  one two three', 8), '  one two three')
})

test('each part of the diagram comes and goes with steps that are told', () => {
  for (const { key, up, down } of parts) {
    if (up) assert.ok(upTexts[up], `${key} comes with ${up}`)
    if (down) assert.ok(downTexts[down], `${key} goes with ${down}`)
  }
  for (const { from, to, up } of relations) {
    assert.ok(parts.some(({ key }) => key === from) && parts.some(({ key }) => key === to), `${from} ${to}`)
    assert.ok(upTexts[up], up)
  }
})

test.run()
