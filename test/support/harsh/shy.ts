import type { Behaviour } from './index.ts'
import { items } from './xml.ts'

/**
 * What was just made is missing from the first answers that would show it, however fast they are asked for:
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html. Counted and not timed, so that what a test shows
 * does not depend on how fast the computer is.
 */
export function shy(looks: number): Behaviour {
  const left = new Map<string, number>()
  return {
    after({ action, service }, answer) {
      if (service !== 'ec2' || answer.status >= 300) return undefined
      if (/^(Create|Allocate)/.test(action)) {
        const id = /<(?:vpc|internetGateway|routeTable|allocation|volume)Id>([^<]+)</.exec(answer.body)?.[1]
        if (id && !left.has(id)) left.set(id, looks)
      }
      if (!action.startsWith('Describe')) return undefined
      const hides = (item: string) => {
        const id = [...left].find(([one, more]) => more > 0 && item.includes(`Id>${one}<`))?.[0]
        if (id) left.set(id, (left.get(id) ?? 0) - 1)
        return id !== undefined
      }
      return { ...answer, body: items(answer.body, item => (hides(item) ? undefined : item)) }
    },
  }
}
