import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTls } from 'node:https'
import { connect, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { callers } from '../../cluster/local/machines/callers.ts'

const path = join(tmpdir(), `kube-up-callers-${process.pid}.sock`)
let server: Server
test.after.each(() => {
  server.close()
})

/** A connection as the gate makes it: who it is, the answer awaited, then the machine's bytes. */
const knock = async (port: number) => {
  const socket = connect(path)
  socket.write(`172.20.0.9 ${port}\n`)
  await once(socket, 'data')
  return socket
}

test('a caller is known by its first line, and what follows is HTTP', async () => {
  const http = createServer((request, response) => response.end((request.socket as { machine?: string }).machine))
  server = callers(path, (socket, address) => {
    Object.assign(socket, { machine: address })
    http.emit('connection', socket)
    socket.resume()
  })
  const socket = await knock(80)
  socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
  const said: Buffer[] = []
  for await (const bytes of socket) said.push(bytes as Buffer)
  assert.match(Buffer.concat(said).toString(), /\r\n\r\n172\.20\.0\.9$/)
})

test('a TLS handshake that waits behind the first line is answered, however late this process is', async () => {
  const secure = createTls({ SNICallback: (_, done) => done(new Error('no certificate')) })
  server = callers(path, socket => {
    secure.emit('connection', socket)
    socket.resume()
  })
  const knocking = knock(443)
  const late = Date.now() + 100
  while (Date.now() < late);
  const tls = connectTls({ socket: await knocking, servername: 'x.test', rejectUnauthorized: false })
  const [error] = (await once(tls, 'error', { signal: AbortSignal.timeout(3000) }).catch(e => [e])) as [Error]
  assert.not.match(error.message, /abort/i)
})

test.run()
