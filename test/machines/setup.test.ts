import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

/** local:setup on a computer that has no program at all. */
const setup = (env: Record<string, string>) => {
  const script = fileURLToPath(new URL('../../cluster/local/machines/entries/setup.ts', import.meta.url))
  const args = ['--import', import.meta.resolve('tsx'), script]
  const { status, stderr, stdout } = spawnSync(process.execPath, args, {
    env: { PATH: '/nowhere', HOME: '/nowhere', ...env },
    encoding: 'utf8',
  })
  return { status, stderr, stdout }
}

test('where installing is forbidden, one message says all that is missing and the line that installs it', () => {
  const { status, stderr, stdout } = setup({ KUBE_LOCAL_INSTALL: 'false' })
  assert.is(status, 1)
  assert.is(stdout, '')
  assert.match(stderr, /lacks QEMU 10 or newer, qemu-img, mmdebstrap.*as root: apt-get install .*mmdebstrap/)
  assert.not.match(stderr, /\n\s+at .*:\d+:\d+/)
})

test('what cannot be installed is told with the reason, after what was tried', () => {
  const { status, stderr, stdout } = setup({})
  assert.is(status, 1)
  assert.match(stdout, /^installing qemu-system-x86, .* \(KUBE_LOCAL_INSTALL=false forbids it\)/)
  assert.match(stderr, /could not be installed: .*apt-get.*run this again: apt-get install/)
})

test.run()
