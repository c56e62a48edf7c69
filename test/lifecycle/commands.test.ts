import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../../cluster/aws/cluster.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { findOwned, list } from '../../cluster/aws/owned.ts'
import { findLocalAws, localCredentials, startLocalAws, stopLocalAws } from '../../cluster/local/aws.ts'
import { cache } from '../support/aws.ts'

const test = suite('commands')
let folder: string
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-up-commands-'))
})
test.after(async () => {
  await stopLocalAws(join(folder, 'local'))
  await rm(folder, { recursive: true })
})

interface Ended {
  code: number | null
  out: string
  err: string
}

/** A command as a person runs it, in an empty folder and with the local AWS of this test. */
function run(
  command: string,
  args: string[] = [],
  settings: Record<string, string | undefined> = {},
  when?: (child: ReturnType<typeof spawn>, out: string) => void,
): Promise<Ended> {
  const script = fileURLToPath(new URL(`../../cluster/bin/${command}.js`, import.meta.url))
  const env = {
    PATH: process.env.PATH,
    USER: 'test',
    HOME: folder,
    XDG_CACHE_HOME: join(cache, '..'),
    KUBERNETES_PROVIDER: 'local',
    KUBE_LOCAL_MACHINES: 'false',
    KUBE_LOCAL_FOLDER: join(folder, 'local'),
    AWS_SSH_KEY: join(folder, 'id_ed25519'),
    ...settings,
  }
  const child = spawn(process.execPath, [script, ...args], { cwd: folder, env })
  let out = ''
  let err = ''
  child.stdout.on('data', chunk => {
    out += chunk
    when?.(child, out)
  })
  child.stderr.on('data', chunk => (err += chunk))
  return new Promise(resolve => child.on('close', code => resolve({ code, out, err })))
}

const noStack = ({ out, err }: Ended) => assert.not.match(out + err, /\n\s+at .*:\d+:\d+/)

test('a run that fails is written down as far as it came', async () => {
  const failed = await run('kube-up', ['--json'], { AWS_IMAGE: 'ami-00000000' })
  assert.is(failed.code, 1)
  const { error, walkthrough } = JSON.parse(failed.out)
  assert.match(error, /There is no image ami-00000000/)
  assert.match(await readFile(walkthrough, 'utf8'), /preflight/)
})

test('kube-up, validate-cluster and kube-down end with 0 and say what a person needs', async () => {
  const up = await run('kube-up')
  assert.is(up.code, 0, up.err)
  assert.match(up.out, /✓ VPC +created/)
  assert.match(up.out, /Cluster kubernetes is up in us-west-2a/)
  assert.match(up.out, /remove it +KUBERNETES_PROVIDER=local npm run kube-down/)
  assert.not.ok(up.out.includes('\u001b'), 'no colour where the output is not a terminal')
  const again = await run('kube-up')
  assert.not.match(again.out, /created|mended/)
  const valid = await run('validate-cluster')
  assert.is(valid.code, 0)
  assert.match(valid.out, /is ready: its master and 2 nodes run/)
  const dry = await run('kube-down', ['--dry-run'])
  assert.match(dry.out, /kube-down would delete:\n(.*\n)* {2}vpc +vpc-/)
  assert.is((await run('validate-cluster')).code, 0)
  const other = await run('kube-up', [], { KUBE_LOCAL_MACHINES: 'true' })
  assert.is(other.code, 1)
  assert.match(other.err, /The local AWS is running without machines; end it first/)
  // Whether machines boot is said to kube-up alone: kube-down takes the local AWS as it is.
  const down = await run('kube-down', [], { KUBE_LOCAL_MACHINES: undefined })
  assert.is(down.code, 0, down.err)
  assert.match(down.out, /Nothing of cluster kubernetes in us-west-2 is left\./)
  const nothing = await run('kube-down')
  assert.is(nothing.code, 0)
  assert.match(nothing.out, /Nothing to delete: nothing of cluster kubernetes in us-west-2 exists\./)
  const broken = await run('validate-cluster')
  assert.is(broken.code, 1)
})

test('--json prints one object on standard output, and nothing else', async () => {
  const up = JSON.parse((await run('kube-up', ['--json'])).out)
  assert.is(up.cluster, 'kubernetes')
  assert.is(up.nodes.inService, 2)
  assert.ok(up.billed.some((item: string) => item.includes('public IPv4')))
  assert.ok(up.steps.length > 10)
  const down = JSON.parse((await run('kube-down', ['--json'])).out)
  assert.ok(down.deleted.length > 10)
  const failed = await run('kube-up', ['--json'], { NUM_NODES: 'many' })
  assert.is(failed.code, 2)
  assert.match(JSON.parse(failed.out).error, /NUM_NODES="many" must be a whole number/)
})

test('--help lists every option and variable, and makes nothing', async () => {
  const help = await run('kube-down', ['--help'])
  assert.is(help.code, 0)
  assert.match(help.out, /--dry-run/)
  assert.match(help.out, /KUBE_AWS_ZONE \(us-west-2a\)/)
})

