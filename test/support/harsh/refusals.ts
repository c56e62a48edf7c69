/** What AWS refuses for good, in its own words, and the call that hears it. */
export interface Refusal {
  readonly action: string
  readonly code: string
  readonly message: string
  readonly status: number
}

const refusal = (action: string, code: string, message: string, status = 400): Refusal => ({
  action,
  code,
  message,
  status,
})

/** Words of https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, or of the thread that is named. */
export const refusals: Readonly<Record<string, Refusal>> = {
  'five VPCs there already (eksctl#4538)': refusal(
    'CreateVpc',
    'VpcLimitExceeded',
    'The maximum number of VPCs has been reached.',
  ),
  'five addresses there already': refusal(
    'AllocateAddress',
    'AddressLimitExceeded',
    'The maximum number of addresses has been reached.',
  ),
  'no room for gateways': refusal(
    'CreateInternetGateway',
    'InternetGatewayLimitExceeded',
    'The maximum number of internet gateways has been reached.',
  ),
  'no vCPUs left (kops#4025, kops#6155)': refusal(
    'RunInstances',
    'VcpuLimitExceeded',
    'You have requested more vCPU capacity than your current vCPU limit of 1 allows for the instance bucket that the specified instance type belongs to.',
  ),
  // AWS answers with 500, and the SDK tries that again.
  'no capacity in the zone': refusal(
    'RunInstances',
    'InsufficientInstanceCapacity',
    'We currently do not have sufficient c7i-flex.large capacity in the Availability Zone you requested (us-west-2a).',
    500,
  ),
  'a type that the free plan does not have (eks-workshop-v2#1644)': refusal(
    'RunInstances',
    'InvalidParameterCombination',
    'The specified instance type is not eligible for Free Tier.',
  ),
  'a type that the zone does not have (test-infra#2919)': refusal(
    'RunInstances',
    'Unsupported',
    'Your requested instance type (c7i-flex.large) is not supported in your requested Availability Zone (us-west-2a).',
  ),
  'credentials that expire half-way': refusal('CreateSubnet', 'RequestExpired', 'Request has expired.'),
  'a session that ends half-way': refusal(
    'CreateSecurityGroup',
    'ExpiredToken',
    'The security token included in the request is expired',
    403,
  ),
  'too many buckets': refusal(
    'CreateBucket',
    'TooManyBuckets',
    'You have attempted to create more buckets than allowed.',
  ),
  'too many roles': refusal('CreateRole', 'LimitExceeded', 'Cannot exceed quota for RolesPerAccount: 1000.', 409),
  'an organisation that forbids the action': refusal(
    'RunInstances',
    'UnauthorizedOperation',
    'You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/me with an explicit deny in a service control policy.',
    403,
  ),
}
