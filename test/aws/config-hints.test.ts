import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Env } from '../../cluster/aws/config.ts'
import { variables } from '../../cluster/aws/config-default.ts'
import { hints } from '../../cluster/aws/config-hints.ts'

const told: [what: string, env: Env, ...hints: string[]][] = [
  ['a missing letter', { NUM_NODE: '3' }, 'NUM_NODE is not a setting of kube-up; did you mean NUM_NODES?'],
  ['a letter too many', { NODE_SIZES: 'x' }, 'NODE_SIZES is not a setting of kube-up; did you mean NODE_SIZE?'],
  ['letters swapped', { MASTER_SZIE: 'x' }, 'MASTER_SZIE is not a setting of kube-up; did you mean MASTER_SIZE?'],
  ['a plural', { KUBE_AWS_ZONES: 'x' }, 'KUBE_AWS_ZONES is not a setting of kube-up; did you mean KUBE_AWS_ZONE?'],
  [
    'a word of the value',
    { KUBERNETES_PROVIDR: 'local' },
    'KUBERNETES_PROVIDR is not a setting of kube-up; did you mean KUBERNETES_PROVIDER?',
  ],
  [
    'the file of the configuration',
    { KUBE_CONFIG_FIL: 'config-test.ts' },
    'KUBE_CONFIG_FIL is not a setting of kube-up; did you mean KUBE_CONFIG_FILE?',
  ],
  ['the old name of NUM_NODES', { NUM_MINIONS: '3' }, 'NUM_MINIONS is called NUM_NODES now.'],
  ['the old name of NODE_SIZE', { MINION_SIZE: 'x' }, 'MINION_SIZE is called NODE_SIZE now.'],
  ['the old name of KUBE_NODE_IMAGE', { KUBE_MINION_IMAGE: 'x' }, 'KUBE_MINION_IMAGE is called KUBE_NODE_IMAGE now.'],
  [
    'the old name of NODE_ROOT_DISK_TYPE',
    { MINION_ROOT_DISK_TYPE: 'x' },
    'MINION_ROOT_DISK_TYPE is called NODE_ROOT_DISK_TYPE now.',
  ],
  [
    'the old name of NODE_ROOT_DISK_SIZE',
    { MINION_ROOT_DISK_SIZE: '9' },
    'MINION_ROOT_DISK_SIZE is called NODE_ROOT_DISK_SIZE now.',
  ],
  [
    'both names',
    { NUM_MINIONS: '3', NUM_NODES: '4' },
    'NUM_MINIONS is called NUM_NODES now, which is set too and wins.',
  ],
  [
    'several at once',
    { NUM_MINIONS: '3', NODE_SIZ: 'x', KUBE_WIAT: '0' },
    'NUM_MINIONS is called NUM_NODES now.',
    'NODE_SIZ is not a setting of kube-up; did you mean NODE_SIZE?',
    'KUBE_WIAT is not a setting of kube-up; did you mean KUBE_WAIT?',
  ],
]
for (const [what, env, ...expected] of told) test(`${what}: a hint`, () => assert.equal(hints(env), expected))

const quiet: [what: string, env: Env][] = [
  ['nothing set', {}],
  ['every known name', Object.fromEntries(Object.keys(variables).map(name => [name, 'x']))],
  ['the file of the configuration', { KUBE_CONFIG_FILE: 'config-test.ts' }],
  ["where the local AWS lives, a setting of kube-up's own tests", { KUBE_LOCAL_FOLDER: '/tmp/x' }],
  ['an empty old name', { NUM_MINIONS: '' }],
  ["Node.js's own", { NODE_ENV: 'test', NODE_OPTIONS: 'x', NODE_PATH: 'x', NODE_VERSION: '20', NODE_DEBUG: 'x' }],
  [
    "Kubernetes' own, in every pod",
    { KUBERNETES_SERVICE_HOST: 'x', KUBERNETES_SERVICE_PORT: 'x', KUBERNETES_PORT: 'x' },
  ],
  ["kubectl's own", { KUBE_EDITOR: 'vi', KUBE_PS1_ENABLED: 'on' }],
  ['what Jenkins and pods call the machine', { NODE_NAME: 'agent-7', NODE_LABELS: 'x' }],
  ['what lives in other namespaces', { AWS_IMAG: 'x', HOME: 'x', num_node: '3', XNUM_NODE: '3' }],
]
for (const [what, env] of quiet) test(`${what}: no hint`, () => assert.equal(hints(env), []))

test('a long name that nobody knows is answered at once, and with nothing', () =>
  assert.equal(hints({ [`KUBE_${'X'.repeat(10_000)}`]: 'x' }), []))

test.run()
