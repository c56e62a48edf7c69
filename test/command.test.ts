import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../cluster/errors.ts'
import { settings } from '../cluster/settings.ts'

test('without KUBE_CONFIG_FILE, the settings are those of config-default.ts', () => {
  assert.is(settings({}).NUM_NODES, 4)
  assert.is(settings({ KUBE_CONFIG_FILE: '' }).NUM_NODES, 4)
  assert.is(settings({ KUBE_CONFIG_FILE: 'config-default.ts' }).KUBE_AWS_INSTANCE_PREFIX, 'kubernetes')
})

test('KUBE_CONFIG_FILE=config-test.ts chooses the small variant', () => {
  const { NUM_NODES, KUBE_AWS_INSTANCE_PREFIX } = settings({ KUBE_CONFIG_FILE: 'config-test.ts', USER: 'ada' })
  assert.equal([NUM_NODES, KUBE_AWS_INSTANCE_PREFIX], [2, 'e2e-test-ada'])
})

// The last three are what every JavaScript object has.
const unknown = ['config-default.sh', './config-test.ts', '/etc/passwd', 'config-test', 'x\ny', 'x'.repeat(10_000)]
for (const name of [...unknown, 'toString', 'constructor', '__proto__'])
  test(`KUBE_CONFIG_FILE=${JSON.stringify(name.slice(0, 40))} is refused with the names of those there are`, () => {
    let error: unknown
    try {
      settings({ KUBE_CONFIG_FILE: name })
    } catch (thrown) {
      error = thrown
    }
    assert.instance(error, UserError, `${error}`)
    const { message, exitCode } = error as UserError
    assert.is(exitCode, 2)
    assert.match(message, /^KUBE_CONFIG_FILE=.+ is not known; there are config-default\.ts and config-test\.ts\.$/)
    assert.ok(message.length < 400, 'short enough to read')
  })

test('a wrong setting is refused by either configuration', () => {
  for (const KUBE_CONFIG_FILE of ['config-default.ts', 'config-test.ts'])
    assert.throws(() => settings({ KUBE_CONFIG_FILE, NUM_NODES: 'x' }), /NUM_NODES="x" must be a whole number/)
})

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'kube-up-command-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

test('importing it prints nothing, keeps nothing alive and changes no environment', () => {
  const script = `
    const before = JSON.stringify(process.env)
    await import(${JSON.stringify(join(root, 'cluster/command.ts'))})
    if (JSON.stringify(process.env) !== before) console.log('the environment changed')
  `
  const said = execFileSync(
    process.execPath,
    [
      '--no-warnings',
      '--import',
      join(root, 'node_modules/tsx/dist/esm/index.mjs'),
      '--input-type=module',
      '--eval',
      script,
    ],
    { cwd: folder, env: { PATH: process.env.PATH, HOME: folder }, timeout: 60_000 },
  ).toString()
  assert.is(said, '')
})

test.run()
