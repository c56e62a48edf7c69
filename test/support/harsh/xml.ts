/** Rewrites the items of the outermost list in an answer of EC2's; what is given back as nothing is left out. */
export function items(xml: string, change: (item: string) => string | undefined): string {
  let depth = 0
  let start = 0
  let end = 0
  let result = ''
  for (const tag of xml.matchAll(/<(\/?)item>/g)) {
    if (tag[1] === '' && depth++ === 0) start = tag.index
    if (tag[1] === '/' && --depth === 0) {
      const after = tag.index + tag[0].length
      result += xml.slice(end, start) + (change(xml.slice(start, after)) ?? '')
      end = after
    }
  }
  return result + xml.slice(end)
}

/** The values of a filter, or nothing where the call has none of that name. */
export function filterOf(params: Readonly<Record<string, string>>, name: string): string[] | undefined {
  const key = Object.keys(params).find(one => /^Filter\.\d+\.Name$/.test(one) && params[one] === name)
  if (!key) return undefined
  const values = key.replace(/Name$/, 'Value.')
  return Object.keys(params)
    .filter(one => one.startsWith(values))
    .map(one => params[one] ?? '')
}
