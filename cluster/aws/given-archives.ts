import { open } from 'node:fs/promises'
import { list } from 'tar'
import { UserError } from '../errors.ts'

export interface GivenArchive {
  /** The setting that named it. */
  readonly variable: string
  readonly path: string
}

/**
 * Reads an archive that the person gives to its end. One that was cut off on its way, or is something else, would be
 * noticed by machines that run and are billed already. What kube-up itself fetches has a sum to go by.
 * @throws UserError when it cannot be unpacked.
 */
export async function requireWhole({ variable, path }: GivenArchive): Promise<void> {
  let entries = 0
  const why = await list({
    file: path,
    strict: true,
    onReadEntry: () => {
      entries += 1
    },
  }).then(
    () => (entries === 0 ? 'it holds no file' : undefined),
    (error: Error) => error.message,
  )
  const wrong =
    why ?? (variable === 'KUBERNETES_SERVER_TAR' && !(await isGzipped(path)) ? 'it is not gzipped' : undefined)
  if (wrong)
    throw new UserError(`${variable}=${path} cannot be unpacked: ${wrong}. Fetch it again, or leave it out.`, 2)
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
