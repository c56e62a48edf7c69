import * as sdk from '../../../aws/sdk.ts'
import { credentials as anyone } from '../world.ts'
import type { Subject } from './subject.ts'

const early = 5 * 60_000

/**
 * Credentials of a machine's role, as the metadata service hands them out: temporary, kept while they are good, and renewed
 * five minutes before they end (or half-way, when they live shorter than that).
 */
export const roles = (endpoint: string, seconds: number) => {
  const kept = new Map<string, { text: string; renew: number }>()
  const iam = new sdk.iam.IAMClient({ endpoint, region: 'us-east-1', credentials: anyone })
  const profiles = new Map<string, Promise<Subject['profile']>>()

  const ask = async (name: string): Promise<Subject['profile']> => {
    const { InstanceProfile } = await iam.send(new sdk.iam.GetInstanceProfileCommand({ InstanceProfileName: name }))
    const role = InstanceProfile?.Roles?.[0]?.RoleName
    if (!role || !InstanceProfile) return undefined
    return { arn: InstanceProfile.Arn ?? '', id: InstanceProfile.InstanceProfileId ?? '', role }
  }

  return {
    /** The profile an instance was given, with its role; nothing when either is gone. */
    profile: async (arn: string | undefined) => {
      const name = arn?.split('/').at(-1)
      if (!name) return undefined
      const known = profiles.get(name) ?? ask(name).catch(() => undefined)
      profiles.set(name, known)
      const found = await known
      if (!found) profiles.delete(name)
      return found
    },
    credentials: async ({ region, instance, account, profile }: Subject): Promise<string> => {
      const key = `${instance.InstanceId} ${profile?.role}`
      const known = kept.get(key)
      if (known && known.renew > Date.now()) return known.text
      const sts = new sdk.sts.STSClient({ endpoint, region, credentials: anyone })
      const { Credentials } = await sts.send(
        new sdk.sts.AssumeRoleCommand({
          RoleArn: `arn:aws:iam::${account}:role/${profile?.role}`,
          RoleSessionName: instance.InstanceId,
          DurationSeconds: seconds,
        }),
      )
      const ends = Credentials?.Expiration?.getTime() ?? Date.now()
      const text = JSON.stringify(
        {
          Code: 'Success',
          LastUpdated: new Date().toISOString().replace(/\.\d+/, ''),
          Type: 'AWS-HMAC',
          AccessKeyId: Credentials?.AccessKeyId,
          SecretAccessKey: Credentials?.SecretAccessKey,
          Token: Credentials?.SessionToken,
          Expiration: new Date(ends).toISOString().replace(/\.\d+/, ''),
        },
        null,
        2,
      )
      kept.set(key, { text, renew: ends - Math.min(early, (seconds * 1000) / 2) })
      return text
    },
  }
}
