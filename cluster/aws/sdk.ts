import { createRequire } from 'node:module'

const load = createRequire(import.meta.url)

/**
 * The AWS SDK, required and not imported: before Node imports a CommonJS file it reads all of it for the names of its exports,
 * and the 2 MB of the EC2 client take longer to be read like that than to run. Half of a command's start went there.
 */
export const autoScaling = load('@aws-sdk/client-auto-scaling') as typeof import('@aws-sdk/client-auto-scaling')
export const ec2 = load('@aws-sdk/client-ec2') as typeof import('@aws-sdk/client-ec2')
export const elb = load(
  '@aws-sdk/client-elastic-load-balancing',
) as typeof import('@aws-sdk/client-elastic-load-balancing')
export const elbv2 = load(
  '@aws-sdk/client-elastic-load-balancing-v2',
) as typeof import('@aws-sdk/client-elastic-load-balancing-v2')
export const iam = load('@aws-sdk/client-iam') as typeof import('@aws-sdk/client-iam')
export const s3 = load('@aws-sdk/client-s3') as typeof import('@aws-sdk/client-s3')
export const sts = load('@aws-sdk/client-sts') as typeof import('@aws-sdk/client-sts')
