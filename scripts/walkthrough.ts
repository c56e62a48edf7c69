// Writes docs/walkthrough.md and docs/walkthrough.html from a real run against a local AWS of its own.
// Use: npm run walkthrough, after each change of what kube-up or kube-down does or says.
import { writeFile } from 'node:fs/promises'
import { committed } from '../test/support/walkthrough.ts'
import { layout } from './layout.ts'

const [wide, narrow] = [await layout('wide'), await layout('narrow')]
await writeFile('cluster/walkthrough/layout.json', `${JSON.stringify({ wide, narrow })}\n`)
const { html, markdown } = await committed()
await writeFile('docs/walkthrough.html', html)
await writeFile('docs/walkthrough.md', markdown)
console.log('docs/walkthrough.md and docs/walkthrough.html are written.')
