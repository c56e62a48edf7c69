// Runs the test files below a folder, and fails when none of them ran anything.
// Use: node --import tsx scripts/test.ts <folder> [part of a file's name]
//
// Pure tests share a process, for most of their time would be its start; a story with AWS has one of its own. As many
// processes run side by side as there are processors, and one more, for each waits for something now and then.
import { spawn } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const [folder = 'test', part = ''] = process.argv.slice(2)
const ofTheirOwn = ['cluster', 'long', 'machines', 'pages']
// Machines that boot have the computer to themselves, and as that takes minutes they say how far they are.
const live = /(cluster|machines)$/.test(folder)
const uvu = fileURLToPath(new URL('../node_modules/uvu/bin.js', import.meta.url))
const chosen = new RegExp(part)
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter(file => file.endsWith('.test.ts') && chosen.test(file))
  .filter(file => folder !== 'test' || !ofTheirOwn.includes(file.split('/')[0] ?? ''))
const stories = files.filter(
  file => dirname(join(folder, file)) !== 'test' && !join(folder, file).startsWith('test/aws/'),
)
const pure = files.filter(file => !stories.includes(file))
// The longest ones first, by what there is to read: begun last, one of them would keep a single processor busy in the end.
const length = (file: string) => statSync(join(folder, file)).size
const groups = [
  ...stories.sort((a, b) => length(b) - length(a)).map(file => [file]),
  ...(pure.length > 0 ? [pure] : []),
]

/** Runs files in one process. @returns what it printed and whether it went well. */
const run = (group: string[]) =>
  new Promise<{ output: string; passed: number; total: number; leftOut: number; good: boolean }>(resolve => {
    const pattern = `^(${group.map(file => file.replaceAll('.', '\\.')).join('|')})$`
    const child = spawn(process.execPath, ['--import', 'tsx', uvu, folder, pattern, '--no-color'], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', chunk => {
        output += chunk
        if (live) process.stdout.write(chunk)
      })
    child.on('close', code => {
      const count = (label: string) => Number(new RegExp(`${label}:\\s+(\\d+)`).exec(output)?.[1] ?? 0)
      const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')]
      // A story that has too little time left says what it leaves out; that is nothing passed.
      const leftOut = [...output.matchAll(/^[\s•]*left out: /gm)].length
      const good = code === 0 && total > leftOut && skipped === 0 && passed === total
      resolve({ output, passed: passed - leftOut, total, leftOut, good })
    })
  })

const results: Awaited<ReturnType<typeof run>>[] = []
const began = performance.now()
const worker = async () => {
  for (let group = groups.shift(); group; group = groups.shift()) {
    const start = performance.now()
    const result = await run(group)
    const seconds = `${Math.round((performance.now() - start) / 1000)} s`.padStart(6)
    results.push(result)
    const name = group.length > 1 ? `${group.length} pure files` : basename(group[0] ?? '', '.test.ts')
    // What a suite tells of itself, beside whether it passed.
    const told = [...result.output.matchAll(/# (.*)$/gm)].map(([, words]) => `                    ${words}\n`)
    if (result.good)
      console.log(`ok      ${`${result.passed}`.padStart(4)} tests ${seconds}  ${name}\n${told.join('')}`.trimEnd())
    else {
      console.log(`FAILED  ${`${result.passed}`.padStart(4)} of ${result.total} tests ${seconds}  ${name}`)
      if (!live) console.log(result.output)
    }
  }
}
await Promise.all(Array.from({ length: live ? 1 : availableParallelism() + 1 }, worker))

const sum = (of: 'passed' | 'total' | 'leftOut') => results.reduce((total, result) => total + result[of], 0)
const good = results.every(result => result.good) && sum('total') > 0
if (sum('total') === 0) console.log('No test ran.')
console.log(`in ${Math.round((performance.now() - began) / 1000)} s`)
const failed = Math.max(sum('total') - sum('passed') - sum('leftOut'), good ? 0 : 1)
console.log(`${sum('passed')} passed, ${failed} failed${sum('leftOut') > 0 ? `, ${sum('leftOut')} left out` : ''}`)
process.exit(good ? 0 : 1)
