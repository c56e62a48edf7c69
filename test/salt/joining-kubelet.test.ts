import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const folder = mkdtempSync(join(tmpdir(), 'kube-up-joining-'))
test.after(() => rmSync(folder, { recursive: true, force: true }))

const source = readFileSync(new URL('../../salt/kubelet/files/joining-kubelet.sh', import.meta.url), 'utf8')
const program = (name: string, text: string) => {
  writeFileSync(join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 })
  return join(folder, name)
}
const kubelet = program('kubelet', 'echo "kubelet $*"')
const kubeconfig = join(folder, 'kubeconfig')
const calls = join(folder, 'calls')
writeFileSync(join(folder, 'bootstrap-token'), 'abc.def')
program('curl', `cat >> ${calls}; echo " $*" >> ${calls}; [ "$(wc -l < ${calls})" -ge 6 ]`)
program('sleep', ':')
const script = program(
  'joining',
  source
    .replaceAll('{{ pki }}', folder)
    .replaceAll('{{ server }}', 'https://master')
    .replaceAll('/var/lib/kubelet/kubeconfig', kubeconfig)
    .replaceAll('/usr/local/bin/kubelet', kubelet),
)
const start = () =>
  execFileSync(script, ['--config=a', '--node-ip=b'], {
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env.PATH}` },
  })

test('a node that has not joined starts its kubelet when the API takes its token, which no argument holds', () => {
  assert.is(start(), 'waiting for the API to let this node join\nkubelet --config=a --node-ip=b\n')
  const lines = readFileSync(calls, 'utf8').trim().split('\n')
  assert.is(lines.length, 6, 'asked three times')
  for (const line of lines.filter((_, index) => index % 2 === 0)) assert.is(line, 'Authorization: Bearer abc.def')
  for (const line of lines.filter((_, index) => index % 2 === 1)) {
    assert.match(line, /--cacert \S+\/ca\.crt .*https:\/\/master\/readyz$/)
    assert.not.match(line, /abc\.def|insecure/)
  }
})

test('a node that has joined before starts it without asking', () => {
  rmSync(calls)
  writeFileSync(kubeconfig, '')
  assert.is(start(), 'kubelet --config=a --node-ip=b\n')
  assert.not(existsSync(calls))
})

test.run()
