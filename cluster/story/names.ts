import { asks, type Journal, type Step } from '../aws/journal.ts'
import { answers, type Input } from '../aws/rehearsed-answers.ts'

/** The calls of a step that changed something, or in a rehearsal would. */
export const changesOf = (step: Step) => step.calls.filter(call => !asks(call.action) && call.error === undefined)

/**
 * The names of what a run made: for each id that AWS chose, the one that a rehearsal gives the same thing, such as
 * `vpc-(kubernetes-vpc)`. The rehearsed answer has it where AWS's answer has the real one. Pure.
 */
export function namesOf({ steps }: Pick<Journal, 'steps'>): Map<string, string> {
  const names = new Map<string, string>()
  for (const { action, input, output } of steps.flatMap(changesOf)) {
    const rehearsed = answers[action]?.(renamed(input, names) as Input)
    if (rehearsed) pair(output, rehearsed, names)
  }
  return names
}

function pair(real: unknown, rehearsed: unknown, names: Map<string, string>): void {
  if (typeof real === 'string' && typeof rehearsed === 'string') {
    if (/\(.+\)/.test(rehearsed) && !names.has(real)) names.set(real, rehearsed)
  } else if (typeof real === 'object' && real && typeof rehearsed === 'object' && rehearsed)
    for (const [key, value] of Object.entries(rehearsed)) pair((real as Record<string, unknown>)[key], value, names)
}

/** The same with every id replaced by its name. Pure. */
export function renamed(value: unknown, names: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return [...names].reduce((text, [id, name]) => text.replaceAll(id, name), value)
  if (value instanceof Uint8Array || typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map(item => renamed(item, names))
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, renamed(field, names)]))
}
