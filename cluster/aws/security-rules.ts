import type { IpPermission } from '@aws-sdk/client-ec2'

/** One rule: who may send what. The source is a network or the id of a security group. */
export interface Rule {
  readonly protocol: '-1' | 'tcp'
  /** The only port, for tcp. */
  readonly port?: number
  readonly from: string
}

export interface Groups<T> {
  readonly master: T
  readonly minion: T
}

/** Written on the rules that follow a setting, so that a later run knows which of them to take back. */
export const mark = 'kube-up'

/**
 * What each group lets in: everything within and between them, SSH from whom the person named, the API from whom may
 * reach it. Nothing else is open. Pure.
 */
export function rules(groups: Groups<string>, ssh: readonly string[], api: readonly string[]): Groups<Rule[]> {
  const within: Rule[] = [groups.master, groups.minion].map(from => ({ protocol: '-1', from }))
  const open = (port: number, networks: readonly string[]): Rule[] =>
    networks.map(from => ({ protocol: 'tcp', port, from }))
  return { master: [...within, ...open(22, ssh), ...open(443, api)], minion: [...within, ...open(22, ssh)] }
}

/** What is missing, and which of our own earlier rules no setting asks for any more. Rules that others made stay. Pure. */
export function difference(wanted: readonly Rule[], there: readonly IpPermission[]): { add: Rule[]; remove: Rule[] } {
  const present = there.flatMap(flatten)
  const has = (rules: readonly Rule[], rule: Rule) => rules.some(other => same(other, rule))
  return {
    add: wanted.filter(rule => !has(present, rule)),
    remove: present.filter(rule => rule.ours && !has(wanted, rule)),
  }
}

const same = (a: Rule, b: Rule) => a.protocol === b.protocol && a.port === b.port && a.from === b.from

function flatten(permission: IpPermission): (Rule & { ours: boolean })[] {
  const { IpProtocol, FromPort, ToPort } = permission
  if (IpProtocol !== '-1' && (IpProtocol !== 'tcp' || FromPort !== ToPort)) return []
  const rule = {
    protocol: IpProtocol,
    ...(IpProtocol === 'tcp' && FromPort !== undefined && { port: FromPort }),
  } as const
  return [
    ...(permission.IpRanges ?? []).map(range => ({
      ...rule,
      from: range.CidrIp ?? '',
      ours: range.Description === mark,
    })),
    ...(permission.UserIdGroupPairs ?? []).map(pair => ({ ...rule, from: pair.GroupId ?? '', ours: false })),
  ]
}

/** As EC2 takes it. */
export const toPermission = ({ protocol, port, from }: Rule): IpPermission => ({
  IpProtocol: protocol,
  ...(port !== undefined && { FromPort: port, ToPort: port }),
  ...(from.startsWith('sg-')
    ? { UserIdGroupPairs: [{ GroupId: from }] }
    : { IpRanges: [{ CidrIp: from, Description: mark }] }),
})
