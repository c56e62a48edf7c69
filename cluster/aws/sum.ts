import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'

/** What bytes are known by. */
export interface Sum {
  readonly sha256: string
  readonly bytes: number
}

/** The sum of files, and what they looked like before they were read. */
export interface Summed extends Sum {
  readonly seen: string
}

/** Sums bytes on their way to whoever needs them, so that they are read once. */
export function summing() {
  const hash = createHash('sha256')
  let bytes = 0
  return {
    async *passing(chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        hash.update(chunk)
        bytes += chunk.length
        yield chunk
      }
    },
    /** Once all have passed. */
    sum: (): Sum => ({ sha256: hash.digest('hex'), bytes }),
  }
}

export async function sumOf(chunks: AsyncIterable<Buffer>): Promise<Sum> {
  const { passing, sum } = summing()
  for await (const _ of passing(chunks));
  return sum()
}

/** What changes with files when somebody writes to one or puts another in its place; looked at, for a second sum would take as long as the first. */
export const lookAt = async (paths: readonly string[]): Promise<string> => {
  const files = await Promise.all(paths.map(path => stat(path)))
  return files.map(({ ino, size, mtimeMs }) => `${ino} ${size} ${mtimeMs}`).join()
}
