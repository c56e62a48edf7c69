import { readFileSync } from 'node:fs'

/** The two kinds of machine, by the names the original gave their roles. */
export type MachineRole = 'master' | 'minion'

/**
 * A file of `templates/` with its `{{places}}` filled in.
 * @throws Error when a place has no value: a template and its caller that disagree are a mistake of ours.
 */
export const template = (name: string, values: Readonly<Record<string, string>> = {}): string =>
  readFileSync(new URL(`templates/${name}`, import.meta.url), 'utf8').replaceAll(
    /\{\{(\w+)\}\}/g,
    (_, place: string) => {
      const value = values[place]
      if (value === undefined) throw new Error(`templates/${name} has a place ${place} that nobody fills`)
      return value
    },
  )
