import { readFileSync } from 'node:fs'
import { holds, relations } from './architecture.ts'
import { escaped } from './escaped.ts'
import type { Story, Thing } from './story.ts'

/** For a wide window the parts and their relations; for a narrow one the parts alone, which is all that fits with a text that can be read. */
export type Shape = 'wide' | 'narrow'

/** Where each part lies, and how the lines run. Written by `npm run walkthrough`. */
export interface Layout {
  readonly width: number
  readonly height: number
  /** x, y, width and height of each part. */
  readonly places: Record<string, [number, number, number, number]>
  readonly edges: readonly {
    readonly from: string
    readonly to: string
    readonly points: readonly [number, number][]
    readonly label?: readonly [number, number]
  }[]
}

/** The parts of the cluster as an SVG. The page hides, step by step, what is not there yet. Pure but for reading the layout. */
export function diagram({ things, direction }: Story, shape: Shape): string {
  const file = readFileSync(new URL('layout.json', import.meta.url), 'utf8')
  const { width, height, places, edges } = (JSON.parse(file) as Record<Shape, Layout>)[shape]
  const tip = `tip-${shape}-${direction}`
  const placed = things.flatMap(thing => {
    const place = places[thing.insteadOf ?? thing.key]
    return place ? [{ thing, place }] : []
  })
  const around = placed.filter(({ thing }) => holds(thing.key))
  const within = placed.filter(({ thing }) => !holds(thing.key))
  const keyAt = (key: string) => placed.find(({ thing }) => (thing.insteadOf ?? thing.key) === key)?.thing.key
  const lines = edges.flatMap(({ from, to, points, label }) => {
    const [one, other] = [keyAt(from), keyAt(to)]
    const relation = relations.find(each => each.from === one && each.to === other)
    if (!relation) return []
    const words = label ? `<text x="${label[0]}" y="${label[1] + 12}">${escaped(relation.label)}</text>` : ''
    return `<g class="relation" data-from="${one}" data-to="${other}" data-step="${escaped(relation.up)}"><path d="M${points.map(point => point.join(' ')).join('L')}" marker-end="url(#${tip})"/>${words}</g>`
  })
  return [
    `<svg class="${shape}" viewBox="-1 -1 ${width + 2} ${height + 2}" role="group" aria-label="What the cluster is made of" style="max-width:${Math.round(width * 1.3)}px">`,
    `<defs><marker id="${tip}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>`,
    // What holds others lies behind the lines, with its words before them; what does not hold any lies before all.
    ...around.map(({ thing, place }) => box(thing, place, '')),
    ...lines,
    ...within.map(({ thing, place }) => box(thing, place, words(thing, place))),
    ...around.map(({ thing, place }) => `<g class="caption" data-key="${thing.key}">${words(thing, place)}</g>`),
    '</svg>',
  ].join('\n')
}

type Place = Layout['places'][string]

function box(thing: Thing, [x, y, width, height]: Place, content: string): string {
  const named = escaped(thing.id ? `${thing.title}, ${thing.id}` : thing.title)
  return `<g class="thing${holds(thing.key) ? ' holds' : ''}" data-key="${thing.key}" tabindex="0" role="button" aria-label="${named}"><title>${named}</title><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="6"/>${content}</g>`
}

const words = ({ title, id }: Thing, [x, y, width]: Place): string =>
  [
    `<text x="${x + 9}" y="${y + 19}" class="kind">${escaped(fit(title, (width - 14) / 7))}</text>`,
    `<text x="${x + 9}" y="${y + 36}" class="id">${escaped(fit(id, (width - 14) / 7.3))}</text>`,
  ].join('')

const fit = (text: string, most: number) => (text.length > most ? `${text.slice(0, Math.floor(most) - 1)}…` : text)
