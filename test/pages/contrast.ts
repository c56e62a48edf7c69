import type { Page } from 'playwright-core'

/** A text as it is seen. */
export interface Seen {
  readonly text: string
  /** WCAG's ratio of its colour and what lies behind it, and the least that AA allows. */
  readonly ratio: number
  readonly needed: number
  /** The height of its letters on the screen. */
  readonly pixels: number
}

/** Every text of the page that is visible now. https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio */
export const contrasts = (page: Page): Promise<Seen[]> =>
  page.evaluate(() => {
    type Colour = [number, number, number, number]
    const parse = (text: string): Colour => {
      const [r = 0, g = 0, b = 0, a = 1] = (text.match(/[\d.]+/g) ?? ['0', '0', '0', '0']).map(Number)
      return [r, g, b, a]
    }
    const over = ([r, g, b, a]: Colour, [br, bg, bb]: Colour): Colour => [
      r * a + br * (1 - a),
      g * a + bg * (1 - a),
      b * a + bb * (1 - a),
      1,
    ]
    const luminance = ([r, g, b]: Colour) => {
      const linear = (value: number) =>
        value <= 10.31475 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4
      return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b)
    }
    const ratio = (one: Colour, other: Colour) => {
      const [light = 0, dark = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a)
      return (light + 0.05) / (dark + 0.05)
    }
    const ground = (element: Element): Colour => {
      const chain: Colour[] = []
      for (let at: Element | null = element; at; at = at.parentElement) {
        const box = at.matches('.thing') ? at.querySelector('rect') : undefined
        const style = getComputedStyle(box ?? at)
        const colour = parse(box ? style.fill : style.backgroundColor)
        chain.push(box ? [colour[0], colour[1], colour[2], Number(style.fillOpacity)] : colour)
      }
      const page = parse(getComputedStyle(document.body).backgroundColor)
      return chain.reverse().reduce((below, colour) => over(colour, below), page)
    }
    const seen: Seen[] = []
    for (const element of document.querySelectorAll('body *')) {
      const own = [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.textContent ?? '')
      const text = own.join('').trim()
      const style = getComputedStyle(element)
      const box = element.getBoundingClientRect()
      if (!text || !box.width || style.visibility === 'hidden' || element.closest('script, style, title, defs'))
        continue
      const svg = element.closest('svg')
      const scale = svg ? svg.getBoundingClientRect().width / svg.viewBox.baseVal.width : 1
      const pixels = Number.parseFloat(style.fontSize) * scale
      const colour = over(parse(svg ? style.fill : style.color), ground(element))
      const large = pixels >= 24 || (pixels >= 18.66 && Number(style.fontWeight) >= 700)
      seen.push({ text, ratio: ratio(colour, ground(element)), needed: large ? 3 : 4.5, pixels })
    }
    return seen
  })
