import { chmod, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.ts'

const install = 'On Debian and Ubuntu: apt-get install mmdebstrap.'
const libraries = 'usr/lib/x86_64-linux-gnu'

/**
 * What the release needs of Debian's packages, unpacked into a folder of its own, nothing installed: libseccomp to link runc
 * with. mmdebstrap finds the packages, and the local machines need it anyway.
 * @throws UserError when it is missing or finds none.
 */
export async function unpackDebian(work: string, say: (words: string) => void): Promise<string> {
  const root = join(work, 'debian')
  if (await stat(root).catch(() => undefined)) return root
  say('fetching libseccomp from Debian')
  // This computer's own release: libseccomp is linked with this computer's C library.
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(await readFile('/etc/os-release', 'utf8').catch(() => ''))?.[1]
  const unfinished = `${root}.${process.pid}`
  try {
    const include = '--include=libseccomp-dev'
    await run('mmdebstrap', ['--quiet', '--variant=extract', include, codename ?? 'trixie', unfinished], { install })
    await rename(unfinished, root)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return root
}

/** Variables with which Go links libseccomp out of that folder: it asks the program in PKG_CONFIG where a library is. */
export async function withSeccomp(debian: string, work: string): Promise<Record<string, string>> {
  const answers = join(work, 'pkg-config')
  await writeFile(
    answers,
    `#!/bin/sh
case "$*" in
*--cflags*) echo "-I${debian}/usr/include" ;;
*--libs*) echo "-L${debian}/${libraries} -lseccomp" ;;
esac
`,
  )
  await chmod(answers, 0o755)
  return { PKG_CONFIG: answers }
}
