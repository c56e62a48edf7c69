import { UserError } from '../errors.ts'
import type { Config, Variable, variables } from './config-default.ts'
import { contradictions } from './contradictions.ts'

/** Variables by name, as `process.env` has them. */
export type Env = Readonly<Record<string, string | undefined>>

/** The variables of a configuration: the same names everywhere, other defaults. */
export type Variables = { readonly [Name in keyof typeof variables]: Variable<Config[Name]> }

/** What the original called them before Kubernetes 1.2; once renamed, the old names were silently ignored. */
export const oldNames: Readonly<Record<string, keyof Config>> = {
  NUM_MINIONS: 'NUM_NODES',
  MINION_SIZE: 'NODE_SIZE',
  KUBE_MINION_IMAGE: 'KUBE_NODE_IMAGE',
  MINION_ROOT_DISK_TYPE: 'NODE_ROOT_DISK_TYPE',
  MINION_ROOT_DISK_SIZE: 'NODE_ROOT_DISK_SIZE',
}

/** The name a person set a variable under, its own or its old one; an empty one counts as not set. */
const nameGiven = (env: Env, name: string): string | undefined =>
  [name, ...Object.keys(oldNames).filter(old => oldNames[old] === name)].find(one => env[one])

/**
 * The environment as settings, checked and frozen. Pure.
 * @throws UserError with all mistakes at once: each names the variable, its value and what would be right.
 */
export function read(table: Variables, env: Env): Config {
  const mistakes: string[] = []
  const bad = new Map<string, unknown>()
  const text = (name: string): string => {
    const byDefault = table[name as keyof Config].default
    return env[nameGiven(env, name) ?? ''] ?? (typeof byDefault === 'string' ? byDefault : byDefault(text))
  }
  const check = (name: string) => {
    try {
      return [name, table[name as keyof Config].check(text(name))]
    } catch (error) {
      // A default that follows from a bad value fails too; only what the person wrote is worth telling.
      const as = nameGiven(env, name)
      if (as) mistakes.push(`${as}=${shown(env[as] ?? '')} ${(error as Error).message}`)
      bad.set(name, error)
      return [name, undefined]
    }
  }
  const config = Object.freeze(Object.fromEntries(Object.keys(table).map(check))) as Config
  for (const error of bad.values()) if (mistakes.length === 0) throw error
  mistakes.push(...contradictions(config, new Set(bad.keys())))
  if (mistakes.length > 0) throw new UserError(`Nothing was created. ${told(mistakes)}`, 2)
  return config
}

/** What a person wrote, on one line and short enough to read. */
export const shown = (value: string): string => JSON.stringify(value.length > 80 ? `${value.slice(0, 77)}...` : value)

const told = (mistakes: string[]) =>
  mistakes.length === 1
    ? `${mistakes[0]}.`
    : `${mistakes.length} settings need mending:\n${mistakes.map(m => `  ${m}.`).join('\n')}`
