import { AnswerLost } from './retries.ts'

/**
 * AWS's error codes, matched exactly, and in this file only.
 * EC2's are listed at https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */
const code = (error: unknown): string => (error instanceof Error ? error.name : '')
const message = (error: unknown): string => (error instanceof Error ? error.message : '')

const absent = new Set([
  'InvalidInstanceID.NotFound',
  'InvalidVolume.NotFound',
  'InvalidAllocationID.NotFound',
  'InvalidAddress.NotFound',
  'InvalidGroup.NotFound',
  'InvalidGroupId.NotFound',
  'InvalidRouteTableID.NotFound',
  'InvalidRoute.NotFound',
  'InvalidAssociationID.NotFound',
  'InvalidInternetGatewayID.NotFound',
  'Gateway.NotAttached',
  'InvalidSubnetID.NotFound',
  'InvalidVpcID.NotFound',
  'InvalidKeyPair.NotFound',
  'InvalidNetworkInterfaceID.NotFound',
  'InvalidPermission.NotFound',
  'InvalidLaunchTemplateId.NotFound',
  'InvalidLaunchTemplateName.NotFoundException',
  'InvalidAMIID.NotFound',
  'NoSuchEntity',
  'NoSuchEntityException',
  'NoSuchBucket',
  'NoSuchKey',
  'NoSuchUpload',
  'NoSuchTagSet',
  'NoSuchPublicAccessBlockConfiguration',
  'NotFound',
  'LoadBalancerNotFound',
  'LoadBalancerNotFoundException',
  'AccessPointNotFoundException',
  'TargetGroupNotFound',
  'TargetGroupNotFoundException',
])

const inUse = new Set([
  'DependencyViolation',
  'VolumeInUse',
  'InvalidIPAddress.InUse',
  'InvalidNetworkInterface.InUse',
  'InvalidParameterValue.InUse',
  'ResourceInUse',
  'ResourceInUseException',
  'ScalingActivityInProgress',
  'ScalingActivityInProgressFault',
  'ResourceInUseFault',
  'ResourceContentionFault',
  'DeleteConflict',
  'DeleteConflictException',
  'BucketNotEmpty',
  'IncorrectState',
  'IncorrectInstanceState',
])

/** What was asked for is not there: for a find, nothing found; for a delete, nothing left to do. */
export const isAbsent = (error: unknown): boolean =>
  absent.has(code(error)) ||
  // Auto Scaling has one code for all refusals.
  (code(error) === 'ValidationError' && / name not found/i.test(message(error)))

/** Something else still holds it. A reason to wait, and after a deadline to say what holds it. */
export const isInUse = (error: unknown): boolean =>
  inUse.has(code(error)) ||
  // AWS uses this code for a gateway whose VPC still maps public addresses, and for real refusals too.
  (code(error) === 'AuthFailure' && message(error).includes('elastic IP'))

/** It was there already: what a repair was about to add. */
export const isDuplicate = (error: unknown): boolean =>
  [
    'InvalidPermission.Duplicate',
    'RouteAlreadyExists',
    'Resource.AlreadyAssociated',
    'LimitExceeded.AlreadyAttached',
  ].includes(code(error))

/** The answer went missing, and with it whether AWS did what was asked. */
export const isLost = (error: unknown): error is AnswerLost => error instanceof AnswerLost

/** An instance profile that has a role already. */
export const isFull = (error: unknown): boolean => code(error) === 'LimitExceeded'

/** A name that is taken: by somebody else, or by a call of ours whose answer was lost. */
export const isTaken = (error: unknown): boolean =>
  [
    'EntityAlreadyExists',
    'EntityAlreadyExistsException',
    'BucketAlreadyExists',
    'InvalidGroup.Duplicate',
    'InvalidKeyPair.Duplicate',
    'InvalidLaunchTemplateName.AlreadyExistsException',
    'InvalidSubnet.Conflict',
    'AlreadyExists',
    'AlreadyExistsFault',
  ].includes(code(error))

/** S3 is still busy with a bucket that was just made, or just deleted. */
export const isUnsettled = (error: unknown): boolean => ['OperationAborted', 'NoSuchBucket'].includes(code(error))

/** What was just made is not known everywhere yet: https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html */
export const isUnknownYet = (error: unknown): boolean =>
  code(error).endsWith('.NotFound') || ['NoSuchEntity', 'NoSuchEntityException'].includes(code(error))

/** The same of a bucket. */
export const isUnknownBucket = (error: unknown): boolean => code(error) === 'NoSuchBucket'

/** S3 did not write, for the object is no longer as it was read, or another is just writing it: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html */
export const isChangedMeanwhile = (error: unknown): boolean =>
  ['PreconditionFailed', 'ConditionalRequestConflict'].includes(code(error))

/** A bucket of that name is the caller's own already. */
export const isOwnBucket = (error: unknown): boolean => code(error) === 'BucketAlreadyOwnedByYou'

/** A bucket that is there and has no tags. */
export const isUntagged = (error: unknown): boolean => code(error) === 'NoSuchTagSet'

/** A bucket that is there but not ours to read. */
export const isForbidden = (error: unknown): boolean => ['Forbidden', 'AccessDenied', '403'].includes(code(error))

/**
 * An instance profile that IAM knows and EC2 does not know yet; takes up to two minutes.
 * EC2 and Auto Scaling say it in their own words: karpenter#5018, terraform#15341, kops#35.
 */
export const isProfileUnknown = (error: unknown): boolean =>
  ['InvalidParameterValue', 'ValidationError', 'ValidationException'].includes(code(error)) &&
  /Invalid IAM ?Instance ?Profile|iamInstanceProfile\.\w+ is invalid|has no associated IAM Roles/i.test(message(error))

/** Auto Scaling asks EC2 for what a group is made of, and EC2 may not know it there yet. One code serves for all refusals. */
export const isUnknownToGroup = (error: unknown): boolean =>
  ['ValidationError', 'ValidationException'].includes(code(error)) &&
  /(launch template|subnet|security group|key pair)\b.* does not exist/i.test(message(error))

/** The credentials are good, but may not do this. */
export const isUnauthorized = (error: unknown): boolean =>
  ['UnauthorizedOperation', 'AccessDeniedException', 'UnauthorizedAccess', 'OptInRequired'].includes(code(error))

/** The credentials are missing, wrong or expired; nothing was done. */
export const isUnauthenticated = (error: unknown): boolean =>
  [
    'CredentialsProviderError',
    'InvalidAccessKeyId',
    'InvalidClientTokenId',
    'UnrecognizedClientException',
    'SignatureDoesNotMatch',
    'ExpiredToken',
    'ExpiredTokenException',
    'TokenRefreshRequired',
    'RequestExpired',
    'InvalidToken',
    'InvalidIdentityToken',
    'TokenProviderError',
  ].includes(code(error)) ||
  // EC2 has this code for images and addresses of others too.
  (code(error) === 'AuthFailure' && message(error).includes('not able to validate'))

/** `undefined` where AWS says that it is not there. */
export const orNothing = async <T>(call: Promise<T>): Promise<T | undefined> => unless(isAbsent, call)

/** `undefined` where the error is the expected one; any other error goes on. */
export async function unless<T>(expected: (error: unknown) => boolean, call: Promise<T>): Promise<T | undefined> {
  try {
    return await call
  } catch (error) {
    if (expected(error)) return undefined
    throw error
  }
}
