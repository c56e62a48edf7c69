// Writes docs/walkthrough.md and docs/walkthrough.html from a real run against a local AWS of its own.
// Use: npm run walkthrough
import { writeFile } from 'node:fs/promises'
import { committed } from '../test/support/walkthrough.ts'

const { html, markdown } = await committed()
await writeFile('docs/walkthrough.html', html)
await writeFile('docs/walkthrough.md', markdown)
console.log('docs/walkthrough.md and docs/walkthrough.html are written.')
