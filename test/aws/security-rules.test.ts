import type { IpPermission } from '@aws-sdk/client-ec2'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { difference, mark, type Rule, rules, toPermission } from '../../cluster/aws/security-rules.ts'

const groups = { master: 'sg-1', minion: 'sg-2' }
const everything = { protocol: '-1' } as const
const ssh = (from: string): Rule => ({ protocol: 'tcp', port: 22, from })
const api = (from: string): Rule => ({ protocol: 'tcp', port: 443, from })

test('everything is open within and between the groups, SSH to both, the API to the master', () => {
  assert.equal(rules(groups, ['203.0.113.7/32'], ['198.51.100.0/24']), {
    master: [
      { ...everything, from: 'sg-1' },
      { ...everything, from: 'sg-2' },
      ssh('203.0.113.7/32'),
      api('198.51.100.0/24'),
    ],
    minion: [{ ...everything, from: 'sg-1' }, { ...everything, from: 'sg-2' }, ssh('203.0.113.7/32')],
  })
})

test('several networks make a rule each', () => {
  const { master } = rules(groups, ['203.0.113.7/32', '198.51.100.0/24'], [])
  assert.equal(master.slice(2), [ssh('203.0.113.7/32'), ssh('198.51.100.0/24')])
})

test('without a network nothing is open but the cluster to itself', () => {
  const { master, minion } = rules(groups, [], [])
  assert.equal(
    [...master, ...minion].filter(rule => rule.protocol !== '-1' || !rule.from.startsWith('sg-')),
    [],
  )
})

test('the whole world comes in only where HTTP_API_CIDR says so, at 443 of the master', () => {
  const { master, minion } = rules(groups, ['203.0.113.7/32'], ['0.0.0.0/0'])
  const world = (some: readonly Rule[]) => some.filter(rule => rule.from === '0.0.0.0/0')
  assert.equal(world(master), [api('0.0.0.0/0')])
  assert.equal(world(minion), [])
})

test('nothing but 22 and 443 is ever open to a network', () => {
  const { master, minion } = rules(groups, ['0.0.0.0/0'], ['0.0.0.0/0'])
  const ports = [...master, ...minion].filter(rule => !rule.from.startsWith('sg-')).map(rule => rule.port)
  assert.equal(ports, [22, 443, 22])
})

test('as EC2 takes a rule from a network: with the mark that says whose it is', () => {
  assert.equal(toPermission(ssh('203.0.113.7/32')), {
    IpProtocol: 'tcp',
    FromPort: 22,
    ToPort: 22,
    IpRanges: [{ CidrIp: '203.0.113.7/32', Description: mark }],
  })
})

test('as EC2 takes a rule from a group: no ports, for all are open', () => {
  assert.equal(toPermission({ ...everything, from: 'sg-1' }), {
    IpProtocol: '-1',
    UserIdGroupPairs: [{ GroupId: 'sg-1' }],
  })
})

const wanted = rules(groups, ['203.0.113.7/32'], ['0.0.0.0/0']).master
/** A group as EC2 shows it after those rules were made: those of one protocol and port in one permission. */
const there = (...more: IpPermission[]): IpPermission[] => [
  { IpProtocol: '-1', IpRanges: [], UserIdGroupPairs: [{ GroupId: 'sg-1' }, { GroupId: 'sg-2', UserId: '123' }] },
  { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: mark }] },
  ...more,
]
const range = (from: string, Description?: string): IpPermission => ({
  IpProtocol: 'tcp',
  FromPort: 22,
  ToPort: 22,
  IpRanges: [{ CidrIp: from, ...(Description !== undefined && { Description }) }],
})
const plain = (some: readonly Rule[]): Rule[] =>
  some.map(({ protocol, port, from }) => ({ protocol, ...(port !== undefined && { port }), from }))

const cases: [what: string, there: IpPermission[], add: Rule[], remove: Rule[]][] = [
  ['a new group gets all of it', [], wanted, []],
  ['nothing to do when all is there', there(range('203.0.113.7/32', mark)), [], []],
  ['a rule that somebody removed comes back', there(), [ssh('203.0.113.7/32')], []],
  [
    'a changed network replaces the rule that we made',
    there(range('198.51.100.9/32', mark)),
    [ssh('203.0.113.7/32')],
    [ssh('198.51.100.9/32')],
  ],
  [
    "a person's rule stays, with a description",
    there(range('203.0.113.7/32', mark), range('192.0.2.1/32', 'Ada')),
    [],
    [],
  ],
  ["a person's rule stays, without one", there(range('203.0.113.7/32', mark), range('192.0.2.1/32')), [], []],
  ["a person's rule that does what we want is enough", there(range('203.0.113.7/32', 'Ada')), [], []],
  [
    'both at once in one permission: ours goes, theirs stays',
    there({
      ...range('203.0.113.7/32', mark),
      IpRanges: [
        { CidrIp: '203.0.113.7/32', Description: mark },
        { CidrIp: '198.51.100.9/32', Description: mark },
        { CidrIp: '192.0.2.1/32' },
      ],
    }),
    [],
    [ssh('198.51.100.9/32')],
  ],
  [
    'the same network at another port is another rule',
    there({ ...range('203.0.113.7/32', 'Ada'), FromPort: 443, ToPort: 443 }),
    [ssh('203.0.113.7/32')],
    [],
  ],
  [
    'a range of ports, UDP and ping are not ours, whatever they are called',
    there(
      range('203.0.113.7/32', mark),
      { ...range('192.0.2.1/32', mark), FromPort: 20, ToPort: 25 },
      { ...range('192.0.2.1/32', mark), IpProtocol: 'udp' },
      { ...range('192.0.2.1/32', mark), IpProtocol: 'icmp', FromPort: 8, ToPort: -1 },
    ),
    [],
    [],
  ],
  [
    "rules from somebody's group, of IPv6 and of prefix lists stay",
    there(range('203.0.113.7/32', mark), {
      IpProtocol: 'tcp',
      FromPort: 443,
      ToPort: 443,
      UserIdGroupPairs: [{ GroupId: 'sg-load-balancer', Description: mark }],
      Ipv6Ranges: [{ CidrIpv6: '::/0', Description: mark }],
      PrefixListIds: [{ PrefixListId: 'pl-1', Description: mark }],
    }),
    [],
    [],
  ],
  [
    'a group pair that is gone comes back',
    [
      { IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: 'sg-1' }] },
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: [{ CidrIp: '0.0.0.0/0', Description: mark }] },
      range('203.0.113.7/32', mark),
    ],
    [{ ...everything, from: 'sg-2' }],
    [],
  ],
]
for (const [what, present, add, remove] of cases)
  test(what, () => {
    const found = difference(wanted, present)
    assert.equal({ add: plain(found.add), remove: plain(found.remove) }, { add, remove })
  })

test('what is added reads back as nothing to do, whichever the networks', () => {
  for (const networks of [[], ['203.0.113.7/32'], ['0.0.0.0/0', '10.0.0.0/8']]) {
    const { master, minion } = rules(groups, networks, networks)
    for (const some of [master, minion]) assert.equal(difference(some, some.map(toPermission)), { add: [], remove: [] })
  }
})

test('what is removed can be handed to EC2 again', () => {
  const { remove } = difference(wanted, there(range('203.0.113.7/32', mark), range('198.51.100.9/32', mark)))
  assert.equal(remove.map(toPermission), [range('198.51.100.9/32', mark)])
})

test.run()
