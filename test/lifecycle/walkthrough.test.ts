import { readFile } from 'node:fs/promises'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { committed } from '../support/walkthrough.ts'

test('the walkthrough that is committed is that of the program as it is: else npm run walkthrough writes it anew', async () => {
  const { html, markdown, untold } = await committed()
  assert.equal(untold, [], 'each step has its words in cluster/story/texts.ts')
  const kept = (file: string) => readFile(new URL(`../../docs/${file}`, import.meta.url), 'utf8')
  assert.ok(markdown === (await kept('walkthrough.md')), 'docs/walkthrough.md is stale: npm run walkthrough')
  assert.ok(html === (await kept('walkthrough.html')), 'docs/walkthrough.html is stale: npm run walkthrough')
  assert.not.match(html, /(src|href)="(?!data:)/, 'it takes nothing from elsewhere')
  assert.not.match(html, /UserData":\s*"H4s/)
})

test.run()
