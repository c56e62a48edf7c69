import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { expandHome, fingerprint } from '../../../cluster/aws/resources/key-pair.ts'

const folder = mkdtempSync(join(tmpdir(), 'kube-up-key-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

for (const [type, bits] of [
  ['ed25519', '256'],
  ['rsa', '2048'],
  ['ecdsa', '256'],
] as const)
  test(`the fingerprint of an ${type} key is the one ssh-keygen prints, letters and digits only`, () => {
    const path = join(folder, type)
    execFileSync('ssh-keygen', ['-q', '-t', type, '-b', bits, '-N', '', '-C', 'ada@home of hers', '-f', path])
    const printed =
      execFileSync('ssh-keygen', ['-lf', `${path}.pub`])
        .toString()
        .split(' ')[1] ?? ''
    assert.match(printed, /^SHA256:/)
    const ours = fingerprint(readFileSync(`${path}.pub`, 'utf8'))
    assert.is(ours, printed.replace(/[^A-Za-z0-9]/g, ''))
    assert.match(ours, /^SHA256[A-Za-z0-9]{30,43}$/)
  })

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqGrPhHQzd8oOZ4YLlxEqdfRhY7O1hdVfPOWT3YZDaZ'
const alike: [what: string, text: string][] = [
  ['without a comment', key],
  ['with another comment', `${key} grace@work`],
  ['with a line end', `${key} ada\n`],
  ['with a Windows line end', `${key} ada\r\n`],
  ['with space around it', `\n  ${key}  ada  \n`],
]
for (const [what, text] of alike)
  test(`a key ${what} has the same fingerprint`, () => assert.is(fingerprint(text), fingerprint(`${key} ada`)))

test('another key has another one', () => assert.is.not(fingerprint(key.replace('ZDaZ', 'ZDaY')), fingerprint(key)))

const paths: [path: string, expanded: string][] = [
  ['~', homedir()],
  ['~/.ssh/kube_aws_rsa', `${homedir()}/.ssh/kube_aws_rsa`],
  ['/home/~/x', '/home/~/x'],
  ['~ada/x', '~ada/x'],
  ['x/~', 'x/~'],
  ['./key', './key'],
]
for (const [path, expanded] of paths)
  test(`${path} means ${expanded.replace(homedir(), 'home')}`, () => assert.is(expandHome(path), expanded))

test.run()
