/** A word that any POSIX shell reads as this text. Pure. */
export const quote = (text: string): string =>
  /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`

/**
 * Quotes a text in which some ids stand for variables: `"$VPC"` takes the place of `vpc-0123`. Pure.
 * @param names id to name.
 */
export function quoteWith(names: ReadonlyMap<string, string>): (text: string) => string {
  return text => {
    const ids = [...names.keys()].filter(id => text.includes(id)).sort((a, b) => b.length - a.length)
    if (ids.length === 0) return quote(text)
    const escaped = ids.map(id => id.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    const parts = text.split(new RegExp(`(${escaped.join('|')})`))
    const write = (part: string) => (names.has(part) ? `"$${names.get(part)}"` : part)
    const inWord = parts.filter(part => part !== '')
    if (inWord.every(part => names.has(part) || quote(part) === part)) return inWord.map(write).join('')
    // Within one single-quoted text, so that what comes after can add to its end.
    const quoted = parts.map(part => (names.has(part) ? `'"$${names.get(part)}"'` : part.replaceAll("'", `'\\''`)))
    return `'${quoted.join('')}'`
  }
}
