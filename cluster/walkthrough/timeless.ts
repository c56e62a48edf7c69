import type { Call, Step } from '../aws/journal.ts'
import { renamed } from '../story/names.ts'
import { downTexts, upTexts } from '../story/texts.ts'

/**
 * The steps of a run with names for ids, without times, and in the order of the program, however they ran side by side:
 * what is written of them changes only when the program does. Pure.
 * @param names id to name, as namesOf() gives them.
 */
export function timeless(steps: readonly Step[], direction: 'up' | 'down', names: ReadonlyMap<string, string>): Step[] {
  const order = Object.keys(direction === 'up' ? upTexts : downTexts)
  return steps
    .map(step => ({
      ...step,
      id: sortedIds(plain(step.id ?? '', names)),
      began: 0,
      ended: 0,
      calls: unique(step.calls)
        .map(call => ({
          ...call,
          input: plain(call.input, names),
          output: plain(call.output, names),
          began: 0,
          ended: 0,
        }))
        .sort(
          (a, b) =>
            rank(a) - rank(b) ||
            compare(JSON.stringify([a.service, a.action, a.input]), JSON.stringify([b.service, b.action, b.input])),
        ),
    }))
    .sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name))
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)

const sortedIds = (id: string) => [...new Set(id.split(', '))].sort().join(', ')

/** How often something was looked at depends on how long it took. */
const unique = (calls: readonly Call[]) => [
  ...new Map(calls.map(call => [JSON.stringify([call.service, call.action, call.input, call.error]), call])).values(),
]

/** First what asks, then what makes, then what joins it to others, or takes it off them before it goes. */
function rank({ action }: Call): number {
  if (/^(Describe|Get|List|Head)/.test(action)) return 0
  if (/^(CreateRoute|CreateTags)$/.test(action)) return 2
  if (/^(Create|Run|Allocate|Import|Remove|Detach|Revoke|Disassociate|DeleteRolePolicy|DeleteObjects)/.test(action))
    return 1
  return action === 'DeleteRole' ? 3 : 2
}

/** With names for ids. Hashes of what is staged and launched differ with every change of any file, and say nothing to a reader. */
function plain<T>(value: T, names: ReadonlyMap<string, string>): T {
  const text = JSON.stringify(renamed(value, names), (key, field) =>
    key === 'UserData' ? '' : key === 'PublicKeyMaterial' ? '(the public half of your key)' : field,
  )
  if (text === undefined) return value
  return JSON.parse(
    text
      .replaceAll(/\b[0-9a-f]{64}\b/g, '(sha256)')
      .replaceAll(/SHA256[A-Za-z0-9]{35,44}/g, '(fingerprint)')
      .replaceAll(/kubernetes-staging-[0-9a-f]{32}/g, 'kubernetes-staging-(md5)')
      .replaceAll(/\b(i|vol|eni)-[0-9a-f]{17}\b/g, '$1-(of a node)'),
  ) as T
}
