import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { callers } from '../callers.ts'
import type { Subject } from './subject.ts'
import { lookUp, tree } from './tree.ts'

export interface Sources {
  readonly subject: (address: string) => Promise<Subject | undefined>
  /** The role's credentials as one JSON document. */
  readonly credentials: (subject: Subject) => Promise<string>
}

const versions = ['1.0', '2007-01-19', '2009-04-04', '2016-09-02', '2018-09-24', '2021-03-23', '2021-07-15', 'latest']

/** Tokens belong to the machine that asked for them, and end. */
const tokens = () => {
  const known = new Map<string, { address: string; until: number }>()
  return {
    give: (address: string, seconds: number) => {
      const now = Date.now()
      for (const [token, { until }] of known) if (until < now) known.delete(token)
      const token = randomBytes(42).toString('base64')
      known.set(token, { address, until: now + seconds * 1000 })
      return token
    },
    holds: (address: string, token: string) => {
      const found = known.get(token)
      return found !== undefined && found.address === address && found.until > Date.now()
    },
  }
}

type Tokens = ReturnType<typeof tokens>

const answer = (response: ServerResponse, status: number, text = '', headers: Record<string, string> = {}) =>
  response
    .writeHead(status, { 'content-type': 'text/plain', server: 'EC2ws', ...headers })
    .end(Buffer.from(text, 'latin1'))

const giveToken = (request: IncomingMessage, response: ServerResponse, address: string, tokens: Tokens) => {
  const seconds = Number(request.headers['x-aws-ec2-metadata-token-ttl-seconds'])
  // A proxy in between adds this header, and a token that travels through one is not the machine's alone.
  if (request.headers['x-forwarded-for']) return answer(response, 403)
  if (!(seconds >= 1 && seconds <= 21600)) return answer(response, 400)
  const header = { 'x-aws-ec2-metadata-token-ttl-seconds': String(seconds) }
  return answer(response, 200, tokens.give(address, seconds), header)
}

const tell = async (path: readonly string[], response: ServerResponse, subject: Subject, sources: Sources) => {
  const role = subject.profile?.role
  if (role && path.join('/') === `meta-data/iam/security-credentials/${role}`)
    return answer(response, 200, await sources.credentials(subject), { 'content-type': 'application/json' })
  const text = lookUp(tree(subject), path)
  return text === undefined ? answer(response, 404, '404 - Not Found') : answer(response, 200, text)
}

/** The instance metadata service, on 169.254.169.254 of every machine. */
export const serveMetadata = (socket: string, sources: Sources) => {
  const held = tokens()
  const handle = async (request: IncomingMessage, response: ServerResponse) => {
    const address = (request.socket as { machine?: string }).machine ?? ''
    const subject = await sources.subject(address)
    const options = subject?.instance.MetadataOptions
    if (!subject || options?.HttpEndpoint === 'disabled') return answer(response, 403)
    const [version = '', ...path] = (request.url ?? '/').split('?')[0]?.split('/').filter(Boolean) ?? []
    if (request.method === 'PUT' && path.join('/') === 'api/token') return giveToken(request, response, address, held)
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405)
    const token = request.headers['x-aws-ec2-metadata-token']
    const allowed = token === undefined ? options?.HttpTokens !== 'required' : held.holds(address, String(token))
    if (!allowed) return answer(response, 401, '401 - Unauthorized')
    if (version === '') return answer(response, 200, versions.join('\n'))
    if (!versions.includes(version)) return answer(response, 404, '404 - Not Found')
    return tell(path.map(decodeURIComponent), response, subject, sources)
  }
  const http = createServer((request, response) => {
    handle(request, response).catch(error => answer(response, 500, String(error)))
  })
  return callers(socket, (connection, address) => {
    Object.assign(connection, { machine: address })
    http.emit('connection', connection)
    connection.resume()
  })
}
