import { isAddress, isNetwork } from './cidr.ts'

/** Turns what a person wrote into a value, or throws the end of a sentence: "must be …". */
export type Check<T> = (text: string) => T

const must = (right: string): never => {
  throw new Error(`must be ${right}`)
}

/** A check by regular expression: the text itself, or what would be right. */
export const matching =
  (pattern: RegExp, right: string): Check<string> =>
  text =>
    pattern.test(text) ? text : must(right)

/** Empty means "not given"; anything else is checked. */
export const optional =
  <T>(check: Check<T>): Check<T | undefined> =>
  text =>
    text === '' ? undefined : check(text)

export const integer =
  (min: number, max: number): Check<number> =>
  text =>
    /^\d{1,9}$/.test(text) && Number(text) >= min && Number(text) <= max
      ? Number(text)
      : must(`a whole number from ${min} to ${max}`)

export const oneOf =
  <const T extends string>(...values: T[]): Check<T> =>
  text =>
    values.find(value => value === text) ?? must(values.join(' or '))

export const boolean: Check<boolean> = text => oneOf('true', 'false')(text) === 'true'

export const network: Check<string> = text =>
  isNetwork(text) ? text : must('an IPv4 network, such as 172.20.0.0/24 (its first address, a slash, its bits)')

export const address: Check<string> = text => (isAddress(text) ? text : must('an IPv4 address, such as 172.20.0.9'))

/** `auto`, or CIDRs with commas between; a lone address stands for itself alone. */
export const callers: Check<'auto' | readonly string[]> = text => {
  if (text === 'auto') return text
  const networks = text.split(',').map(one => (isAddress(one.trim()) ? `${one.trim()}/32` : one.trim()))
  return networks.every(isNetwork)
    ? [...new Set(networks)]
    : must('auto, or IPv4 networks with commas between, such as 203.0.113.7/32')
}

/** A path with no control characters in it; what is there is looked at when it is used. */
export const path: Check<string> = matching(/^[^\p{Cc}]{1,4096}$/u, 'a path')

/** Seconds, from 0, 90s, 15m or 2h. */
export const duration: Check<number> = text => {
  const [, amount = '', unit = 's'] = /^(\d{1,6})([smh]?)$/.exec(text) ?? []
  return amount === ''
    ? must('a time, such as 0, 90s, 15m or 1h')
    : Number(amount) * ({ s: 1, m: 60, h: 3600 }[unit] ?? 1)
}

/** A zone, never a region: the letter is what makes the difference, and users have long mixed them up (kubernetes#14278). */
export const zone: Check<string> = text => {
  if (/^[a-z]{2,4}(-[a-z]+)+-\d+$/.test(text))
    must(`an Availability Zone; ${text} is a region, whose zones have a letter after it, such as ${text}a`)
  return matching(/^[a-z]{2,4}(-[a-z]+)+-\d+(-[a-z]+-\d+)?[a-z]$/, 'an Availability Zone, such as us-west-2a')(text)
}

/** An id as AWS gives it: the kind's short name and 8 or 17 hexadecimal digits. */
export const id = (kind: string): Check<string> =>
  matching(new RegExp(`^${kind}-([0-9a-f]{8}|[0-9a-f]{17})$`), `the id of one, such as ${kind}-0123456789abcdef0`)

/** The distributions of the original are years out of support: each error names the one to take instead. */
export const distribution: Check<'debian' | 'ubuntu' | 'flatcar'> = text => {
  const successor = new Map([
    ['jessie', 'debian'],
    ['wheezy', 'debian'],
    ['trusty', 'ubuntu'],
    ['vivid', 'ubuntu'],
    ['wily', 'ubuntu'],
    ['coreos', 'flatcar'],
  ]).get(text)
  return successor
    ? must(`debian, ubuntu or flatcar; ${text} is no longer supported, its successor is ${successor}`)
    : oneOf('debian', 'ubuntu', 'flatcar')(text)
}

/** A switch of the original for something that exists no more: off, or an error that names what took its place. */
export const ended =
  (what: string, successor: string): Check<false> =>
  text =>
    text === 'false' || text === ''
      ? false
      : must(`false or left out: ${what} is no more, its successor is ${successor}`)

/** Extra tags, `k=v,k=v`, keys once in either case, as IAM demands, and within what AWS allows: https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html */
export const tags: Check<readonly { Key: string; Value: string }[]> = text => {
  const pairs = text === '' ? [] : text.split(',').map(pair => pair.split(/=(.*)/s, 2).map(part => part.trim()))
  const wellFormed = pairs.every(
    ([key = '', value]) =>
      value !== undefined &&
      /^[\p{L}\p{N} +\-.=_:/@]{1,128}$/u.test(key) &&
      /^[\p{L}\p{N} +\-.=_:/@]{0,256}$/u.test(value) &&
      !/^(aws:|kubernetes\.io\/)|^(KubernetesCluster|Name|Role)$/i.test(key),
  )
  if (!wellFormed || pairs.length > 40 || new Set(pairs.map(([key]) => key?.toLowerCase())).size < pairs.length)
    must(
      'tags as k=v,k=v, each key once, at most 40, of letters, digits, spaces and + - = . _ : / @, and none of Name, Role, KubernetesCluster, aws:… or kubernetes.io/…',
    )
  return pairs.map(([Key = '', Value = '']) => ({ Key, Value }))
}
