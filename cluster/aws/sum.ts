import { createHash } from 'node:crypto'
import { type Content, lookAt, reading } from './content.ts'

/** What bytes are known by. */
export interface Sum {
  readonly sha256: string
  readonly bytes: number
  /** What they looked like on this computer before they were read. */
  readonly seen: string
}

const memory = 1024 ** 2

export async function sumOf(content: Content): Promise<Sum> {
  const { add, sum } = await summing(content)
  await reading(content, async ({ read }) => {
    const mine = Buffer.allocUnsafe(memory)
    for (let from = 0; ; ) {
      const chunk = await read(from, mine)
      if (chunk.length === 0) return
      add(chunk)
      from += chunk.length
    }
  })
  return sum()
}

/** For whoever reads the content anyway: adds up what it is given. */
export async function summing(content: Content) {
  const seen = await lookAt(content)
  const hash = createHash('sha256')
  let bytes = 0
  return {
    add(chunk: Buffer): void {
      hash.update(chunk)
      bytes += chunk.length
    },
    /** Once all was added. */
    sum: (): Sum => ({ sha256: hash.digest('hex'), bytes, seen }),
  }
}
