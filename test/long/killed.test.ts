import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { validate } from '../../cluster/aws/validate.ts'
import { account } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'

const test = suite('killed processes')
let aws: TestAws
test.before(async () => {
  aws = await testAws()
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

/** Runs the real command, and kills it with SIGKILL when AWS has done its nth change, before it hears of that. */
async function killedAfter(command: 'kube-up' | 'kube-down', n: number): Promise<void> {
  const script = fileURLToPath(new URL(`../../cluster/bin/${command}.js`, import.meta.url))
  const credentials = {
    AWS_ENDPOINT_URL: aws.proxy.endpoint,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
    USER: 'test',
  }
  const env = {
    ...process.env,
    ...aws.env,
    ...credentials,
    XDG_CACHE_HOME: aws.folder,
    KUBECONFIG: `${aws.folder}/kubeconfig`,
  }
  const child = spawn(process.execPath, [script], { env, stdio: 'ignore' })
  let changes = 0
  aws.proxy.after = call => {
    if (call.changes) changes += 1
    if (changes >= n) child.kill('SIGKILL')
  }
  const ended = await new Promise(resolve => child.on('close', (code, signal) => resolve(signal ?? code)))
  aws.proxy.after = undefined
  assert.is(ended, 'SIGKILL', `${command} was to be killed after change ${n}, and ended by itself`)
}

async function changesOf(run: () => Promise<unknown>): Promise<number> {
  aws.proxy.forget()
  await run()
  return aws.proxy.recorded.filter(call => call.changes).length
}

test('kube-up killed with SIGKILL at each of its changes: kube-up completes it, and kube-down leaves nothing', async () => {
  const before = await account(aws.cluster())
  const points = await changesOf(() => kubeUp(aws.cluster()))
  await kubeDown(aws.cluster())
  for (let point = 1; point <= points; point++) {
    await killedAfter('kube-up', point)
    await kubeUp(aws.cluster())
    assert.is((await validate(aws.cluster())).exitCode, undefined, `killed at change ${point}`)
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.cluster()), before, `killed at change ${point}`)
  }
  console.log(`# kube-up killed with SIGKILL at each of its ${points} changes: kube-up completes it`)
})

test('kube-up killed with SIGKILL at each of its changes: kube-down alone leaves nothing', async () => {
  const before = await account(aws.cluster())
  const points = await changesOf(() => kubeUp(aws.cluster()))
  await kubeDown(aws.cluster())
  for (let point = 1; point <= points; point++) {
    await killedAfter('kube-up', point)
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.cluster()), before, `killed at change ${point}`)
  }
  console.log(`# kube-up killed with SIGKILL at each of its ${points} changes: kube-down alone leaves nothing`)
})

test('kube-down killed with SIGKILL at each of its changes: another one leaves nothing', async () => {
  const before = await account(aws.cluster())
  await kubeUp(aws.cluster())
  const points = await changesOf(() => kubeDown(aws.cluster()))
  for (let point = 1; point <= points; point++) {
    await kubeUp(aws.cluster())
    await killedAfter('kube-down', point)
    await kubeDown(aws.cluster())
    assert.equal(await account(aws.cluster()), before, `killed at change ${point}`)
  }
  console.log(`# kube-down killed with SIGKILL at each of its ${points} changes: another one leaves nothing`)
})

test.run()
