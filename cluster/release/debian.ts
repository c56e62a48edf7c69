import { chmod, copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { run } from './run.ts'

const install = 'On Debian and Ubuntu: apt-get install mmdebstrap.'
const libraries = 'usr/lib/x86_64-linux-gnu'
const loader = 'lib64/ld-linux-x86-64.so.2'
const packages = ['e2fsprogs', 'libseccomp-dev', 'mount', 'util-linux']

/**
 * What the release needs of Debian's packages, unpacked into a folder of its own, nothing installed: libseccomp to link runc
 * with, and what the EBS CSI driver runs. mmdebstrap finds the packages, and the local machines need it anyway.
 * @throws UserError when it is missing or finds none.
 */
export async function unpackDebian(work: string, say: (words: string) => void): Promise<string> {
  const root = join(work, ['debian', ...packages].join('-'))
  if (await stat(root).catch(() => undefined)) return root
  say(`fetching ${packages.join(', ')} from Debian`)
  // This computer's own release: libseccomp is linked with this computer's C library.
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(await readFile('/etc/os-release', 'utf8').catch(() => ''))?.[1]
  const unfinished = `${root}.${process.pid}`
  try {
    const include = `--include=${packages.join()}`
    await run('mmdebstrap', ['--quiet', '--variant=extract', include, codename ?? 'trixie', unfinished], { install })
    await rename(unfinished, root)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return root
}

/** Programs with every library they load, into a folder that becomes an image. @throws Error when one is in no package. */
export async function copyPrograms(debian: string, to: string, names: readonly string[]): Promise<void> {
  const paths = [libraries, 'lib/x86_64-linux-gnu'].map(path => join(debian, path))
  for (const name of names) {
    const places = ['usr/sbin', 'usr/bin', 'sbin', 'bin'].map(folder => join(debian, folder, name))
    const there = await Promise.all(places.map(path => stat(path).catch(() => undefined)))
    const program = places.find((_, i) => there[i])
    if (!program) throw new Error(`${packages.join(', ')} have no ${name}`)
    const listed = await run(join(debian, loader), ['--list', '--library-path', paths.join(':'), program])
    for (const folder of ['usr/sbin', 'lib64', libraries]) await mkdir(join(to, folder), { recursive: true })
    await copyFile(program, join(to, 'usr/sbin', name))
    await copyFile(join(debian, loader), join(to, loader))
    for (const library of listed.match(/(?<==> )\/\S+/g) ?? [])
      await copyFile(library, join(to, libraries, basename(library)))
  }
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
