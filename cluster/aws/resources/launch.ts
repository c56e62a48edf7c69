import type { VolumeType } from '@aws-sdk/client-ec2'
import type { Image } from '../images.ts'
import type { KeyPair } from './key-pair.ts'

/** What instances of either kind are launched with. */
export interface Launch {
  readonly image: Image
  readonly profile: string
  readonly keyPair: KeyPair
  readonly group: string
  readonly userData: Buffer
}

/** The metadata service answers tokens only, and two hops away, for pods that ask through their node's network. */
export const tokensOnly = { HttpTokens: 'required', HttpPutResponseHopLimit: 2, HttpEndpoint: 'enabled' } as const

/** The root volume, encrypted, of the size in GiB; goes with its machine. */
export const rootDisk = ({ rootDevice }: Image, VolumeSize: number, VolumeType: VolumeType) => [
  { DeviceName: rootDevice, Ebs: { VolumeSize, VolumeType, Encrypted: true, DeleteOnTermination: true } },
]
