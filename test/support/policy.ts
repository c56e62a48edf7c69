/** What somebody asks of AWS, with what IAM knows of the call. */
export interface Question {
  readonly action: string
  readonly resource: string
  /** Condition keys, such as aws:ResourceTag/…, with their values. */
  readonly context?: Readonly<Record<string, string>>
}

interface Statement {
  readonly Effect: 'Allow' | 'Deny'
  readonly Action: string | string[]
  readonly Resource: string | string[]
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | string[]>>>>
}

const matches = (patterns: string | string[], text: string) =>
  [patterns].flat().some(pattern => {
    const escaped = pattern.replace(/[.+^${}()|[\]\\]/g, '\\$&')
    return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(text)
  })

/** A key that the call does not carry fails its condition. */
const meets = ({ Condition = {} }: Statement, context: Readonly<Record<string, string>>) =>
  Object.entries(Condition).every(([operator, keys]) => {
    if (operator !== 'StringEquals') throw new Error(`this evaluator does not know ${operator}`)
    return Object.entries(keys).every(([key, values]) => [values].flat().includes(context[key] ?? '\0'))
  })

/**
 * Whether an identity policy allows it: an explicit Deny wins, and what nobody allows is denied.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function allows(policy: string, { action, resource, context = {} }: Question): boolean {
  const { Statement } = JSON.parse(policy) as { Statement: Statement[] }
  const speaking = Statement.filter(
    one => matches(one.Action, action) && matches(one.Resource, resource) && meets(one, context),
  )
  return speaking.length > 0 && speaking.every(one => one.Effect === 'Allow')
}
