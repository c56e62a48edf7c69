import { createHash } from 'node:crypto'

/**
 * A call's parameters as they may be shown: user data by its size and hash, a public key as its text, and no contents of
 * any file. Whoever wants the whole finds it in what the machine was given. Pure.
 */
export function printable(value: unknown, key = ''): unknown {
  if (key === 'UserData' && typeof value === 'string') {
    if (value === '') return '(a gzipped script)'
    const bytes = Buffer.from(value, 'base64')
    const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 12)
    return `(a gzipped script of ${bytes.length} bytes, sha256 ${hash}…)`
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString().trim()
  if (Array.isArray(value)) return value.map(item => printable(item))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name, field]) => name !== 'Body' && field !== undefined)
      .map(([name, field]) => [name, printable(field, name)]),
  )
}
