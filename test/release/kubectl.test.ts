import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../cluster/errors.ts'
import { keptKubectl } from '../../cluster/release/kubectl.ts'

const test = suite('kubectl of the release')
const cache = mkdtempSync(join(tmpdir(), 'kube-up-kubectl-'))
const folder = join(cache, 'releases/v1.37.1')
test.after(() => rmSync(cache, { recursive: true }))

test('where no release is kept, it says how to get a kubectl', async () => {
  const error = await keptKubectl(cache, 'v1.37.1').catch((error: unknown) => error)
  assert.instance(error, UserError)
  assert.match(
    (error as Error).message,
    /no kubectl in the PATH, and no release of Kubernetes v1\.37\.1 .*install kubectl/,
  )
})

test('it is taken out of the release once, and can be run', async () => {
  const bin = join(cache, 'kubernetes/server/bin')
  mkdirSync(bin, { recursive: true })
  mkdirSync(folder, { recursive: true })
  for (const name of ['kubectl', 'kubelet']) writeFileSync(join(bin, name), '#!/bin/sh\necho "I am $0"\n')
  const tarball = join(folder, 'kubernetes-control-plane-linux-amd64.tar.gz')
  execFileSync('tar', ['-czf', tarball, '-C', cache, 'kubernetes'])
  const program = await keptKubectl(cache, 'v1.37.1')
  assert.is(execFileSync(program, { encoding: 'utf8' }), `I am ${program}\n`)
  assert.equal(readdirSync(folder).sort(), ['kubectl', 'kubernetes-control-plane-linux-amd64.tar.gz'])
  rmSync(tarball)
  assert.is(await keptKubectl(cache, 'v1.37.1'), program)
})

test.run()
