import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Cluster } from '../aws/cluster.ts'
import type { Step } from '../aws/journal.ts'
import { expandHome } from '../aws/resources/key-pair.ts'
import { html } from '../walkthrough/html.ts'
import { markdown } from '../walkthrough/markdown.ts'
import { storyOf } from '../walkthrough/story.ts'
import { ByHand } from './by-hand.ts'
import { printable } from './printable.ts'
import { quote } from './shell.ts'

/** How many runs are remembered. */
const kept = 20

/** Where one run is written down: its log, the same as commands, what these read, and its walkthrough. */
export interface RunFolder {
  readonly path: string
  readonly byHand: ByHand
  /** What a shell needs before the commands. */
  readonly settings: readonly string[]
  /** Writes what the commands read, as far as it is known. */
  writeFiles(): Promise<void>
  /** Writes all of it. */
  write(): Promise<void>
}

/**
 * A new folder below the cache for a run of this command; the oldest of too many goes.
 * From now on what goes to the bucket as part of the release is kept there, and nothing else is: the rest is secret.
 */
export async function runFolder(cluster: Cluster, command: 'kube-up' | 'kube-down'): Promise<RunFolder> {
  const { cache, journal, name, config, endpoint, region } = cluster
  const runs = join(cache, 'runs')
  const wanted = join(runs, `${new Date().toISOString().replace(/\..*/, '').replaceAll(':', '-')}-${command}-${name}`)
  await mkdir(runs, { recursive: true })
  // Two runs may begin in the same second.
  const path = await mkdir(wanted).then(
    () => wanted,
    async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
      await mkdir(`${wanted}-${process.pid}`)
      return `${wanted}-${process.pid}`
    },
  )
  for (const old of (await readdir(runs)).sort().slice(0, -kept))
    await rm(join(runs, old), { recursive: true, force: true })
  const isRelease = (key: string) => key.includes('/release/')
  const fileOf = (key: string) => key.split('/').at(-1) ?? ''
  const sent = new Set<string>()
  const from = new Map<string, readonly string[]>()
  const byHand = new ByHand({
    publicKey: `${expandHome(config.AWS_SSH_KEY)}.pub`,
    object: key => {
      if (!isRelease(key)) return undefined
      // What is too large to be kept twice is where it was sent from.
      return sent.has(key) ? fileOf(key) : quote(from.get(key)?.[0] ?? fileOf(key))
    },
    pieces: key => (from.get(key) ?? []).map(quote),
  })
  journal.onFiles = (key, paths) => from.set(key, paths)
  journal.onBody = (key, body) => {
    if (!isRelease(key)) return
    sent.add(key)
    byHand.files.set(fileOf(key), Buffer.from(body))
  }
  const settings = [
    `cd ${quote(path)}`,
    ...Object.entries({
      AWS_DEFAULT_REGION: region,
      ...(endpoint && { AWS_ENDPOINT_URL: endpoint }),
      ...(config.KUBERNETES_PROVIDER === 'local' && { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local' }),
    }).map(([variable, value]) => `export ${variable}=${quote(value)}`),
  ]
  const writeFiles = async () => {
    for (const [file, contents] of byHand.files) await writeFile(join(path, file), contents)
  }
  return {
    path,
    byHand,
    settings,
    writeFiles,
    async write() {
      const steps = journal.steps.map(step => ({ step, commands: byHand.told.get(step) ?? byHand.of(step) }))
      await writeFiles()
      const script = [
        '#!/bin/sh',
        `# What ${command} did for cluster ${name} in ${region}, as AWS CLI commands. In a row they do it again where it is not done.`,
        'set -eu',
        ...settings,
        ...steps
          .filter(({ commands }) => commands.length > 0)
          .flatMap(({ step, commands }) => ['', `# ${step.name}`, ...commands]),
      ]
      await writeFile(join(path, 'commands.sh'), `${script.join('\n')}\n`, { mode: 0o755 })
      await writeFile(join(path, 'log.json'), JSON.stringify(journal.steps.map(logged), undefined, 2))
      const story = storyOf(cluster, command === 'kube-up' ? 'up' : 'down', byHand)
      await writeFile(join(path, 'walkthrough.md'), markdown([story]))
      await writeFile(join(path, 'walkthrough.html'), html([story]))
    },
  }
}

/** A step as the log keeps it: what was asked for, and how it ended; no answers, and nothing secret. */
const logged = ({ name, id, outcome, began, ended, calls }: Step) => ({
  name,
  id,
  outcome,
  began,
  ended,
  calls: calls.map(({ output: _, input, ...call }) => ({ ...call, input: printable(input) })),
})
