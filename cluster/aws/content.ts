import { open, stat } from 'node:fs/promises'

/** What is sent to S3: bytes in memory, or those of files, one after another. */
export type Content = Buffer | readonly string[]

export interface Reader {
  /** How many there are in all. */
  readonly bytes: number
  /** Reads as many as there are from there on, and the memory holds. The answer is a part of that memory, and no copy. */
  read(from: number, memory: Buffer): Promise<Buffer>
}

/**
 * Opens content for as long as it is used. Readers bring their own memory and use it again: a stream makes new memory for
 * every piece, and a gigabyte passes through faster than that is collected.
 */
export async function reading<T>(content: Content, use: (reader: Reader) => Promise<T>): Promise<T> {
  if (Buffer.isBuffer(content))
    return use({ bytes: content.length, read: async (from, { length }) => content.subarray(from, from + length) })
  const files: { handle: Awaited<ReturnType<typeof open>>; begins: number; ends: number }[] = []
  let bytes = 0
  try {
    for (const path of content) {
      const handle = await open(path)
      const begins = bytes
      bytes += (await handle.stat()).size
      files.push({ handle, begins, ends: bytes })
    }
    return await use({
      bytes,
      async read(from, memory) {
        let length = 0
        for (const { handle, begins, ends } of files)
          while (length < memory.length && from + length < ends) {
            const most = Math.min(memory.length - length, ends - from - length)
            const { bytesRead } = await handle.read(memory, length, most, from + length - begins)
            if (bytesRead === 0) return memory.subarray(0, length)
            length += bytesRead
          }
        return memory.subarray(0, length)
      },
    })
  } finally {
    await Promise.all(files.map(({ handle }) => handle.close()))
  }
}

/** What changes with files when somebody writes to one or puts another in its place; looked at, for a second sum would take as long as the first. */
export async function lookAt(content: Content): Promise<string> {
  if (Buffer.isBuffer(content)) return ''
  const files = await Promise.all(content.map(path => stat(path)))
  return files.map(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`).join()
}
