import { distance } from 'fastest-levenshtein'
import { type Env, oldNames } from './config.ts'
import { variables } from './config-default.ts'

const known = [...Object.keys(variables), 'KUBE_CONFIG_FILE']

/** Words on what was set but would go unnoticed: old names, which still work, and names that are one slip from a known one. */
export function hints(env: Env): string[] {
  const renamed = Object.keys(oldNames)
    .filter(old => env[old])
    .map(
      old => `${old} is called ${oldNames[old]} now${env[oldNames[old] ?? ''] ? ', which is set too and wins' : ''}.`,
    )
  const unknown = Object.keys(env)
    .filter(name => /^(KUBE|KUBERNETES|NUM|MASTER|NODE)_/.test(name) && !known.includes(name) && !(name in oldNames))
    .flatMap(name => {
      const nearest = known.reduce((best, one) => (distance(name, one) < distance(name, best) ? one : best))
      // A slip or two; in a short name, more than that is another word.
      return distance(name, nearest) <= Math.min(3, name.length / 4)
        ? [`${name} is not a setting of kube-up; did you mean ${nearest}?`]
        : []
    })
  return [...renamed, ...unknown]
}
