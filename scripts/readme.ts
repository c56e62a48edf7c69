// Writes the tables of the README that are made from the program itself. Use: node --import tsx scripts/readme.ts
import { readFileSync, writeFileSync } from 'node:fs'
import { markdownTable } from '../cluster/help.ts'

const readme = readFileSync('README.md', 'utf8')
const table = `<!-- variables -->\n${markdownTable()}\n<!-- /variables -->`
writeFileSync(
  'README.md',
  readme.replace(/<!-- variables -->[\s\S]*<!-- \/variables -->/, () => table),
)
