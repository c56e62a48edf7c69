import { asks, type Call, type Journal, type Outcome, type Step } from './aws/journal.ts'
import type { Ending } from './command.ts'
import { awsCli } from './story/aws-cli.ts'
import { changesOf } from './story/names.ts'
import { printable } from './story/printable.ts'
import { quote } from './story/shell.ts'
import { billed } from './summary.ts'

type Planned = Parameters<typeof billed>[0] & {
  readonly journal: Journal
  readonly name: string
  readonly region: string
}

/** What the outcomes of a rehearsed step mean, where it would change something. */
const ahead: Partial<Record<Outcome, string>> = { created: 'to create', mended: 'to mend', done: 'to do' }

/** What kube-up would do, in its order, from the journal of a rehearsal: nothing of it has happened. Pure. */
export function plan(cluster: Planned, ownMaster: boolean): Ending {
  const { name, region } = cluster
  const steps = cluster.journal.steps.filter(step => step.calls.length > 0)
  const changes = steps.flatMap(changesOf)
  const costs = billed(cluster, ownMaster)
  const words = [
    changes.length > 0
      ? `Cluster ${name} in ${region}: kube-up would make ${changes.length} ${changes.length === 1 ? 'change' : 'changes'}. Nothing has been changed.`
      : `Cluster ${name} in ${region} is as these settings want it: kube-up would change nothing.`,
    ...steps.flatMap((step, i) => [
      `${`${i + 1}`.padStart(3)}  ${step.name.padEnd(20)} ${state(step).padEnd(13)} ${step.id ?? ''}`.trimEnd(),
      ...changesOf(step).flatMap(command),
    ]),
    `Everything is born with the tags KubernetesCluster=${name} and kubernetes.io/cluster/${name}=owned; --json has every parameter.`,
    `What bills by the hour while it stands${cluster.config.KUBERNETES_PROVIDER === 'local' ? ', on AWS; on this machine nothing does' : ''}:`,
    ...(costs.length > 0 ? costs : ['nothing']).map(item => `  ${item}`),
  ]
  const planned = steps.map(step => ({
    step: step.name,
    state: state(step),
    id: step.id,
    asks: step.calls.filter(call => asks(call.action)).map(call => call.action),
    changes: changesOf(step).map(({ service, action, input }) => ({ service, action, input: printable(input) })),
  }))
  return { words: words.join('\n'), facts: { cluster: name, region, planned, billed: costs } }
}

const state = (step: Step): string => {
  const { outcome = 'done' } = step
  if (changesOf(step).length > 0) return ahead[outcome] ?? outcome
  return outcome === 'done' ? 'only looks' : outcome
}

/** A call in the words of the AWS CLI, but for the tags: the same on everything, they would hide what is different. */
function command(call: Call): string[] {
  const input = call.action === 'CreateTags' ? call.input : untagged(call.input)
  const words = awsCli({ ...call, input }, quote, notYet)
  return words.length > 0 ? [`       ${words.join(' ')}`] : []
}

function untagged(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(untagged)
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  const kept = Object.entries(value).filter(([key]) => key !== 'Tags' && key !== 'TagSpecifications')
  return Object.fromEntries(kept.map(([key, field]) => [key, untagged(field)]))
}

/** Files that a command would take: a dry run makes none, but names them. */
const notYet = {
  userData: () => 'user-data.gz',
  publicKey: 'key.pub',
  object: (key: string) => key.split('/').at(-1) ?? '',
  document: (name: string) => `${name}.json`,
}
