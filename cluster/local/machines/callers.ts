import { rmSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'

/**
 * Listen on a unix socket for connections that the gate passes on. The first line says which machine it is, and on which
 * port it knocked; it is answered with one byte, and everything after it is the machine's own bytes.
 */
export const callers = (path: string, accept: (socket: Socket, address: string, port: number) => void) => {
  rmSync(path, { force: true })
  const server = createServer(socket => {
    let first = Buffer.alloc(0)
    const read = (bytes: Buffer) => {
      first = Buffer.concat([first, bytes])
      if (first.at(-1) !== 10) return
      socket.off('data', read)
      socket.pause()
      const [address = '', port = ''] = first.toString().trim().split(' ')
      socket.write('\n')
      accept(socket, address, Number(port))
    }
    socket.on('data', read).on('error', () => {})
  })
  server.listen(path)
  return server
}
