/** Breaks lines between words, so that no terminal breaks them within one. Lines that begin with a space are left whole: they may be commands. Pure. */
export const wrap = (text: string, columns: number, indent = ''): string =>
  text
    .split('\n')
    .map(line => (line.startsWith(' ') ? line : wrapLine(line, columns, indent)))
    .join('\n')

function wrapLine(line: string, columns: number, indent: string): string {
  const lines = ['']
  for (const word of line.split(' ')) {
    const last = lines.at(-1) ?? ''
    if (last === '') lines[lines.length - 1] = word
    else if (indent.length + last.length + 1 + word.length <= columns) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines.map(one => `${indent}${one}`).join('\n')
}
