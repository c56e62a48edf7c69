import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** One request as it went over the wire. */
export interface Recorded {
  readonly service: string
  readonly action: string
  /** The form of a query call; for S3 its method, path and body where that is short. */
  readonly params: Readonly<Record<string, string>>
  readonly changes: boolean
  /** When the caller's clock says it is, as AWS reads it. */
  readonly signedAt: string
}

export interface RecordingProxy {
  readonly endpoint: string
  /** What went through since the last forget(). */
  readonly recorded: readonly Recorded[]
  forget(): void
  /** Awaited before each request goes on; what it throws is answered as an error of AWS's. What it returns is answered, and nothing goes on. */
  before: ((call: Recorded) => unknown) | undefined
  /** Awaited when AWS has done what was asked, and before the client hears of it. What it returns is answered instead. */
  after: ((call: Recorded, answer: Answered) => unknown) | undefined
  /** Milliseconds that every call takes longer. */
  latency: number
  stop(): Promise<void>
}

/** What AWS answered. */
export interface Answered {
  readonly status: number
  readonly body: string
  /** Beside or instead of AWS's own. */
  readonly headers?: Readonly<Record<string, string>>
}

/** The connection breaks: thrown before a call it never reached AWS, thrown after it AWS has done what was asked. */
export class CutOff extends Error {}

/** An error that the proxy answers with, in AWS's form. No client retries it. */
export class Answer extends Error {
  readonly code: string
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  constructor(code: string, message = code, status = 400, headers = {}) {
    super(message)
    this.code = code
    this.status = status
    this.headers = headers
  }
}

/** Stands before an AWS on this machine: writes down every call, and can delay it, refuse it, or act when it is done. */
export async function startProxy(target: string): Promise<RecordingProxy> {
  const recorded: Recorded[] = []
  // A call with the token of one that succeeded gets its answer again, and makes nothing; moto does not heed tokens.
  // https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
  const answered = new Map<string, Answered>()
  const server = createServer((incoming, outgoing) => {
    forward(incoming, outgoing).catch(error => {
      if (outgoing.headersSent || error instanceof CutOff) return incoming.socket.resetAndDestroy()
      const { code, status, message, headers } =
        error instanceof Answer ? error : new Answer('ProxyFailure', String(error))
      outgoing.writeHead(status, { 'content-type': 'text/xml', ...headers })
      outgoing.end(`<ErrorResponse><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors>
        <Error><Code>${code}</Code><Message>${message}</Message></Error><Code>${code}</Code><Message>${message}</Message></ErrorResponse>`)
    })
  })
  const proxy: RecordingProxy = {
    endpoint: '',
    recorded,
    forget: () => recorded.splice(0),
    before: undefined,
    after: undefined,
    latency: 0,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }

  async function forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const form = incoming.headers['content-type']?.startsWith('application/x-www-form-urlencoded')
    const xml = incoming.headers['content-type']?.startsWith('application/xml')
    const body = form || xml ? await whole(incoming) : undefined
    const call = identify(incoming, body?.toString() ?? '')
    recorded.push(call)
    if (proxy.latency > 0) await new Promise(resolve => setTimeout(resolve, proxy.latency))
    const instead = (await proxy.before?.(call)) as Answered | undefined
    if (instead) return answerWith(outgoing, instead)
    const token = call.params.ClientToken && `${call.action} ${call.params.ClientToken}`
    const before = token ? answered.get(token) : undefined
    if (before) {
      return answerWith(outgoing, ((await proxy.after?.(call, before)) as Answered | undefined) ?? before)
    }
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      const onward = request(
        `${target}${incoming.url}`,
        { method: incoming.method, headers: incoming.headers },
        resolve,
      )
      onward.on('error', reject)
      if (body) onward.end(body)
      else incoming.pipe(onward)
    })
    const content = await whole(answer)
    const given: Answered = { status: answer.statusCode ?? 500, body: content.toString() }
    if (token && given.status < 300) answered.set(token, given)
    const changed = ((await proxy.after?.(call, given)) as Answered | undefined) ?? given
    const { 'content-length': _, 'transfer-encoding': __, ...own } = answer.headers as Record<string, string>
    if (changed === given) {
      outgoing.writeHead(given.status, answer.headers)
      outgoing.end(content)
    } else answerWith(outgoing, { ...changed, headers: { ...own, ...changed.headers } })
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(proxy, { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}` })
}

function answerWith(outgoing: ServerResponse, { status, body, headers }: Answered): void {
  outgoing.writeHead(status, { 'content-type': 'text/xml', ...headers })
  outgoing.end(body)
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

function identify(incoming: IncomingMessage, body: string): Recorded {
  const service =
    /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\//.exec(incoming.headers.authorization ?? '')?.[1] ?? 'unsigned'
  const signedAt = `${incoming.headers['x-amz-date'] ?? ''}`
  if (service === 's3') {
    const action = s3Action(incoming)
    const params = { method: incoming.method ?? '', url: incoming.url ?? '', body }
    return { service, action, params, changes: !/^(Get|List|Head)/.test(action), signedAt }
  }
  const params = Object.fromEntries(new URLSearchParams(body))
  const action = params.Action ?? 'unknown'
  return { service, action, params, changes: !/^(Describe|Get|List)/.test(action), signedAt }
}

/** S3 says what it wants by method, path and query. */
function s3Action({ method = '', url = '' }: IncomingMessage): string {
  const { pathname, searchParams } = new URL(url, 'http://s3')
  const [, bucket, ...key] = pathname.split('/')
  const verb = { GET: 'Get', PUT: 'Put', POST: 'Post', DELETE: 'Delete', HEAD: 'Head' }[method] ?? method
  if (!bucket) return 'ListBuckets'
  for (const [query, name] of Object.entries({
    tagging: 'BucketTagging',
    publicAccessBlock: 'PublicAccessBlock',
  }))
    if (searchParams.has(query)) return `${verb}${name}`
  if (searchParams.has('delete')) return 'DeleteObjects'
  if (searchParams.has('list-type')) return 'ListObjectsV2'
  if (key.join('/') === '')
    return { PUT: 'CreateBucket', DELETE: 'DeleteBucket', HEAD: 'HeadBucket' }[method] ?? `${verb}Bucket`
  if (searchParams.has('uploads')) return 'CreateMultipartUpload'
  if (searchParams.has('partNumber')) return 'UploadPart'
  if (searchParams.has('uploadId')) return method === 'POST' ? 'CompleteMultipartUpload' : 'AbortMultipartUpload'
  return `${verb}Object`
}
