import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { whereAmI } from '../../cluster/aws/caller-address.ts'
import { UserError } from '../../cluster/errors.ts'

const servers: Server[] = []
test.after(() => {
  for (const server of servers) {
    server.close()
    server.closeAllConnections()
  }
})

/** A service on this machine that answers so. */
async function service(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  servers.push(server)
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** What the person is told. */
async function refusal(url: string, asking = ['SSH_CIDR']): Promise<string> {
  const error: unknown = await whereAmI(url, asking).then(
    address => `learnt ${address}`,
    thrown => thrown,
  )
  assert.instance(error, UserError, `${error}`)
  assert.is((error as UserError).exitCode, 2)
  return (error as UserError).message
}

for (const body of ['203.0.113.7', '203.0.113.7\n', ' 203.0.113.7\r\n'])
  test(`an answer of ${JSON.stringify(body)} is the address`, async () =>
    assert.is(await whereAmI(await service((_, answer) => answer.end(body)), ['SSH_CIDR']), '203.0.113.7'))

const useless: [what: string, answer: RequestListener, said: RegExp][] = [
  ['an IPv6 address', (_, answer) => answer.end('2001:db8::7\n'), /\(2001:db8::7\)/],
  ['nothing', (_, answer) => answer.end(), /\(\)/],
  ['two addresses', (_, answer) => answer.end('203.0.113.7, 198.51.100.1'), /\(203\.0\.113\.7, 198\.51\.100\.1\)/],
  [
    "a hotel's page to log in at",
    (_, answer) => answer.end(`<!DOCTYPE html>\n<html>\n${'<p>Welcome!</p>\n'.repeat(1000)}`),
    /<!DOCTYPE html>/,
  ],
  [
    'an error, with an address for a body',
    (_, answer) => {
      answer.statusCode = 500
      answer.end('203.0.113.7')
    },
    /\(status 500\)/,
  ],
  ['what would colour the terminal', (_, answer) => answer.end('\u001b[31m203.0.113.7'), /203\.0\.113\.7\)/],
  ['an answer that breaks off', request => request.socket.destroy(), /\(.+\)/],
]
for (const [what, answer, said] of useless)
  test(`${what}: one plain sentence that asks for the setting`, async () => {
    const url = await service(answer)
    const message = await refusal(url)
    assert.match(message, `could not be learnt from ${url}`)
    assert.match(message, said)
    assert.match(message, /; set SSH_CIDR to the networks to let in, such as 203\.0\.113\.7\/32\.$/)
    assert.not.match(message, /[\p{Cc}]/u, 'one line, and nothing in it moves the cursor')
    assert.ok(message.length < 400)
  })

test('nobody there: the same sentence, with the reason', async () => {
  const server = createServer()
  await new Promise<void>(ready => server.listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  await new Promise(closed => server.close(closed))
  assert.match(await refusal(`http://127.0.0.1:${port}`), /ECONNREFUSED.*; set SSH_CIDR to/)
})

test('all settings that want to know are named', async () => {
  const url = await service((_, answer) => answer.end('?'))
  assert.match(await refusal(url, ['SSH_CIDR', 'HTTP_API_CIDR']), /; set SSH_CIDR and HTTP_API_CIDR to the networks/)
})

test.run()
