import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, rename } from 'node:fs/promises'
import { relative } from 'node:path'
import { create, type WriteEntry } from 'tar'

/**
 * A folder as a tar whose bytes depend on the files alone: sorted, without times, owners, or modes beyond "may be run".
 * The same release then has the same hash on every computer, and an upload that is there is recognised.
 */
export async function packFolder(folder: string, path: string, { gzip = false } = {}): Promise<void> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries
    .filter(entry => !entry.isDirectory())
    .map(entry => relative(folder, `${entry.parentPath}/${entry.name}`))
    .sort()
  const unfinished = `${path}.${process.pid}`
  await create(
    {
      cwd: folder,
      file: unfinished,
      portable: true,
      mtime: new Date(0),
      // The binaries are most of it, and every machine has to unpack them: speed counts more than the last percent.
      ...(gzip && { gzip: { level: 6 } }),
      onWriteEntry: (entry: WriteEntry) => {
        if (entry.stat?.isFile()) entry.stat.mode = entry.stat.mode & 0o100 ? 0o100755 : 0o100644
      },
    },
    files,
  )
  await rename(unfinished, path)
}

export async function sumOf(path: string, algorithm = 'sha256'): Promise<string> {
  const hash = createHash(algorithm)
  for await (const chunk of createReadStream(path)) hash.update(chunk)
  return hash.digest('hex')
}
