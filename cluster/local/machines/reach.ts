import { createServer } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { Places } from './places.ts'

/** Connect to an address that exists in the namespace only: an Elastic IP, as the person at the keyboard reaches it. */
export const reach = (places: Pick<Places, 'outbound'>, host: string, port: number, patienceMs = 10_000) =>
  new Promise<Socket>((resolve, reject) => {
    const socket = connect(places.outbound)
    const fail = (why: string) => {
      socket.destroy()
      reject(new Error(`${host}:${port} is out of reach: ${why}.`))
    }
    const late = setTimeout(() => fail(`no answer in ${patienceMs / 1000} s`), patienceMs)
    socket.once('connect', () => socket.write(`${host} ${port}\n`))
    socket.once('error', error => fail(error.message))
    socket.once('end', () => fail('the connection was refused'))
    socket.once('data', (bytes: Buffer) => {
      clearTimeout(late)
      socket.removeAllListeners('error').removeAllListeners('end')
      socket.on('error', () => {})
      socket.pause()
      if (bytes.length > 1) socket.unshift(bytes.subarray(1))
      resolve(socket)
    })
  })

/** The same for programs that cannot be told about a unix socket: an HTTP proxy (CONNECT) on a port of the loopback. */
export const serveProxy = (places: Places) =>
  new Promise<string>(resolve => {
    const server = createServer((_, response) => response.writeHead(405).end())
    server.on('connect', (request, caller: Socket, head: Buffer) => {
      const { hostname, port } = new URL(`http://${request.url}`)
      caller.on('error', () => {})
      reach(places, hostname, Number(port || 80)).then(
        machine => {
          caller.write('HTTP/1.1 200 Connection established\r\n\r\n')
          machine.write(head)
          machine.pipe(caller).pipe(machine)
          caller.on('close', () => machine.destroy())
          machine.on('close', () => caller.destroy())
        },
        error => caller.end(`HTTP/1.1 502 Bad Gateway\r\n\r\n${(error as Error).message}\n`),
      )
    })
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
    })
  })
