import type { Call } from '../aws/journal.ts'

/** The AWS CLI's words for the services, which it chose before the SDKs had theirs. */
const services: Record<string, string> = {
  EC2: 'ec2',
  IAM: 'iam',
  S3: 's3api',
  STS: 'sts',
  AutoScaling: 'autoscaling',
  ElasticLoadBalancing: 'elb',
  ElasticLoadBalancingV2: 'elbv2',
}

/** How a text is written into a shell command: quoted, and with variables where it names what was made before. */
export type Write = (text: string) => string

/** What the command line has to take from files: they are too large for it, or not text. */
export interface Files {
  /** The gzipped user data of a machine, by its base64. */
  userData(base64: string): string
  /** The public half of the SSH key. */
  publicKey: string
  /** A policy, which is JSON and long. */
  document(name: string, text: string): string
  /** What goes to S3 under this key. */
  object(key: string): string
  /** Where that is several files in a row, these. */
  pieces?(key: string): readonly string[]
}

type Input = Readonly<Record<string, unknown>>

/** `DescribeVpcs` is `describe-vpcs`, `VPCZoneIdentifier` is `vpc-zone-identifier`: the AWS CLI's own rule. Pure. */
export const kebab = (name: string): string =>
  name
    .replace(/(.)([A-Z][a-z]+)/g, '$1-$2')
    .replace(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()

/**
 * The call as an AWS CLI command: the words before the options, and each option with its value. Pure.
 * @returns nothing for the parts of an upload, which the command for the whole of it sends.
 */
export function awsCli({ service, action, input }: Call, write: Write, files: Files): string[] {
  const given = input as Input
  if (action === 'UploadPart' || action === 'CompleteMultipartUpload') return []
  if (action === 'CreateMultipartUpload') {
    const [key, to] = [`${given.Key}`, write(`s3://${given.Bucket}/${given.Key}`)]
    const pieces = files.pieces?.(key) ?? []
    return pieces.length > 1 ? ['cat', ...pieces, '| aws s3 cp -', to] : ['aws s3 cp', files.object(key), to]
  }
  const json = (value: unknown) => write(JSON.stringify(value))
  const plain = (value: unknown) => (typeof value === 'object' ? json(value) : write(`${value}`))
  const options = Object.entries(given).flatMap(([name, value]): string[] => {
    const flag = `--${kebab(name)}`
    // Where the AWS CLI has a way of its own, which its help for the command tells.
    switch (name) {
      case 'MinCount':
        return [`--count ${value}`]
      case 'MaxCount':
        return []
      case 'Body':
        return []
      case 'UserData':
        // The AWS CLI encodes it by itself.
        return [`${flag} fileb://${files.userData(`${value}`)}`]
      case 'PublicKeyMaterial':
        return [`${flag} fileb://${files.publicKey}`]
      case 'PolicyDocument':
        return [`${flag} file://${files.document(`${given.PolicyName}-policy`, `${value}`)}`]
      case 'AssumeRolePolicyDocument':
        return [`${flag} ${json(JSON.parse(`${value}`))}`]
      case 'SourceDestCheck':
        return [(value as { Value: boolean }).Value ? flag : `--no-${kebab(name)}`]
      case 'LaunchTemplateData': {
        const { UserData, ...data } = value as Input
        // The JSON is opened at its end for the one value that is read from a file.
        const read = `$(base64 < ${files.userData(`${UserData}`)} | tr -d '\\n')`
        return [`${flag} ${json(data).replace(/\}'$/, `,"UserData":"'"${read}"'"}'`)}`]
      }
    }
    if (value === undefined) return []
    if (typeof value === 'boolean') return [value ? flag : `--no-${kebab(name)}`]
    if (Array.isArray(value) && value.every(item => typeof item === 'string'))
      return [`${flag} ${value.map(write).join(' ')}`]
    return [`${flag} ${plain(value)}`]
  })
  if (action === 'PutObject') options.push(`--body ${files.object(`${given.Key}`)}`)
  return [`aws ${services[service] ?? service.toLowerCase()} ${kebab(action)}`, ...options]
}

/** On one line where it fits, else an option a line. Pure. */
export const broken = (words: readonly string[], columns: number): string => {
  const line = words.join(' ')
  return line.length <= columns ? line : words.join(' \\\n    ')
}
