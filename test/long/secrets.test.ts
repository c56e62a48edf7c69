import { spawn } from 'node:child_process'
import { mkdir, readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { type TestAws, testAws } from '../support/aws.ts'

const test = suite('secrets')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())

const planted = {
  AWS_ACCESS_KEY_ID: 'AKIAPLANTED000000001',
  AWS_SECRET_ACCESS_KEY: 'planted-secret-access-key',
  AWS_SESSION_TOKEN: 'planted-session-token',
}

/** The command as a process, with what it said and what was in the arguments of the processes it began. */
async function run(command: string, home: string): Promise<{ said: string; argv: string; code: number | null }> {
  const script = fileURLToPath(new URL(`../../cluster/bin/${command}.js`, import.meta.url))
  const env = {
    PATH: process.env.PATH,
    HOME: home,
    USER: 'test',
    ...planted,
    AWS_ENDPOINT_URL: aws.proxy.endpoint,
    KUBERNETES_SERVER_TAR: `${aws.env.KUBERNETES_SERVER_TAR}`,
    KUBE_COMPONENTS_TAR: `${aws.env.KUBE_COMPONENTS_TAR}`,
    // No machine boots behind this endpoint.
    KUBE_WAIT: '0',
    SSH_CIDR: '192.0.2.7/32',
    NUM_NODES: '1',
  }
  const child = spawn(process.execPath, [script, '--json'], { env, cwd: home })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += chunk))
  let argv = ''
  const watch = setInterval(async () => {
    const children = await readFile(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').catch(() => '')
    for (const pid of [`${child.pid}`, ...children.trim().split(' ')])
      argv += await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  }, 5)
  const code = await new Promise<number | null>(resolve => child.on('close', resolve))
  clearInterval(watch)
  return { said, argv, code }
}

test('what is secret is in no output, no user data, no call, no argument, and no file that others can read', async () => {
  const home = join(aws.folder, 'home')
  await mkdir(home)
  const up = await run('kube-up', home)
  assert.is(up.code, 0, up.said)
  const key = (await readFile(join(home, '.ssh', 'kube_aws_rsa'), 'utf8')).split('\n').slice(2, 4).join('')
  assert.ok(key.length > 100, 'a line or two of a private key')
  const calls = [...aws.proxy.recorded]
  const down = await run('kube-down', home)
  assert.is(down.code, 0, down.said)
  const userData = calls
    .flatMap(({ params }) => Object.entries(params).filter(([name]) => /UserData$/.test(name)))
    .map(([, value]) => gunzipSync(Buffer.from(value, 'base64')).toString())
  assert.is(userData.length, 2, "the master's and the nodes'")
  const secret = [planted.AWS_SECRET_ACCESS_KEY, planted.AWS_SESSION_TOKEN, key.slice(0, 60)]
  for (const one of secret)
    for (const [where, text] of Object.entries({
      'what kube-up said': up.said,
      'what kube-down said': down.said,
      'user data': userData.join('\n'),
      'a call': JSON.stringify(calls.map(({ params }) => params)),
      'an argument of a process': up.argv + down.argv,
    }))
      assert.not.ok(text.includes(one), `${one} is in ${where}`)
  assert.ok(up.argv.includes('kube-up.js'), 'arguments were looked at')
  let looked = 0
  for (const name of await readdir(home, { recursive: true })) {
    const path = join(home, name)
    const { mode } = await stat(path)
    if ((mode & 0o044) === 0 || !(await stat(path)).isFile()) continue
    looked += 1
    const text = await readFile(path, 'utf8')
    for (const one of [...secret, 'PRIVATE KEY'])
      assert.not.ok(text.includes(one), `${one} is in ${path}, which others can read`)
  }
  console.log(
    `# secrets: 3 planted, looked for in the output, ${calls.length} calls, user data, arguments, and ${looked} files that others can read`,
  )
})

test.run()
