import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { contains, isAddress, isNetwork, nth, overlap, size } from '../../cluster/aws/cidr.ts'

for (const text of ['0.0.0.0', '10.0.0.1', '172.20.0.9', '255.255.255.255'])
  test(`${text} is an address`, () => assert.is(isAddress(text), true))

const noAddress = [
  '',
  '10',
  '10.1',
  '10.0.0',
  '10.0.0.0.0',
  '10.0.0.256',
  '010.0.0.1',
  '0x0a.0.0.1',
  '10.0.0.1 ',
  '::1',
]
for (const text of [...noAddress, '10.0.0.1\n', '10.0.0.1/32', '１0.0.0.1', '-1.0.0.0', 'localhost'])
  test(`${JSON.stringify(text)} is no address`, () => assert.is(isAddress(text), false))

for (const text of ['0.0.0.0/0', '10.0.0.0/8', '172.20.0.0/24', '172.20.0.128/25', '203.0.113.7/32', '128.0.0.0/1'])
  test(`${text} is a network`, () => assert.is(isNetwork(text), true))

const noNetwork = ['', '/', '/24', '10.0.0.0', '10.0.0.0/', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/08', '10.0.0.0/8.0']
for (const text of [
  ...noNetwork,
  '10.0.0.1/8',
  '172.20.0.9/24',
  '10.0.0.0/8 ',
  ' 10.0.0.0/8',
  '10.0.0.0/8/8',
  'fd00::/8',
])
  test(`${JSON.stringify(text)} is no network`, () => assert.is(isNetwork(text), false))

const within: [outer: string, inner: string, holds: boolean][] = [
  ['10.0.0.0/8', '10.0.0.0/8', true],
  ['10.0.0.0/8', '10.255.0.0/16', true],
  ['10.0.0.0/8', '11.0.0.0/16', false],
  ['10.1.0.0/16', '10.0.0.0/8', false],
  ['172.20.0.0/24', '172.20.0.255', true],
  ['172.20.0.0/24', '172.20.1.0', false],
  ['0.0.0.0/0', '255.255.255.255', true],
  ['203.0.113.7/32', '203.0.113.7', true],
  ['203.0.113.7/32', '203.0.113.6', false],
]
for (const [outer, inner, holds] of within)
  test(`${outer} ${holds ? 'holds' : 'does not hold'} ${inner}`, () => assert.is(contains(outer, inner), holds))

const pairs: [a: string, b: string, share: boolean][] = [
  ['10.0.0.0/16', '10.1.0.0/16', false],
  ['10.0.0.0/15', '10.1.0.0/16', true],
  ['10.244.0.0/16', '10.244.7.0/24', true],
  ['0.0.0.0/0', '192.168.0.0/16', true],
  ['172.20.0.0/25', '172.20.0.128/25', false],
]
for (const [a, b, share] of pairs)
  test(`${a} and ${b} ${share ? 'overlap' : 'do not overlap'}, either way round`, () => {
    assert.is(overlap(a, b), share)
    assert.is(overlap(b, a), share)
  })

const sizes: [network: string, addresses: number][] = [
  ['203.0.113.7/32', 1],
  ['172.20.0.0/28', 16],
  ['172.20.0.0/24', 256],
  ['10.0.0.0/8', 2 ** 24],
  ['0.0.0.0/0', 2 ** 32],
]
for (const [network, addresses] of sizes)
  test(`${network} has ${addresses} addresses`, () => assert.is(size(network), addresses))

const members: [network: string, n: number, address: string][] = [
  ['172.20.0.0/24', 0, '172.20.0.0'],
  ['172.20.0.0/24', 9, '172.20.0.9'],
  ['172.20.0.128/25', 9, '172.20.0.137'],
  ['10.0.0.0/16', 10, '10.0.0.10'],
  ['10.0.0.0/16', 256, '10.0.1.0'],
  ['10.0.0.0/16', 65_535, '10.0.255.255'],
  ['255.255.255.0/24', 255, '255.255.255.255'],
  ['200.0.0.0/8', 2 ** 24 - 1, '200.255.255.255'],
]
for (const [network, n, address] of members)
  test(`number ${n} of ${network} is ${address}`, () => assert.is(nth(network, n), address))

test.run()
