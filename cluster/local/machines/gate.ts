/**
 * The namespace's door: the one process of ours inside. It joins TCP connections in there with unix sockets out here, and
 * knows nothing else, so it never needs to change while machines run. Arguments: metadata, endpoints and outbound socket.
 */
import { rmSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { endpoints, metadata, person } from './network/well-known.ts'

const [metadataSocket = '', endpointsSocket = '', outbound = ''] = process.argv.slice(2)

const join = (a: Socket, b: Socket) => {
  a.pipe(b)
  b.pipe(a)
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const)
    one.on('error', () => other.destroy()).on('close', () => other.destroy())
}

/** A machine knocks: say who it is in one line, wait for the answer (one byte), then only carry bytes. */
const inward = (address: string, port: number, socket: string) =>
  createServer(machine => {
    const service = connect(socket)
    service.write(`${machine.remoteAddress} ${port}\n`)
    service.on('error', () => machine.destroy())
    machine.on('error', () => service.destroy())
    // Not one byte of the machine's before the line is read: a TLS server loses what was read along with it.
    service.once('data', () => join(machine, service))
  }).listen(port, address)

inward(metadata, 80, metadataSocket)
inward(endpoints, 80, endpointsSocket)
inward(endpoints, 443, endpointsSocket)

/** The person wants to reach an address: "address port" in one line, answered by an empty line when it is reached. */
rmSync(outbound, { force: true })
createServer(caller => {
  caller.once('data', (first: Buffer) => {
    const end = first.indexOf('\n')
    const [host = '', port = ''] = first.subarray(0, end).toString().split(' ')
    const machine = connect({ host, port: Number(port), localAddress: person }, () => caller.write('\n'))
    if (end + 1 < first.length) machine.write(first.subarray(end + 1))
    join(caller, machine)
  })
  caller.on('error', () => {})
}).listen(outbound)
