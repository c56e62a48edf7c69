import { join } from 'node:path'
import type { WriteStream } from 'node:tty'
import type { Cluster } from '../aws/cluster.ts'
import { UserError } from '../errors.ts'
import { lookOf, type Progress } from '../progress.ts'
import { narrator } from './narrator.ts'
import { runFolder } from './run-folder.ts'

/** The options of a command that can tell what it does. */
export const tellingOptions = {
  explain: {
    type: 'boolean',
    means: 'tell each step, and the AWS CLI commands that do the same; steps then run one by one',
  },
  step: { type: 'boolean', means: 'the same, and wait for Enter between steps' },
} as const

/** A run that is being written down. */
export interface Told {
  /** Writes what is left to write. @returns the page that shows the run; its log and commands lie beside it. */
  finish(): Promise<string | undefined>
}

/** Begins to write a run down; with --explain or --step also to tell it. @throws UserError for --step where nobody could press Enter. */
export async function tell(
  cluster: Cluster,
  command: 'kube-up' | 'kube-down',
  options: Readonly<Record<string, boolean>>,
  progress: Progress,
  stream: WriteStream,
): Promise<Told | undefined> {
  if (options.step && !(process.stdin.isTTY && stream.isTTY))
    throw new UserError(
      '--step waits for Enter, and there is no terminal to press it on; --explain tells the same without waiting.',
      2,
    )
  const telling = options.explain || options.step
  const folder = await runFolder(cluster, command).catch((error: Error) => {
    if (telling)
      throw new UserError(
        `The run cannot be written down (${error.message}); make room there, or set XDG_CACHE_HOME.`,
        2,
      )
    cluster.journal.note(`This run is not written down: ${error.message}.`)
    return undefined
  })
  if (!folder) return undefined
  const look = lookOf(stream)
  const direction = command === 'kube-up' ? 'up' : 'down'
  if (telling)
    cluster.journal.narrate(
      narrator({
        direction,
        byHand: folder.byHand,
        settings: folder.settings,
        writeFiles: folder.writeFiles,
        say: progress.say,
        columns: look.columns,
        bold: text => look.paint('bold', text),
        pause: options.step ? () => enter(progress) : undefined,
      }),
    )
  return {
    async finish() {
      try {
        await folder.write()
        return join(folder.path, 'walkthrough.html')
      } catch (error) {
        // What was done is done; that it could not be written down must not make a failure of it.
        cluster.journal.note(`This run is not written down: ${(error as Error).message}.`)
        return undefined
      }
    },
  }
}

/** The terminal stays as it is, so that Ctrl-C works as always. */
const enter = (progress: Progress) =>
  new Promise<void>(resolve => {
    progress.say('\n  Enter goes on.')
    process.stdin.resume()
    process.stdin.once('data', () => {
      process.stdin.pause()
      resolve()
    })
    process.stdin.once('end', resolve)
  })