test('.env is read, and the environment wins over it', async () => {
  await writeFile(join(folder, '.env'), 'KUBE_AWS_INSTANCE_PREFIX=from-file\nNUM_NODES=0\n')
  const fromFile = await run('kube-down')
  assert.match(fromFile.out, /nothing of cluster from-file in us-west-2/)
  const fromEnvironment = await run('kube-down', [], { KUBE_AWS_INSTANCE_PREFIX: 'from-env' })
  assert.match(fromEnvironment.out, /nothing of cluster from-env in us-west-2/)
  await rm(join(folder, '.env'))
})

for (const [what, settings, code, words] of [
  ['a wrong setting', { KUBE_AWS_ZONE: 'us-west-2' }, 2, /Nothing was created.*us-west-2 is a region/],
  [
    'an unknown configuration',
    { KUBE_CONFIG_FILE: 'config-prod.ts' },
    2,
    /KUBE_CONFIG_FILE="config-prod.ts" is not known/,
  ],
  [
    'no AWS that answers',
    {
      KUBERNETES_PROVIDER: 'aws',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_ACCESS_KEY_ID: 'a',
      AWS_SECRET_ACCESS_KEY: 'b',
      SSH_CIDR: '192.0.2.1',
    },
    1,
    /The step "preflight" failed: .*ECONNREFUSED/,
  ],
  [
    'no credentials',
    { KUBERNETES_PROVIDER: 'aws', AWS_EC2_METADATA_DISABLED: 'true', SSH_CIDR: '192.0.2.1' },
    1,
    /AWS does not accept your credentials.*set AWS_PROFILE/,
  ],
  [
    'a tarball that is not there',
    { KUBERNETES_SERVER_TAR: '/does/not/exist' },
    2,
    /KUBERNETES_SERVER_TAR=\/does\/not\/exist is not a file/,
  ],
  ['a directory for an SSH key', { AWS_SSH_KEY: '/' }, 2, /The SSH key .* cannot be read|No SSH key could be made/],
] as [string, Record<string, string>, number, RegExp][])
  test(`${what} is told in a sentence, without a stack trace`, async () => {
    const ended = await run('kube-up', [], settings)
    assert.is(ended.code, code, ended.err)
    assert.match(ended.err, words)
    noStack(ended)
  })

test('nothing of that was made', async () => {
  const { endpoint = '' } = (await findLocalAws(join(folder, 'local'))) ?? {}
  const cluster = connect(config({}), new Journal(), { endpoint, credentials: localCredentials })
  assert.equal(await findOwned(cluster).then(list), [])
})

test('an unknown option is told in a sentence', async () => {
  const ended = await run('kube-up', ['--colour'])
  assert.is(ended.code, 2)
  assert.match(ended.err, /Unknown option '--colour'. kube-up --help lists what there is\./)
})

test('Ctrl-C says what to do next, and kube-down then leaves nothing', async () => {
  const ended = await run('kube-up', [], {}, (child, out) => {
    if (out.includes('VPC')) child.kill('SIGINT')
  })
  assert.is(ended.code, 130)
  assert.match(ended.err, /Interrupted[\s\S]*What exists: .*VPC vpc-[\s\S]*npm run kube-down/)
  assert.match((await run('kube-down')).out, /Nothing of cluster kubernetes in us-west-2 is left|Nothing to delete/)
})

test('the local AWS is remembered between commands, is one when two start at once, and ends with local:stop', async () => {
  const place = { folder: join(folder, 'other'), cache }
  const [one, two] = await Promise.all([startLocalAws(place, 'us-west-2'), startLocalAws(place, 'us-west-2')])
  assert.equal(one, two)
  assert.equal(await startLocalAws(place, 'us-west-2'), one)
  const stop = await run('local-stop', [], { KUBE_LOCAL_FOLDER: place.folder })
  assert.match(stop.out, /The local AWS is stopped/)
  assert.is(await findLocalAws(place.folder), undefined)
  assert.match((await run('local-stop', [], { KUBE_LOCAL_FOLDER: place.folder })).out, /was not running/)
})

test('without Python the error says what to install', async () => {
  const ended = await run('kube-up', [], {
    PATH: '/nowhere',
    KUBE_LOCAL_FOLDER: join(folder, 'none'),
    XDG_CACHE_HOME: join(folder, 'empty'),
  })
  assert.is(ended.code, 1)
  assert.match(ended.err, /needs Python.*apt-get install python3 python3-venv/)
  noStack(ended)
})

test('the kubeconfig loses the cluster’s entries, and nothing else', async () => {
  const path = join(folder, 'kubeconfig')
  const entry = (name: string) => `- name: ${name}\n  context: {cluster: ${name}, user: ${name}}\n`
  await run('kube-up')
  await writeFile(path, `current-context: aws_kubernetes\ncontexts:\n${entry('aws_kubernetes')}${entry('mine')}`)
  await run('kube-down', [], { KUBECONFIG: path })
  const left = await readFile(path, 'utf8')
  assert.match(left, /name: mine/)
  assert.not.match(left, /aws_kubernetes/)
})

test.run()
