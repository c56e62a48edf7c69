import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Where Debian and Ubuntu have it, and where other people do. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

/** A browser to look at the pages with, installed where that is possible. @throws Error where there is none: then nothing was tested. */
export function chromiumPath(): string {
  const found = () => [process.env.CHROMIUM, ...places].find(path => path && existsSync(path))
  if (!found() && process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) {
    execFileSync('apt-get', ['update', '-qq'])
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'])
  }
  const path = found()
  if (!path) throw new Error('These tests need Chromium: install it, or set CHROMIUM to where it is.')
  return path
}
