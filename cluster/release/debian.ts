import { chmod, copyFile, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { run } from './run.ts'

const install = 'On Debian and Ubuntu: apt-get install mmdebstrap.'
const libraries = 'usr/lib/x86_64-linux-gnu'
const loader = 'lib64/ld-linux-x86-64.so.2'

/**
 * What the release needs of Debian's packages, unpacked into a folder of its own, nothing installed: nft with its libraries
 * (kube-proxy runs it) and libseccomp to link runc with. mmdebstrap finds the packages, and the local machines need it anyway.
 * @throws UserError when it is missing or finds none.
 */
export async function unpackDebian(work: string, say: (words: string) => void): Promise<string> {
  const root = join(work, 'debian')
  if (await stat(root).catch(() => undefined)) return root
  say('fetching nft and libseccomp from Debian')
  // This computer's own release: libseccomp is linked with this computer's C library.
  const codename = /^VERSION_CODENAME=(.+)$/m.exec(await readFile('/etc/os-release', 'utf8').catch(() => ''))?.[1]
  const unfinished = `${root}.${process.pid}`
  try {
    const include = '--include=nftables,libseccomp-dev'
    await run('mmdebstrap', ['--quiet', '--variant=extract', include, codename ?? 'trixie', unfinished], { install })
    await rename(unfinished, root)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return root
}

/** nft and every library it loads, into a folder that becomes an image. */
export async function copyNft(debian: string, to: string): Promise<void> {
  const paths = [libraries, 'lib/x86_64-linux-gnu'].map(path => join(debian, path))
  const nft = join(debian, 'usr/sbin/nft')
  const listed = await run(join(debian, loader), ['--list', '--library-path', paths.join(':'), nft])
  for (const folder of ['usr/sbin', 'lib64', libraries]) await mkdir(join(to, folder), { recursive: true })
  await copyFile(nft, join(to, 'usr/sbin/nft'))
  await copyFile(join(debian, loader), join(to, loader))
  for (const library of listed.match(/(?<==> )\/\S+/g) ?? [])
    await copyFile(library, join(to, libraries, basename(library)))
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
