import { existsSync, readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { variables } from '../cluster/aws/config-default.ts'
import { defaultInWords, help, markdownTable } from '../cluster/help.ts'

const text = help('kube-up', 'creates a cluster', {
  'dry-run': { means: 'only list' },
  json: { means: 'print one JSON object' },
})

test('it begins with the command and what it does', () => assert.match(text, /^kube-up: creates a cluster\n/))

test('every option is there, with what it means', () => {
  assert.match(text, /^ {2}--dry-run +only list$/m)
  assert.match(text, /^ {2}--json +print one JSON object$/m)
})

for (const [name, variable] of Object.entries(variables)) {
  test(`${name} is there, with its default and what it means`, () =>
    assert.ok(text.includes(`\n  ${name} (${defaultInWords(variable)})\n      ${variable.means}`)))

  test(`the default of ${name} is said in words, not left empty`, () => assert.match(defaultInWords(variable), /\S/))
}

test('there is a file of settings to choose, and help tells of it', () => assert.match(text, 'KUBE_CONFIG_FILE'))

test('a default that is a text is said as it is', () =>
  assert.is(defaultInWords({ default: 'gp3', means: '', check: String }), 'gp3'))

test('words for a default win over the default itself', () =>
  assert.is(defaultInWords({ default: '', inWords: 'none', means: '', check: String }), 'none'))

const rows = markdownTable().split('\n')

test('the table has a line for every variable, below its head', () => {
  assert.equal(rows.slice(0, 2), ['| Variable | Default | Meaning |', '| --- | --- | --- |'])
  assert.equal(
    rows.slice(2).map(row => /^\| `(\w+)` \|/.exec(row)?.[1]),
    Object.keys(variables),
  )
})

test('every line of the table has three cells', () => {
  for (const row of rows) assert.is(row.replaceAll('\\|', '').split('|').length, 5, row)
})

test('no line has what Markdown or HTML would swallow', () => {
  // <prefix> outside of a code span is a tag to Markdown, and a page shows nothing of it.
  for (const row of rows) assert.not.match(row.replaceAll(/`[^`]*`/g, ''), /<[a-z]/i, row)
})

test("the README's table of variables is this one", () => {
  const path = new URL('../README.md', import.meta.url)
  assert.ok(existsSync(path), 'there is a README.md')
  const readme = readFileSync(path, 'utf8')
  const found = /<!-- variables -->\s*([\s\S]*?)\s*<!-- \/variables -->/.exec(readme)?.[1]
  assert.ok(found !== undefined, 'README.md has a table between <!-- variables --> and <!-- /variables -->')
  assert.is(found, markdownTable(), 'README.md and config-default.ts disagree: put markdownTable() of help.ts there')
})

test.run()
