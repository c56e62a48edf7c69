// Runs the test files of a folder one after another, and fails when none of them ran anything.
// Use: node --import tsx scripts/test.ts <folder> [part of a file's name]
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const [folder = 'test', part = ''] = process.argv.slice(2)
const uvu = fileURLToPath(new URL('../node_modules/uvu/bin.js', import.meta.url))
const run = spawn(
  process.execPath,
  ['--import', 'tsx', uvu, folder, `${part}.*\\.test\\.ts$`, '--ignore', 'machines|crash|support'],
  {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' },
  },
)
let output = ''
run.stdout.on('data', chunk => {
  process.stdout.write(chunk)
  output += chunk
})
run.on('close', code => {
  const count = (label: string) => Number(new RegExp(`${label}:\\s+(\\d+)`).exec(output)?.[1] ?? 0)
  const [total, passed, skipped] = [count('Total'), count('Passed'), count('Skipped')]
  console.log(`${passed} passed, ${total - passed} failed, ${skipped} skipped`)
  if (total === 0) console.error('No test ran.')
  process.exit(code === 0 && total > 0 && skipped === 0 ? 0 : 1)
})
