import type { Instance, Subnet, Vpc } from '@aws-sdk/client-ec2'

/** All that the metadata service may tell one machine. */
export interface Subject {
  readonly region: string
  readonly instance: Instance
  readonly subnet: Subnet | undefined
  readonly vpc: Vpc | undefined
  readonly account: string
  readonly userData: Buffer | undefined
  readonly publicKey: string | undefined
  /** The instance profile's ARN and its role's name. */
  readonly profile: { readonly arn: string; readonly id: string; readonly role: string } | undefined
}
