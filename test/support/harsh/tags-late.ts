import type { Behaviour, World } from './index.ts'
import { items } from './xml.ts'

/**
 * DescribeTags knows the tags of what was just made later than the list of its kind does: DescribeTags or CreateTags right
 * after a creation answers as if the thing were not there (kops' kubernetes-retired/kube-deploy#28; ansible-modules-core#1302
 * for instances). How long, AWS does not say: "exponential backoff, from a couple of seconds up to a few minutes",
 * https://docs.aws.amazon.com/ec2/latest/devguide/eventual-consistency.html
 * @returns the behaviour, and how many tags it has kept back so far.
 */
export function tagsArriveLate(seconds: number) {
  const told = { hidden: 0 }
  const behaviour = ({ clock, within }: World): Behaviour => {
    const until = new Map<string, number>()
    return {
      after({ action, service, changes }, answer) {
        if (service !== 'ec2' || answer.status >= 300) return undefined
        if (changes)
          for (const [, id = ''] of answer.body.matchAll(/<\w+Id>([a-z]+-[0-9a-f]{8,})</g))
            if (/^(Create|Allocate|Run|Import)/.test(action) && !until.has(id)) until.set(id, within(seconds))
        if (action !== 'DescribeTags') return undefined
        const late = (item: string) => (until.get(/<resourceId>([^<]+)</.exec(item)?.[1] ?? '') ?? 0) > clock.now()
        const keep = (item: string) => {
          if (!late(item)) return item
          told.hidden += 1
          return undefined
        }
        return { ...answer, body: items(answer.body, keep) }
      },
    }
  }
  return { behaviour, told }
}
