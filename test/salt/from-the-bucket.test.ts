/** A cluster also comes up in a VPC without internet, and a node added next month still works: nothing comes from elsewhere. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const all = ['../../salt', '../../cluster/aws/templates'].flatMap(folder => {
  const root = fileURLToPath(new URL(folder, import.meta.url))
  const files = readdirSync(root, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return files.map(({ parentPath, name }) => join(parentPath, name))
})
/** What a machine reads, without remarks for people. */
const lines = all.flatMap(file =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => !/^\s*(#|Documentation=)/.test(line))
    .map(line => `${file}: ${line}`),
)

test('all addresses that machines are told are of this machine, its metadata service, or the cluster itself', () => {
  const addresses = lines.flatMap(line => [...line.matchAll(/https?:\/\/([^/:'"\s]+)/g)].map(([, host = '']) => host))
  assert.ok(addresses.includes('169.254.169.254'))
  const own = /^(127\.0\.0\.1|169\.254\.169\.254|kubernetes\.default\.svc\.\{\{|\{\{)/
  assert.equal(
    addresses.filter(host => !own.test(host)),
    [],
  )
})

test('no machine asks for a package', () => {
  const asking = /\b(apt|apt-get|dnf|yum|pip3?) |\bpkg(repo)?\.|\bpip\.installed/
  assert.equal(
    lines.filter(line => asking.test(line)),
    [],
  )
})

test.run()
