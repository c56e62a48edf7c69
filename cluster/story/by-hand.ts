import type { Call, Step } from '../aws/journal.ts'
import { answers, type Input } from '../aws/rehearsed-answers.ts'
import { awsCli, broken, type Files } from './aws-cli.ts'
import { changesOf } from './names.ts'
import { quoteWith } from './shell.ts'
import { upTexts } from './texts.ts'

/** Where the commands find what they take from files. */
export interface Sources {
  readonly publicKey: string
  /** A file on this computer that holds what was put under this key; nothing where that is secret. */
  object(key: string): string | undefined
  /** Where it was several files in a row, these. */
  pieces?(key: string): readonly string[]
}

/** The shell variable that keeps what a call made, and where in the answer it is. */
interface Variable {
  readonly name: string
  readonly query: string
  readonly id: string
}

/**
 * A run as AWS CLI commands. What one command made, a variable keeps for the next, so that all of them in a row are a
 * script that builds the same again.
 */
export class ByHand {
  /** Files that the commands read, by name. */
  readonly files = new Map<string, Buffer | string>()
  /** The command of each call. */
  readonly ofCall = new Map<Call, string>()
  /** The commands of each step that was asked for. */
  readonly told = new Map<Step, string[]>()
  readonly #names = new Map<string, string>()
  readonly #sources: Sources

  constructor(sources: Sources) {
    this.#sources = sources
  }

  /** The commands for what the step changed, in its order. Asked once for each step: a variable is set once. */
  of(step: Step, columns = 100): string[] {
    const commands = changesOf(step).flatMap(call => {
      const lines = this.#command(call, step.name, columns)
      if (lines[0]) this.ofCall.set(call, lines[0])
      return lines
    })
    const { first } = upTexts[step.name] ?? {}
    const all = first && commands.length > 0 ? [first, ...commands] : commands
    this.told.set(step, all)
    return all
  }

  #command(call: Call, step: string, columns: number): string[] {
    const files: Files = {
      userData: base64 => this.#file(`${step.replaceAll(' ', '-')}-user-data.gz`, Buffer.from(base64, 'base64')),
      document: (name, text) => this.#file(`${name}.json`, text),
      publicKey: this.#sources.publicKey,
      object: key => this.#sources.object(key) ?? 'secret.json',
      pieces: key => this.#sources.pieces?.(key) ?? [],
    }
    const words = awsCli(call, quoteWith(this.#names), files)
    if (words.length === 0) return []
    const { Key = '' } = call.input as { Key?: string }
    if (call.action === 'PutObject' && !this.#sources.object(Key))
      return [`# Secret, so it is not shown: ${broken(words, Infinity)}`]
    const variable = variableOf(call, [...this.#names.values()])
    if (!variable) return [broken(words, columns)]
    this.#names.set(variable.id, variable.name)
    return [
      `${variable.name}=$(${broken([...words, `--query ${variable.query}`, '--output text'], columns)})   # ${variable.id}`,
    ]
  }

  #file(name: string, contents: Buffer | string): string {
    this.files.set(name, contents)
    return name
  }
}

const kinds: Record<string, string> = {
  vpc: 'VPC',
  subnet: 'SUBNET',
  igw: 'GATEWAY',
  rtb: 'ROUTES',
  vol: 'VOLUME',
  eipalloc: 'ADDRESS',
  i: 'MASTER',
  lt: 'TEMPLATE',
}

/** The rehearsed answer has a planned id where AWS's has the real one: there the AWS CLI finds it, too. */
function variableOf({ action, input, output }: Call, taken: readonly string[]): Variable | undefined {
  const rehearsed = answers[action]?.(input as Input)
  const found = rehearsed && planned(rehearsed, [])
  if (!found) return undefined
  const [, kind = '', named = ''] = /^([a-z]+)-\((.*)\)$/.exec(found.text) ?? []
  const name = kind === 'sg' ? (named.includes('-master-') ? 'MASTER_GROUP' : 'NODES_GROUP') : kinds[kind]
  const id = found.path.reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], output)
  if (!name || typeof id !== 'string' || taken.includes(name)) return undefined
  const query = found.path.map((key, i) => (/^\d+$/.test(key) ? `[${key}]` : i > 0 ? `.${key}` : key)).join('')
  return { name, query: /\[/.test(query) ? `'${query}'` : query, id }
}

function planned(value: unknown, path: readonly string[]): { path: readonly string[]; text: string } | undefined {
  if (typeof value === 'string') return /^[a-z]+-\(.+\)$/.test(value) ? { path, text: value } : undefined
  if (typeof value !== 'object' || value === null) return undefined
  for (const [key, field] of Object.entries(value)) {
    const found = planned(field, [...path, key])
    if (found) return found
  }
  return undefined
}
