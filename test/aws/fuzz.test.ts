import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../../cluster/aws/cluster.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { template } from '../../cluster/aws/templates.ts'
import { userData } from '../../cluster/aws/user-data.ts'
import { chance, seedOf } from '../support/harsh/index.ts'

const scratch = mkdtempSync(join(tmpdir(), 'kube-up-fuzz-'))
test.after(() => rmSync(scratch, { recursive: true, force: true }))

const seed = seedOf()
const random = chance(seed)
const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)] as T

/** What means something to a shell, to JSON, YAML, Jinja, sed or a terminal, and what means something together. */
const pieces = [
  ...`'"\`\\$&|;<>(){}[]*?!#~%^=,:-+@/ \t\n\r`,
  ...['\u0007', '\u001b[31m', '\u007f', '\u0085', '\u2028', '\u2029', 'é', '漢', '😀', '\ufeff'],
  ...[
    '$(touch owned)',
    '`touch owned`',
    '";touch owned;"',
    "';touch owned;'",
    '\ntouch owned\n',
    `$${'{HOME}'}`,
    '$HOME',
  ],
  ...['PARAMETERS', '\nPARAMETERS\n', '\nBUCKET\n', '\nMETADATA\n', 'EOF', '\\\n', '\\u0041', '\\x41', '\\n', '!!'],
  ...[
    '{{ pillar }}',
    '{% raw %}',
    '{# #}',
    '{{region}}',
    '- x',
    'a: b',
    '--- |',
    '*a',
    '&a',
    '%s',
    '%n',
    'x',
    'true',
    'null',
  ],
]
const value = () => Array.from({ length: 1 + Math.floor(random() * 12) }, () => pick(pieces)).join('')

const cluster = connect(config({}), new Journal())
const bucket = { id: 'kubernetes-staging-0123456789abcdef0123456789abcdef', shared: false }
const bootstrap = { name: 'bootstrap.sh', sha256: 'c'.repeat(64), key: 'bootstrap.sh', bytes: 1 }

/** A machine's /etc and /run, with what user data and bootstrap.sh write there before they fetch anything. */
function machine(packed: Buffer): { told: Buffer; shell(script: string): Buffer } {
  const root = mkdtempSync(join(scratch, 'm-'))
  for (const folder of ['etc', 'run']) mkdirSync(join(root, folder))
  const moved = (text: string) => text.replaceAll(/\/(etc|run)\/kube-up/g, `${root}/$1/kube-up`)
  const script = gunzipSync(packed).toString()
  const before = script.slice(0, script.indexOf("echo 'kube-up: fetching"))
  execFileSync('bash', ['-c', moved(before)], { cwd: scratch, stdio: 'pipe' })
  const functions = template('bootstrap.sh')
  const parameters = functions.slice(functions.indexOf('declare -A key sha256'), functions.indexOf('# The unit runs'))
  assert.match(parameters, /^declare [\s\S]*\n\}\n/, 'bootstrap.sh reads the parameters in a function of its own')
  return {
    told: readFileSync(join(root, 'etc/kube-up/parameters.json')),
    shell: more =>
      execFileSync('bash', ['-c', `set -euo pipefail\n${moved(parameters)}\nparameters\n${more}`], {
        cwd: scratch,
        stdio: 'pipe',
        maxBuffer: 1 << 26,
      }),
  }
}

const rounds = 4
const each = 60

test(`${rounds * each} random values, in user data, come out of bash, of Python's JSON and of the machine's shell byte for byte`, () => {
  for (let round = 0; round < rounds; round++) {
    const where = `KUBE_TEST_SEED=${seed}, round ${round}`
    const values = Array.from({ length: each }, value)
    const files = values.map((one, i) => ({ name: `${one}#${i}`, sha256: `${i}`, key: one, to: one, bytes: 1 }))
    const own = { volume: values[0] ?? '' }
    const packed = userData(cluster, 'minion', { bucket, files: [...files, bootstrap] }, own)
    const { told, shell } = machine(packed)
    const print =
      'import json, sys; told = json.load(open(0, "rb")); [sys.stdout.buffer.write(f["key"].encode() + b"\\0") for f in told["files"].values()]'
    const expected = Buffer.from(files.map(({ key }) => `${key}\0`).join(''))
    assert.ok(execFileSync('python3', ['-c', print], { input: told }).equals(expected), `${where}: Python`)
    // The shell has no order among the keys; so each is asked for by the number at its name's end.
    const [names, key, to] = ['!key[@]', 'key[$name]', 'to[$name]'].map(expression => `"$${'{'}${expression}}"`)
    const asked = shell(
      `printf '%s\\0' "$volume"; for name in ${names}; do printf '%s\\0%s\\0%s\\0' "$name" ${key} ${to}; done`,
    )
    const [volume, ...rest] = asked.toString().split('\0').slice(0, -1)
    assert.is(volume, own.volume, where)
    const got = new Map(rest.flatMap((name, i) => (i % 3 === 0 ? [[name, rest.slice(i + 1, i + 3)] as const] : [])))
    for (const { name, key, to } of files) assert.equal(got.get(name), [key, to], `${where}: the shell`)
    assert.is(got.size, files.length, where)
  }
  assert.not.ok(existsSync(join(scratch, 'owned')), `KUBE_TEST_SEED=${seed}: nothing in them was run`)
  console.log(`# ${rounds * each} random values through user data, bash, Python and the machine's shell, seed ${seed}`)
})

test.run()
