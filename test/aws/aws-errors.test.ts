import { test } from 'uvu'
import * as assert from 'uvu/assert'
import * as errors from '../../cluster/aws/aws-errors.ts'

const error = (name: string, message = '') => Object.assign(new Error(message), { name })
const families = {
  isAbsent: errors.isAbsent,
  isInUse: errors.isInUse,
  isDuplicate: errors.isDuplicate,
  isTaken: errors.isTaken,
  isOwnBucket: errors.isOwnBucket,
  isForbidden: errors.isForbidden,
  isProfileUnknown: errors.isProfileUnknown,
  isUnauthorized: errors.isUnauthorized,
  isUnauthenticated: errors.isUnauthenticated,
}
type Family = keyof typeof families

/** An answer of AWS, as recorded or as documented, and all the families it belongs to. */
const answers: [name: string, message: string, ...belongs: Family[]][] = [
  ['InvalidVpcID.NotFound', "The vpc ID 'vpc-1' does not exist", 'isAbsent'],
  ['InvalidKeyPair.NotFound', '', 'isAbsent'],
  ['InvalidAMIID.NotFound', '', 'isAbsent'],
  ['NoSuchEntityException', '', 'isAbsent'],
  ['NoSuchBucket', 'The specified bucket does not exist', 'isAbsent'],
  ['NoSuchTagSet', '', 'isAbsent'],
  ['NotFound', '', 'isAbsent'],
  ['ValidationError', 'AutoScalingGroup name not found - no such group: dev-minion-group', 'isAbsent'],
  ['ValidationError', 'Launch configuration name not found - dev', 'isAbsent'],
  ['ValidationError', 'AutoScalingGroup name must not be empty'],
  ['DependencyViolation', "The vpc 'vpc-1' has dependencies and cannot be deleted.", 'isInUse'],
  ['VolumeInUse', '', 'isInUse'],
  ['ScalingActivityInProgress', '', 'isInUse'],
  ['DeleteConflictException', '', 'isInUse'],
  ['InvalidIPAddress.InUse', '', 'isInUse'],
  ['AuthFailure', 'You do not have permission to access the specified elastic IP', 'isInUse'],
  ['AuthFailure', 'AWS was not able to validate the provided access credentials', 'isUnauthenticated'],
  ['AuthFailure', 'Not authorized for images: [ami-01234567]'],
  ['InvalidPermission.Duplicate', '', 'isDuplicate'],
  ['RouteAlreadyExists', '', 'isDuplicate'],
  ['Resource.AlreadyAssociated', '', 'isDuplicate'],
  ['EntityAlreadyExistsException', '', 'isTaken'],
  ['BucketAlreadyExists', '', 'isTaken'],
  ['BucketAlreadyOwnedByYou', '', 'isOwnBucket'],
  ['InvalidGroup.Duplicate', '', 'isTaken'],
  ['AccessDenied', 'Access Denied', 'isForbidden'],
  ['403', '', 'isForbidden'],
  ['InvalidParameterValue', 'Value (dev) for parameter iamInstanceProfile.name is invalid.', 'isProfileUnknown'],
  ['InvalidParameterValue', 'Value (dev) for parameter groupId is invalid.'],
  ['ValidationError', 'Invalid IamInstanceProfile: dev-minion', 'isProfileUnknown'],
  [
    'ValidationError',
    'You must use a valid fully-formed launch template. Value (dev-minion) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name',
    'isProfileUnknown',
  ],
  [
    'InvalidParameterValue',
    'IAM Instance Profile "arn:aws:iam::1:instance-profile/x" has no associated IAM Roles',
    'isProfileUnknown',
  ],
  ['UnauthorizedOperation', '', 'isUnauthorized'],
  ['OptInRequired', '', 'isUnauthorized'],
  ['ExpiredToken', '', 'isUnauthenticated'],
  ['InvalidClientTokenId', '', 'isUnauthenticated'],
  ['CredentialsProviderError', '', 'isUnauthenticated'],
  ['VpcLimitExceeded', 'The maximum number of VPCs has been reached.'],
  ['Throttling', 'Rate exceeded'],
  ['RequestLimitExceeded', 'Request limit exceeded.'],
  ['InternalError', ''],
  ['InvalidVpcID.Malformed', ''],
  ['invalidvpcid.notfound', 'codes are matched exactly'],
  ['Error', 'InvalidVpcID.NotFound is in the message only'],
]
for (const [name, message, ...belongs] of answers)
  test(`${name}${message && ` (${message})`}: ${belongs.join(' and ') || 'of no family'}`, () =>
    assert.equal(
      Object.entries(families)
        .filter(([, is]) => is(error(name, message)))
        .map(([family]) => family)
        .sort(),
      [...belongs].sort(),
    ))

for (const odd of [undefined, null, 'InvalidVpcID.NotFound', { name: 'InvalidVpcID.NotFound' }, 404])
  test(`${JSON.stringify(odd)} is no error of AWS's`, () => {
    for (const [family, is] of Object.entries(families)) assert.is(is(odd), false, family)
  })

test('orNothing: what is not there is undefined, what is comes back, other errors go on', async () => {
  assert.is(await errors.orNothing(Promise.reject(error('NoSuchBucket'))), undefined)
  assert.is(await errors.orNothing(Promise.resolve('there')), 'there')
  const other: unknown = await errors.orNothing(Promise.reject(error('AccessDenied'))).catch(caught => caught)
  assert.is((other as Error).name, 'AccessDenied')
})

test('unless: only the error that was expected is passed over', async () => {
  assert.is(await errors.unless(errors.isDuplicate, Promise.reject(error('RouteAlreadyExists'))), undefined)
  const other: unknown = await errors
    .unless(errors.isDuplicate, Promise.reject(error('NoSuchBucket')))
    .catch(caught => caught)
  assert.is((other as Error).name, 'NoSuchBucket')
})

test.run()
