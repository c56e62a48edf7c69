import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../cluster/aws/journal.ts'
import { UserError } from '../cluster/errors.ts'
import { explain } from '../cluster/explain.ts'

/** An error as the SDK throws it. */
const aws = (name: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { name, $metadata: { httpStatusCode: 400, attempts: 1 }, ...more })
/** An error as Node.js throws it. */
const system = (code: string, message: string, more: object = {}) =>
  Object.assign(new Error(message), { code, ...more })

const families: [what: string, error: unknown, sentence: string | RegExp][] = [
  ["the person's mistake", new UserError('SSH_CIDR must be one.', 2), 'SSH_CIDR must be one.'],
  [
    'no credentials at all',
    Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' }),
    /^AWS does not accept your credentials \(CredentialsProviderError: Could not load.*\)\. Log in again, or set AWS_PROFILE/,
  ],
  [
    'a key that AWS does not know',
    aws('InvalidClientTokenId', 'The security token included in the request is invalid.'),
    /does not accept your credentials/,
  ],
  ['a wrong secret', aws('SignatureDoesNotMatch', 'The request signature we calculated…'), /does not accept your cred/],
  ['a session that is over', aws('ExpiredToken', 'The security token is expired'), /does not accept your credentials/],
  ['EC2 with a key it does not know', aws('AuthFailure', 'AWS was not able to validate…'), /does not accept your cred/],
  [
    'S3 with a key it does not know',
    aws('InvalidAccessKeyId', 'The AWS Access Key Id you provided does not exist in our records.'),
    /does not accept your credentials/,
  ],
  [
    'credentials that may not do this',
    aws('UnauthorizedOperation', 'You are not authorized to perform this operation.'),
    /^your credentials may not do this \(UnauthorizedOperation: .*\)\. Ask for that right, or use others\.$/,
  ],
  [
    'S3 and IAM in their words',
    aws('AccessDenied', 'User: ada is not authorized to perform: iam:CreateRole'),
    /^your credentials may not do this \(AccessDenied: User: ada/,
  ],
  [
    'an image of somebody else, which EC2 calls by the same name',
    aws('AuthFailure', 'Not authorized for images: [ami-01234567]'),
    'AWS said AuthFailure: Not authorized for images: [ami-01234567]',
  ],
  [
    'any other answer of AWS',
    aws('VpcLimitExceeded', 'The maximum number of VPCs has been reached.'),
    'AWS said VpcLimitExceeded: The maximum number of VPCs has been reached.',
  ],
  ['a file that is not there', system('ENOENT', "ENOENT: no such file, open '/x'"), "ENOENT: no such file, open '/x'."],
  ['a full disk', system('ENOSPC', 'ENOSPC: no space left on device, write'), /^ENOSPC: no space left on device/],
  [
    'an error with a code and no words, as of several addresses that all refused',
    Object.assign(new AggregateError([], ''), { code: 'ECONNREFUSED' }),
    'ECONNREFUSED.',
  ],
  ['something that is no error', 'just words', 'Failed: just words'],
  ['nothing', undefined, 'Failed: undefined'],
]
for (const [what, error, sentence] of families)
  test(`${what}: one sentence, no stack trace`, () => {
    const told = explain(error, new Journal())
    if (typeof sentence === 'string') assert.is(told.sentence, sentence)
    else assert.match(told.sentence, sentence)
    assert.not.match(told.sentence, /\n|\bat .*:\d+:\d+/)
  })

const unreachable: [what: string, error: Error][] = [
  ['a name that does not resolve', system('ENOTFOUND', 'getaddrinfo ENOTFOUND ec2.us-west-2.amazonaws.com')],
  ['nobody who listens', system('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5000')],
  ['a connection that breaks', system('ECONNRESET', 'socket hang up')],
  ['an answer that does not come', Object.assign(new Error('connect ETIMEDOUT'), { name: 'TimeoutError' })],
]
for (const [what, error] of unreachable)
  test(`${what} is nothing that AWS said, though the SDK adds its metadata`, () => {
    const { sentence, exitCode } = explain(Object.assign(error, { $metadata: { attempts: 8 } }), new Journal())
    assert.ok(sentence.includes(error.message))
    assert.not.match(sentence, /AWS said/)
    assert.not.match(sentence, /\n/)
    assert.is(exitCode, 1)
  })

test('the exit code of a UserError is its own, that of all else is 1', () => {
  const codes = [new UserError('x', 2), new UserError('x'), aws('X', 'y'), system('X', 'y'), new Error('x'), 'x']
  assert.equal(
    codes.map(error => explain(error, new Journal()).exitCode),
    [2, 1, 1, 1, 1, 1],
  )
})

test('the step that failed is named', async () => {
  const journal = new Journal()
  await journal.step('VPC', async () => {})
  await journal.step('subnet', () => Promise.reject(new Error())).catch(() => {})
  assert.is(
    explain(aws('InvalidSubnet.Conflict', 'conflicts'), journal).sentence,
    'The step "subnet" failed: AWS said InvalidSubnet.Conflict: conflicts',
  )
  assert.match(explain(aws('ExpiredToken', 'x'), journal).sentence, /^The step "subnet" failed: AWS does not accept/)
  assert.match(explain(aws('AccessDenied', 'x'), journal).sentence, /^The step "subnet" failed: your credentials/)
  assert.match(explain(system('EACCES', 'x'), journal).sentence, /^The step "subnet" failed: x\.$/)
})

test('a mistake of ours, and only that, shows where it happened', () => {
  const { sentence } = explain(new TypeError("Cannot read properties of undefined (reading 'id')"), new Journal())
  assert.match(sentence, /^TypeError: Cannot read properties of undefined/)
  assert.match(sentence, /\n\s+at .*explain\.test\.ts:\d+/)
})

test.run()
