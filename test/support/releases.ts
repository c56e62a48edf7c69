import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A server on this machine that answers by path, and remembers what it was asked. */
export interface Releases {
  readonly url: string
  readonly asked: { path: string; range: string | undefined }[]
  readonly answers: Record<string, RequestListener>
  close(): Promise<void>
}

export async function publish(answers: Record<string, RequestListener> = {}): Promise<Releases> {
  const asked: Releases['asked'] = []
  const server = createServer((request, answer) => {
    const path = request.url ?? ''
    asked.push({ path, range: request.headers.range })
    const listener = answers[path]
    if (listener) return listener(request, answer)
    answer.statusCode = 404
    answer.end('not here')
  })
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    answers,
    close: () =>
      new Promise(closed => {
        server.close(() => closed())
        server.closeAllConnections()
      }),
  }
}

export const sha256 = (bytes: Buffer | string): string => createHash('sha256').update(bytes).digest('hex')

/** A file, or the part of it that was asked for. */
export const gives =
  (bytes: Buffer | string): RequestListener =>
  (request, answer) => {
    const whole = Buffer.from(bytes)
    const from = start(request)
    if (from === undefined) return void answer.end(whole)
    if (from >= whole.length) {
      answer.writeHead(416, { 'content-range': `bytes */${whole.length}` })
      return void answer.end()
    }
    answer.writeHead(206, {
      'content-range': `bytes ${from}-${whole.length - 1}/${whole.length}`,
      'content-length': whole.length - from,
    })
    answer.end(whole.subarray(from))
  }

/** Gives so many bytes of what is left, and breaks the connection. */
export const breaksAfter =
  (bytes: Buffer, many: number): RequestListener =>
  (request, answer) => {
    const rest = bytes.subarray(start(request) ?? 0)
    if (rest.length <= many) return gives(bytes)(request, answer)
    answer.writeHead(request.headers.range ? 206 : 200, { 'content-length': rest.length })
    // An end, not a reset: what was written arrives first.
    answer.write(rest.subarray(0, many), () => answer.socket?.end())
  }

const start = (request: IncomingMessage) => {
  const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1]
  return from === undefined ? undefined : Number(from)
}

export const says =
  (status: number): RequestListener =>
  (_, answer) => {
    answer.statusCode = status
    answer.end('no')
  }
