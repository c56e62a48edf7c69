import type { WriteStream } from 'node:tty'
import { stripVTControlCharacters } from 'node:util'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Journal } from '../cluster/aws/journal.ts'
import { showProgress } from '../cluster/progress.ts'

/** A terminal, or a pipe, that remembers what was written. */
function screen(terminal: { isTTY: boolean; columns?: number }) {
  const written: string[] = []
  const waiting: [pattern: RegExp, seen: () => void][] = []
  const stream = {
    ...terminal,
    write: (text: string) => {
      written.push(text)
      for (const [pattern, seen] of waiting) if (pattern.test(text)) seen()
      return true
    },
  } as unknown as WriteStream
  return {
    stream,
    raw: () => written.join(''),
    lines: () =>
      written
        .map(stripVTControlCharacters)
        .filter(text => text.endsWith('\n'))
        .map(text => text.replace(/^\r/, '').slice(0, -1)),
    /** When something is written that matches. */
    shows: (pattern: RegExp) => new Promise<void>(resolve => waiting.push([pattern, resolve])),
  }
}

/** Some steps as they come, and a terminal that shows them. */
async function story(terminal: { isTTY: boolean; columns?: number }) {
  const shown = screen(terminal)
  const journal = new Journal()
  const progress = showProgress(journal, shown.stream)
  await journal.step('VPC', async step => {
    step.id = 'vpc-0123456789abcdef0'
    step.outcome = 'created'
  })
  await journal.step('S3 bucket', async step => {
    step.id = 'kubernetes-staging-0123456789abcdef0123456789abcdef'
    step.outcome = 'already there'
  })
  await journal.step('nodes', () => Promise.reject(new Error('no'))).catch(() => {})
  progress.stop()
  return shown
}

test('a step that ended is a line: mark, name, outcome, seconds, id', async () => {
  const { lines } = await story({ isTTY: false })
  assert.is(lines().length, 3)
  assert.match(lines()[0] ?? '', /^✓ VPC {18}created {9}\d\.\d s {2}vpc-0123456789abcdef0$/)
  assert.match(lines()[1] ?? '', /^✓ S3 bucket {12}already there {3}\d\.\d s {2}kubernetes-staging-/)
  assert.match(lines()[2] ?? '', /^✗ nodes {16}failed {10}\d\.\d s/)
})

test('into a pipe nothing moves the cursor, and nothing is cut', async () => {
  const { raw, lines } = await story({ isTTY: false })
  assert.not.match(raw(), /\r/)
  assert.match(lines()[1] ?? '', /0123456789abcdef0123456789abcdef$/)
})

for (const columns of [120, 80, 60, 40, 24, 10, 2, 1])
  test(`on a terminal of ${columns} columns no line is longer`, async () => {
    const { lines } = await story({ isTTY: true, columns })
    assert.is(lines().length, 3)
    for (const line of lines()) assert.ok(line.length <= columns, `${line.length}: ${line}`)
  })

test('a line that was cut says so', async () => {
  const { lines } = await story({ isTTY: true, columns: 40 })
  assert.ok(lines()[1]?.endsWith('…'))
})

for (const columns of [0, undefined])
  test(`a terminal that claims ${columns} columns still shows what ended`, async () => {
    const { lines } = await story({ isTTY: true, ...(columns !== undefined && { columns }) })
    assert.match(lines()[0] ?? '', /✓ VPC .*created/)
  })

test('a step that began is not a line yet', async () => {
  const shown = screen({ isTTY: false })
  const journal = new Journal()
  showProgress(journal, shown.stream)
  await journal.step('VPC', async () => assert.equal(shown.lines(), []))
  assert.is(shown.lines().length, 1)
})

test('on a terminal, what is going on shows while it does, within the columns', async () => {
  const shown = screen({ isTTY: true, columns: 30 })
  const journal = new Journal()
  const progress = showProgress(journal, shown.stream)
  // The moving line keeps no process alive, so that waits do; here nothing else would.
  const awake = setInterval(() => {}, 1000)
  await journal.step('nodes running', async () => {
    journal.waiting('500 nodes to run, up to 10 minutes')
    await shown.shows(/nodes running/)
  })
  clearInterval(awake)
  progress.stop()
  const moving =
    stripVTControlCharacters(shown.raw())
      .split(/[\r\n]/)
      .find(text => /^[⠁-⣿] /.test(text)) ?? ''
  assert.match(moving, /^[⠁-⣿] \d+ s {2}nodes running: /)
  assert.ok(moving.length <= 29, moving)
})

test('when it stops, the last line is cleared', async () => {
  const shown = screen({ isTTY: true, columns: 80 })
  showProgress(new Journal(), shown.stream).stop()
  assert.is(shown.raw(), '\r\u001b[K')
})

test.run()
