import { rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import pins from './pins.json' with { type: 'json' }
import { run } from './run.ts'

const libraries = 'usr/lib/x86_64-linux-gnu'

/**
 * Compiles a folder's Python for the Python that the machine's Debian has: an emulated machine takes half a minute for it, at
 * each first boot. Only that very Python can do it, so it is unpacked from Debian's packages; nothing is installed.
 * The sources are not looked at again (PEP 552's unchecked hashes): here nobody changes them, and every look costs.
 */
export async function compilePython(folder: string, work: string): Promise<void> {
  const root = await unpackPython(work)
  const loader = join(root, libraries, 'ld-linux-x86-64.so.2')
  const python = ['--library-path', join(root, libraries), join(root, `usr/bin/python${pins.python}`)]
  const options = ['-q', '--invalidation-mode', 'unchecked-hash', '-s', folder, '-p', 'salt']
  // Without a seed of its own the same source may compile to other bytes, and would be uploaded again.
  const env = { PYTHONHOME: join(root, 'usr'), PYTHONHASHSEED: '0' }
  await run(loader, [...python, '-m', 'compileall', ...options, folder], { env })
}

async function unpackPython(work: string): Promise<string> {
  const root = join(work, `python-${pins.python}`)
  if (await stat(root).catch(() => undefined)) return root
  const unfinished = `${root}.${process.pid}`
  const include = `--include=python${pins.python}-minimal,libpython${pins.python}-stdlib`
  try {
    await run('mmdebstrap', ['--quiet', '--variant=extract', include, 'trixie', unfinished], {
      install: 'On Debian and Ubuntu: apt-get install mmdebstrap.',
    })
    await rename(unfinished, root)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return root
}
