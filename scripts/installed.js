// A fresh clone has no packages yet. Each README command starts here, so that one command is enough.
import { spawnSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'

const installed = 'node_modules/.package-lock.json'
const fresh = existsSync(installed) && statSync(installed).mtimeMs >= statSync('package-lock.json').mtimeMs
if (!fresh) {
  const npm = ['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error']
  process.exitCode = spawnSync('npm', npm, { stdio: 'inherit', shell: process.platform === 'win32' }).status ?? 1
}
