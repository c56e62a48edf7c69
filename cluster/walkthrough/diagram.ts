import type { ElkNode } from 'elkjs/lib/elk-api.js'
import { holds, relations } from './architecture.ts'
import { escape } from './escape.ts'
import type { Story, Thing } from './story.ts'

/** For a wide window the parts and their relations; for a narrow one the parts alone, which is all that fits with a text that can be read. */
export type Shape = 'wide' | 'narrow'

const lineHeight = 17
const titleHeight = 44

/** The parts of the cluster as an SVG, laid out by the Eclipse Layout Kernel. What is not there yet is hidden by the page, step by step. */
export async function diagram(story: Story, shape: Shape): Promise<string> {
  // Loaded only here: it is large, and most commands draw nothing.
  const { default: Elk } = (await import('elkjs/lib/elk.bundled.js')) as unknown as {
    default: new () => { layout(graph: ElkNode): Promise<ElkNode> }
  }
  const { things } = story
  const there = new Set(things.map(one => one.key))
  const drawn = shape === 'wide' ? relations.filter(one => there.has(one.from) && there.has(one.to)) : []
  const root: ElkNode = {
    id: 'root',
    layoutOptions: options[shape],
    children: things.filter(one => !inside(one, there)).map(one => node(one, things, shape)),
    edges: drawn.map((one, i) => ({
      id: `${i}`,
      sources: [one.from],
      targets: [one.to],
      labels: one.label ? [{ text: one.label, width: textWidth(one.label, 12), height: 15 }] : [],
    })),
  }
  const laid = await new Elk().layout(root)
  const [width, height] = [Math.ceil(laid.width ?? 0), Math.ceil(laid.height ?? 0)]
  const places = new Map<string, { x: number; y: number; node: ElkNode }>()
  place(laid, 0, 0, places)
  const boxes = things.map(one => box(one, places.get(one.key)))
  const lines = (laid.edges ?? []).map((edge, i) => arrow(drawn[i], edge as Edge, places.get(edge.container ?? 'root')))
  return [
    `<svg class="${shape}" viewBox="0 0 ${width} ${height}" role="group" aria-label="What the cluster is made of" style="max-width:${Math.round(width * 1.25)}px">`,
    `<defs><marker id="tip-${shape}-${story.direction}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>`,
    // What holds others lies behind the lines, what does not before them.
    ...boxes.filter((_, i) => holds(things[i]?.key ?? '')),
    ...lines.map(line => line.replaceAll('TIP', `tip-${shape}-${story.direction}`)),
    ...boxes.filter((_, i) => !holds(things[i]?.key ?? '')),
    '</svg>',
  ].join('\n')
}

interface Point {
  readonly x: number
  readonly y: number
}
interface Edge {
  readonly container?: string
  readonly sections?: readonly { startPoint: Point; endPoint: Point; bendPoints?: readonly Point[] }[]
  readonly labels?: readonly { text?: string; x?: number; y?: number; width?: number }[]
}

const options: Record<Shape, Record<string, string>> = {
  wide: {
    'elk.algorithm': 'layered',
    'elk.direction': 'RIGHT',
    'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
    'elk.edgeRouting': 'ORTHOGONAL',
    'elk.layered.spacing.nodeNodeBetweenLayers': '34',
    'elk.spacing.nodeNode': '18',
    'elk.spacing.edgeNode': '14',
    'elk.spacing.edgeEdge': '12',
    'elk.layered.nodePlacement.strategy': 'BRANDES_KOEPF',
  },
  narrow: {
    'elk.algorithm': 'rectpacking',
    'elk.rectpacking.widthApproximation.strategy': 'TARGET_WIDTH',
    'elk.rectpacking.widthApproximation.targetWidth': '360',
    'elk.spacing.nodeNode': '10',
  },
}

const inside = (one: Thing, there: ReadonlySet<string>) =>
  one.inside && there.has(one.inside) ? one.inside : undefined

function node(one: Thing, things: readonly Thing[], shape: Shape): ElkNode {
  const there = new Set(things.map(other => other.key))
  const children = things.filter(other => inside(other, there) === one.key)
  if (children.length > 0)
    return {
      id: one.key,
      layoutOptions: {
        ...(shape === 'narrow' && options.narrow),
        'elk.padding': `[top=${titleHeight},left=12,bottom=12,right=12]`,
      },
      children: children.map(child => node(child, things, shape)),
    }
  return { id: one.key, width: shape === 'wide' ? 158 : 148, height: 50 }
}

/** ELK counts from the corner of what holds a thing; the SVG from its own. */
function place(
  node: ElkNode,
  x: number,
  y: number,
  places: Map<string, { x: number; y: number; node: ElkNode }>,
): void {
  places.set(node.id, { x, y, node })
  for (const child of node.children ?? []) place(child, x + (child.x ?? 0), y + (child.y ?? 0), places)
}

/** As wide as the text is in a usual font, nearly. */
const textWidth = (text: string, size: number) => Math.ceil(text.length * size * 0.56)

const fit = (text: string, width: number, size: number) => {
  const most = Math.floor(width / (size * 0.56))
  return text.length > most ? `${text.slice(0, most - 1)}…` : text
}

function box(one: Thing, at: { x: number; y: number; node: ElkNode } | undefined): string {
  if (!at) return ''
  const { width = 0, height = 0 } = at.node
  const named = one.id ? `${one.title}, ${one.id}` : one.title
  return [
    `<g class="thing${holds(one.key) ? ' holds' : ''}" data-key="${one.key}" tabindex="0" role="button" aria-label="${escape(named)}">`,
    `<title>${escape(named)}</title>`,
    `<rect x="${at.x}" y="${at.y}" width="${width}" height="${height}" rx="6"/>`,
    `<text x="${at.x + 10}" y="${at.y + 20}" class="kind">${escape(fit(one.title, width - 16, 13))}</text>`,
    `<text x="${at.x + 10}" y="${at.y + 20 + lineHeight}" class="id">${escape(fit(one.id, width - 16, 12))}</text>`,
    '</g>',
  ].join('')
}

function arrow(relation: (typeof relations)[number] | undefined, edge: Edge, from: Point | undefined): string {
  if (!relation || !from) return ''
  const move = ({ x, y }: Point) => `${Math.round(x + from.x)} ${Math.round(y + from.y)}`
  const paths = (edge.sections ?? []).map(
    ({ startPoint, bendPoints = [], endPoint }) => `M${[startPoint, ...bendPoints, endPoint].map(move).join('L')}`,
  )
  const labels = (edge.labels ?? []).map(
    ({ text = '', x = 0, y = 0 }) =>
      `<text x="${Math.round(x + from.x)}" y="${Math.round(y + from.y + 12)}">${escape(text)}</text>`,
  )
  return `<g class="relation" data-from="${relation.from}" data-to="${relation.to}" data-step="${escape(relation.up)}"><path d="${paths.join('')}" marker-end="url(#TIP)"/>${labels.join('')}</g>`
}
