import {
  type ClientRequest,
  createServer as createHttp,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http'
import { createServer as createTls } from 'node:https'
import { certificates } from './authority.ts'
import { callers } from './callers.ts'

/**
 * What a machine reaches as https://s3.REGION.amazonaws.com, https://ec2.REGION.amazonaws.com and so on: moto, with the host
 * name kept (S3 finds its bucket in it) and a mark that says a machine is asking, so that its role decides.
 */
export const serveEndpoints = (socket: string, endpoint: string, cache: string) => {
  const moto = new URL(endpoint)
  const pass = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const machine = (incoming.socket as { machine?: string }).machine ?? 'unknown'
    const { method, url: path, headers } = incoming
    const target = { host: moto.hostname, port: moto.port, method, path }
    const onward: ClientRequest = request({ ...target, headers: { ...headers, 'x-kube-up-machine': machine } })
    onward.on('response', answer => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers)
      answer.pipe(outgoing)
    })
    onward.on('error', error => outgoing.headersSent || outgoing.writeHead(503).end(`${error.message}\n`))
    outgoing.on('close', () => onward.destroy())
    incoming.pipe(onward)
  }
  const plain = createHttp(pass)
  const contextOf = certificates(cache)
  const secure = createTls(
    {
      SNICallback: (name, done) => {
        contextOf(name).then(
          context => done(null, context),
          error => done(error),
        )
      },
    },
    pass,
  )
  secure.on('secureConnection', tls => {
    // The TLS socket does not say which machine it came from; the connection under it does.
    Object.assign(tls, { machine: (tls as { _parent?: { machine?: string } })._parent?.machine })
  })
  return callers(socket, (connection, address, port) => {
    Object.assign(connection, { machine: address })
    ;(port === 443 ? secure : plain).emit('connection', connection)
    connection.resume()
  })
}
