import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { Parser } from 'tar'
import { UserError } from '../errors.ts'
import { type Sum, summing } from './sum.ts'

export interface GivenArchive {
  /** The setting that named it. */
  readonly variable: string
  readonly path: string
}

/** So much is read and unpacked at a time: a gigabyte in small pieces keeps the event loop, and the garbage collector, busy. */
const highWaterMark = 256 * 1024

/**
 * Reads an archive that the person gives to its end. One that was cut off on its way, or is something else, would be
 * noticed by machines that run and are billed already. What kube-up itself fetches has a sum to go by; this gets its own
 * on the way.
 * @throws UserError when it cannot be unpacked.
 */
export async function requireWhole<Given extends GivenArchive>(given: Given): Promise<Given & { summed: Sum }> {
  const { variable, path } = given
  const gzipped = await isGzipped(path)
  const { add, sum } = await summing([path])
  const wrong =
    variable === 'KUBERNETES_SERVER_TAR' && !gzipped ? 'it is not gzipped' : await whatIsWrong(path, gzipped, add)
  if (wrong)
    throw new UserError(`${variable}=${path} cannot be unpacked: ${wrong}. Fetch it again, or leave it out.`, 2)
  return { ...given, summed: sum() }
}

/** Node's gunzip works beside this thread; the one in tar's parser would hold it up. */
async function whatIsWrong(
  path: string,
  gzipped: boolean,
  onChunk: (chunk: Buffer) => void,
): Promise<string | undefined> {
  let entries = 0
  const wrong: Error[] = []
  const parser = new Parser({
    strict: true,
    onReadEntry: entry => {
      entries += 1
      entry.resume()
    },
  }).on('error', error => wrong.push(error))
  const parse = async (unpacked: AsyncIterable<Buffer>) => {
    for await (const chunk of unpacked) {
      parser.write(chunk)
      if (wrong[0]) throw wrong[0]
    }
    parser.end()
  }
  await pipeline(
    createReadStream(path, { highWaterMark }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        onChunk(chunk)
        yield chunk
      }
    },
    gzipped ? createGunzip({ chunkSize: highWaterMark }) : new PassThrough(),
    parse,
  ).catch(error => wrong.push(error))
  // What is no gzip data ends the reading before the file does.
  if (wrong[0]?.name === 'AbortError') return 'something else follows the archive'
  return wrong[0]?.message ?? (entries === 0 ? 'it holds no file' : undefined)
}

/** https://www.rfc-editor.org/rfc/rfc1952#page-6 */
async function isGzipped(path: string): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(2), 0, 2, 0)
    return buffer.equals(Buffer.from([0x1f, 0x8b]))
  } finally {
    await file.close()
  }
}
