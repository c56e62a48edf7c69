import type { Cluster } from './aws/cluster.ts'
import { hints } from './aws/config-hints.ts'
import { Journal } from './aws/journal.ts'
import { Rehearsal } from './aws/rehearsal.ts'
import { UserError } from './errors.ts'
import { explain } from './explain.ts'
import { help } from './help.ts'
import { showProgress } from './progress.ts'
import { reach } from './reach.ts'
import { environment, optionsOf, settings } from './settings.ts'
import { type Told, tell } from './story/tell.ts'
import { wrap } from './story/wrap.ts'

export interface Command {
  readonly name: 'kube-up' | 'kube-down' | 'validate-cluster' | 'inventory'
  /** One sentence for `--help`. */
  readonly does: string
  readonly options?: Readonly<Record<string, { type: 'boolean'; means: string }>>
  /** Does the work. @returns what to tell the person, the same as an object for `--json`, and the exit code. */
  run(cluster: Cluster, options: Readonly<Record<string, boolean>>): Promise<Ending>
  /** The exit code of a failure, where 1 means something else. */
  readonly failure?: 2
  /** What to do about a failure, and about Ctrl-C, in a sentence. */
  afterwards(cluster: Cluster): string
}

export interface Ending {
  readonly words: string
  readonly facts: object
  readonly exitCode?: number
}

const common = {
  json: { type: 'boolean', means: 'print one JSON object on standard output, and progress on standard error' },
  help: { type: 'boolean', means: 'print this' },
} as const

/** Runs a command as a person's: reads the settings, shows progress, tells how it ended, and exits. The only place that does. */
export async function main(command: Command): Promise<never> {
  const journal = new Journal()
  const journalled: { cluster?: Cluster; json?: boolean } = {}
  const end = ({ words, facts, exitCode = 0 }: Ending): never => {
    if (journalled.json)
      console.log(JSON.stringify({ ...facts, notes: journal.notes, steps: journal.steps.map(brief) }, undefined, 2))
    else
      ('error' in facts || (exitCode !== 0 && command.name !== 'inventory') ? console.error : console.log)(
        wrap(words, columns()),
      )
    process.exit(exitCode)
  }
  /** A run that failed is written down as far as it came: what is looked at most. */
  const fail = async (error: unknown): Promise<never> => {
    const written = await told?.finish()
    progress?.stop()
    const { sentence, exitCode } = explain(error, journal)
    const next = journalled.cluster && exitCode !== 2 ? command.afterwards(journalled.cluster) : ''
    const code = exitCode === 1 ? (command.failure ?? 1) : exitCode
    const words = [sentence, next].filter(Boolean).join('\n')
    return end(withPage({ words, facts: { error: sentence }, exitCode: code }, written))
  }
  let progress: ReturnType<typeof showProgress> | undefined
  let told: Told | undefined
  try {
    const options = optionsOf(command.name, { ...command.options, ...common })
    journalled.json = options.json === true
    if (options.help)
      return end({ words: help(command.name, command.does, { ...command.options, ...common }), facts: {} })
    const env = await environment(process.cwd(), process.env)
    for (const hint of hints(env)) console.error(hint)
    const config = settings(env)
    const rehearsal = options['dry-run'] ? new Rehearsal() : undefined
    const stream = journalled.json ? process.stderr : process.stdout
    progress = showProgress(journal, stream, { endings: !rehearsal })
    const cluster = await reach(config, env, journal, { launches: command.name === 'kube-up', rehearsal })
    journalled.cluster = cluster
    let interrupted = false
    process.on('SIGINT', () => {
      if (interrupted) return
      interrupted = true
      void fail(new UserError('Interrupted: what was begun with AWS may still be carried out.', 130))
    })
    // What only looks, or only rehearses, is not written down.
    const tells = (command.name === 'kube-up' || command.name === 'kube-down') && !rehearsal
    told = tells ? await tell(cluster, command.name, options, progress, stream) : undefined
    const ending = await command.run(cluster, options)
    const written = await told?.finish()
    progress.stop()
    if (!journalled.json) for (const note of journal.notes) console.error(wrap(note, columns()))
    return end(withPage(ending, written))
  } catch (error) {
    return fail(error)
  }
}

/** The ending, and where the page is that shows the run. */
const withPage = (ending: Ending, page: string | undefined): Ending =>
  page
    ? { ...ending, words: `${ending.words}\n  walkthrough    ${page}`, facts: { ...ending.facts, walkthrough: page } }
    : ending

/** How wide the person's terminal is; a file or a pipe has no end. */
const columns = () => (process.stdout.isTTY && process.stdout.columns) || Infinity

const brief = ({ name, id, outcome, began, ended = began, calls }: Journal['steps'][number]) => ({
  name,
  id,
  outcome,
  seconds: (ended - began) / 1000,
  calls: calls.length,
})
