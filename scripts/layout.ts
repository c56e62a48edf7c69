// Lays out the diagram of the walkthrough. It depends on which parts there are and not on any run, so it is done here, once,
// and kept in cluster/walkthrough/layout.json; no run has to load the layout library.

import bundled from 'elkjs/lib/elk.bundled.js'
import type { ElkNode } from 'elkjs/lib/elk-api.js'
import { type Part, parts, relations } from '../cluster/walkthrough/architecture.ts'
import type { Layout, Shape } from '../cluster/walkthrough/diagram.ts'

// Its types describe an ES module, and it is none.
const Elk = bundled as unknown as new () => { layout(graph: ElkNode): Promise<ElkNode> }

const options: Record<Shape, Record<string, string>> = {
  wide: {
    'elk.algorithm': 'layered',
    'elk.direction': 'DOWN',
    'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
    'elk.edgeRouting': 'ORTHOGONAL',
    'elk.layered.spacing.nodeNodeBetweenLayers': '24',
    'elk.layered.spacing.edgeNodeBetweenLayers': '10',
    'elk.layered.spacing.edgeEdgeBetweenLayers': '9',
    'elk.spacing.nodeNode': '14',
    'elk.spacing.edgeNode': '10',
    'elk.spacing.edgeEdge': '9',
  },
  narrow: {
    'elk.algorithm': 'rectpacking',
    'elk.rectpacking.widthApproximation.strategy': 'TARGET_WIDTH',
    'elk.rectpacking.widthApproximation.targetWidth': '300',
    'elk.spacing.nodeNode': '8',
    'elk.padding': '[top=0,left=0,bottom=0,right=0]',
  },
}

/** Every part has its place, whether a run has it or not; two of which a cluster has one share theirs. */
export async function layout(shape: Shape): Promise<Layout> {
  const drawn = parts.filter(part => !part.insteadOf)
  const lines = relations.filter(({ from, to }) => [from, to].every(key => drawn.some(part => part.key === key)))
  const laid = await new Elk().layout({
    id: 'root',
    layoutOptions: options[shape],
    children: drawn.filter(part => !part.inside).map(part => node(part, drawn, shape)),
    edges:
      shape === 'narrow'
        ? []
        : lines.map(({ from, to, label }, i) => ({
            id: `${i}`,
            sources: [from],
            targets: [to],
            labels: label ? [{ text: label, width: Math.ceil(label.length * 6.7), height: 15 }] : [],
          })),
  })
  const places: Record<string, [number, number, number, number]> = {}
  place(laid, 0, 0, places)
  const edges = ((laid.edges ?? []) as Edge[]).map((edge, i) => {
    const [dx = 0, dy = 0] = places[edge.container ?? 'root'] ?? []
    const point = ({ x = 0, y = 0 }): [number, number] => [Math.round(x + dx), Math.round(y + dy)]
    const points = (edge.sections ?? []).flatMap(({ startPoint, bendPoints = [], endPoint }) =>
      [startPoint, ...bendPoints, endPoint].map(point),
    )
    const label = edge.labels?.[0]
    return { from: lines[i]?.from ?? '', to: lines[i]?.to ?? '', points, ...(label && { label: point(label) }) }
  })
  const { root: _, ...ofParts } = places
  return { width: Math.ceil(laid.width ?? 0), height: Math.ceil(laid.height ?? 0), places: ofParts, edges }
}

interface Point {
  readonly x?: number
  readonly y?: number
}
interface Edge {
  readonly container?: string
  readonly sections?: readonly { startPoint: Point; endPoint: Point; bendPoints?: readonly Point[] }[]
  readonly labels?: readonly Point[]
}

function node(part: Part, drawn: readonly Part[], shape: Shape): ElkNode {
  const children = drawn.filter(other => other.inside === part.key)
  if (children.length === 0) return { id: part.key, width: shape === 'wide' ? 150 : 138, height: 46 }
  const around = shape === 'wide' ? 10 : 6
  return {
    id: part.key,
    layoutOptions: {
      ...(shape === 'narrow' && options.narrow),
      'elk.padding': `[top=42,left=${around},bottom=${around},right=${around}]`,
    },
    children: children.map(child => node(child, drawn, shape)),
  }
}

/** ELK counts from the corner of what holds a thing; the page from its own. */
function place({ id, width = 0, height = 0, children }: ElkNode, x: number, y: number, places: Layout['places']): void {
  places[id] = [x, y, width, height].map(Math.round) as [number, number, number, number]
  for (const child of children ?? []) place(child, x + (child.x ?? 0), y + (child.y ?? 0), places)
}
