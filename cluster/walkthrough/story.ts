import { asks, type Call, type Journal, type Step } from '../aws/journal.ts'
import type { ByHand } from '../story/by-hand.ts'
import { changesOf } from '../story/names.ts'
import { printable } from '../story/printable.ts'
import { downTexts, upTexts } from '../story/texts.ts'
import { type Part, parts } from './architecture.ts'

/** A step as it is told. */
export interface Chapter {
  readonly name: string
  readonly outcome: string
  readonly ids: readonly string[]
  /** What, why, and what would be without; of kube-down only the why. */
  readonly text: { readonly what?: string; readonly why: string; readonly without?: string }
  /** Milliseconds since the run began. */
  readonly began: number
  readonly ended: number
  readonly calls: readonly { readonly action: string; readonly asks: boolean; readonly milliseconds: number }[]
  readonly commands: readonly string[]
  readonly look: readonly string[]
}

/** A part of the cluster, as this run met it. */
export interface Thing extends Part {
  readonly id: string
  readonly parameters?: unknown
  readonly command?: string
}

/** A run, ready to be shown. */
export interface Story {
  readonly direction: 'up' | 'down'
  readonly cluster: string
  readonly region: string
  readonly zone: string
  readonly chapters: readonly Chapter[]
  readonly things: readonly Thing[]
  /** Whether it is the committed copy, in which no time is real. */
  readonly timeless: boolean
}

interface Told {
  readonly journal: Pick<Journal, 'steps'>
  readonly name: string
  readonly region: string
  readonly config: { readonly KUBE_AWS_ZONE: string; readonly NUM_NODES: number }
}

/** A run as a story. Pure. */
export function storyOf(
  { journal, name, region, config }: Told,
  direction: 'up' | 'down',
  byHand: ByHand,
  timeless = false,
): Story {
  const steps = journal.steps.filter(step => step.calls.length > 0)
  const chapters = steps.map(step => chapter(step, direction, byHand.told.get(step) ?? byHand.of(step)))
  const known: Record<string, string> = {
    region,
    zone: config.KUBE_AWS_ZONE,
    account: '',
    internet: '',
    node: `${config.NUM_NODES} of them`,
  }
  const things = parts
    .filter(part => !part[direction] || steps.some(step => step.name === part[direction]))
    .map(part => thing(part, direction, steps, byHand, known[part.key]))
  return { direction, cluster: name, region, zone: config.KUBE_AWS_ZONE, chapters, things, timeless }
}

function chapter(step: Step, direction: 'up' | 'down', commands: readonly string[]): Chapter {
  const ids = step.id?.split(', ').filter(Boolean) ?? []
  const { what, why, without, look } = upTexts[step.name] ?? { what: step.name, why: '', without: '' }
  return {
    name: step.name,
    outcome: step.outcome ?? 'done',
    ids,
    text: direction === 'up' ? { what, why, without } : { why: downTexts[step.name] ?? '' },
    began: step.began,
    ended: step.ended ?? step.began,
    calls: step.calls.map(call => ({
      action: `${call.service} ${call.action}`,
      asks: asks(call.action),
      milliseconds: call.ended - call.began,
    })),
    commands,
    look: direction === 'up' && ids.length > 0 ? (look?.(ids) ?? []) : [],
  }
}

function thing(part: Part, direction: 'up' | 'down', steps: readonly Step[], byHand: ByHand, known = ''): Thing {
  const step = steps.find(one => one.name === part[direction])
  const call = step && direction === 'up' ? changesOf(step).find(made(part)) : undefined
  const id = step && idOf(part, step)
  const command = call && byHand.ofCall.get(call)
  return {
    ...part,
    id: known || (part.up && part.key !== 'zone' ? (id ?? '') : known),
    ...(call && { parameters: printable(call.input) }),
    ...(command && { command }),
  }
}

/** Where one step is about several, the id is told by a name: its own, or the one that AWS says it has. */
function idOf({ named, key }: Part, step: Step): string | undefined {
  const ids = step.id?.split(', ') ?? []
  if (!named) return ids[0]
  const groups = step.calls.flatMap(
    ({ output }) => (output as { SecurityGroups?: { GroupName?: string; GroupId?: string }[] })?.SecurityGroups ?? [],
  )
  return (
    groups.find(({ GroupName }) => GroupName?.includes(named))?.GroupId ??
    ids.find(id => id.includes(named)) ??
    ids[key.startsWith('master') ? 0 : 1]
  )
}

const made = (part: Part) => (call: Call) =>
  call.action === part.made && (!part.named || JSON.stringify(call.input).includes(part.named))
