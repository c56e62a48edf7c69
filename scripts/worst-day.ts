// Writes what the suites said of themselves into docs/worst-day.md, between its markers. Give it their outputs:
//   npm test > fast.txt; npm run test:long > long.txt; node --import tsx scripts/worst-day.ts fast.txt long.txt
import { readFileSync, writeFileSync } from 'node:fs'

const page = 'docs/worst-day.md'
const rows: string[] = []
for (const path of process.argv.slice(2)) {
  let suite = ''
  for (const line of readFileSync(path, 'utf8').split('\n')) {
    const [, count, name] = /^ok +(\d+) tests +\d+ s +(.*)$/.exec(line) ?? []
    const [, told] = /^ {20}(\S.*)$/.exec(line) ?? []
    if (name) suite = `${name} (${count} tests)`
    if (told) rows.push(`| ${suite} | ${told.replaceAll('|', '\\|')} |`)
  }
}
if (rows.length === 0) throw new Error('these outputs hold nothing that a suite says of itself')
const table = [
  '<!-- held -->',
  '| Suite | What was tried, and held |',
  '| --- | --- |',
  ...rows.sort(),
  '<!-- /held -->',
].join('\n')
const old = readFileSync(page, 'utf8')
writeFileSync(
  page,
  old.replace(/<!-- held -->[\s\S]*<!-- \/held -->/, () => table),
)
