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
    shows: (pattern: RegExp) =>
      new Promise<void>((resolve, reject) => {
        waiting.push([pattern, resolve])
        setTimeout(() => reject(new Error(`${pattern} was not written, but ${written.join('')}`)), 10_000).unref()
      }),
  }
}

/** Some steps as they come, and a terminal that shows them. */
async function story(terminal: { isTTY: boolean; columns?: number }) {
  const shown = screen(terminal)
  const journal = new Journal()
  const progress = showProgress(journal, shown.stream, { env: {} })
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
  const { lines } = await story({ isTTY: true, columns: 70 })
  assert.ok(lines()[1]?.endsWith('…'))
})

test('where it is narrow, a step keeps its outcome and its seconds, and loses its id', async () => {
  const { lines } = await story({ isTTY: true, columns: 40 })
  assert.match(lines()[1] ?? '', /^✓ S3 bucket {8}already there {3}\d\.\d s$/)
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

/** What shows below the lines while some steps go on, once a text is there that matches. */
async function whileGoing(
  terminal: { columns: number; rows?: number },
  pattern: RegExp,
  names: string[],
  words: string,
) {
  const shown = screen({ isTTY: true, ...terminal })
  const journal = new Journal()
  const progress = showProgress(journal, shown.stream, { env: {} })
  // The moving lines keep no process alive, so that waits do; here nothing else would.
  const awake = setInterval(() => {}, 1000)
  const work = async () => {
    journal.waiting(words)
    await shown.shows(pattern)
  }
  await Promise.all(names.map(name => journal.step(name, work)))
  clearInterval(awake)
  progress.stop()
  const lines = stripVTControlCharacters(shown.raw()).split(/[\r\n]/)
  return { raw: shown.raw(), lines, moving: lines.filter(text => /^[⠁-⣿] /.test(text)) }
}

test('on a terminal, each step that goes on shows its seconds and what it waits for, within the columns', async () => {
  const { moving } = await whileGoing(
    { columns: 60 },
    /nodes running.*\n.*VPC/s,
    ['nodes running', 'VPC'],
    'x'.repeat(99),
  )
  assert.match(moving[0] ?? '', /^[⠁-⣿] nodes running +0 s {2}x+…$/)
  assert.match(moving[1] ?? '', /^[⠁-⣿] VPC +0 s {2}x+…$/)
  for (const line of moving) assert.ok(line.length <= 59, line)
})

test('how far an upload is shows as the bar that the step says', async () => {
  const { moving } = await whileGoing({ columns: 80 }, /█/, ['release'], '██████░░░░ 60 of 100 MiB')
  assert.match(moving[0] ?? '', /release +0 s {2}██████░░░░ 60 of 100 MiB$/)
})

test('more steps than a terminal has rows are counted', async () => {
  const names = ['a', 'b', 'c', 'd', 'e']
  const { lines } = await whileGoing({ columns: 80, rows: 5 }, /and 3 more/, names, '')
  assert.ok(lines.includes('  and 3 more'))
})

test('lines that moved are cleared as the rows they take, also when the window became narrower', async () => {
  const shown = screen({ isTTY: true, columns: 80 })
  const journal = new Journal()
  const progress = showProgress(journal, shown.stream, { env: {} })
  const awake = setInterval(() => {}, 1000)
  await journal.step('nodes running', async () => {
    journal.waiting('y'.repeat(99))
    await shown.shows(/y…/)
    Object.assign(shown.stream, { columns: 20 })
    await shown.shows(/(\[A.*){3}/s)
  })
  clearInterval(awake)
  progress.stop()
})

for (const [what, env] of Object.entries({ NO_COLOR: { NO_COLOR: '1' }, 'TERM=dumb': { TERM: 'dumb' } }))
  test(`with ${what} nothing moves and nothing is coloured, but no line is too long`, async () => {
    const shown = screen({ isTTY: true, columns: 62 })
    const journal = new Journal()
    const progress = showProgress(journal, shown.stream, { env })
    await journal.step('VPC', async step => {
      step.id = 'vpc-0123456789abcdef0123456789abcdef'
    })
    progress.stop()
    assert.match(shown.raw(), /^✓ VPC +done +0\.0 s {2}vpc-0+[0-9a-f]+…\n$/)
    assert.is(shown.raw().length, 63)
  })

test('where nothing really ends, as in a dry run, no line says so', async () => {
  const shown = screen({ isTTY: false })
  const journal = new Journal()
  const progress = showProgress(journal, shown.stream, { endings: false })
  await journal.step('VPC', async () => {})
  progress.stop()
  assert.is(shown.raw(), '')
})

test('when it stops, what moved is cleared', async () => {
  const shown = screen({ isTTY: true, columns: 80 })
  showProgress(new Journal(), shown.stream, { env: {} }).stop()
  assert.is(shown.raw(), '\r\u001b[K')
})

test.run()
