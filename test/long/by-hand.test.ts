import { spawn } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import type { Env } from '../../cluster/aws/config.ts'
import { runFolder } from '../../cluster/story/run-folder.ts'
import { account, counts } from '../support/account.ts'
import { kubeDown, kubeUp, type TestAws, testAws } from '../support/aws.ts'
import { awsCommand } from '../support/aws-cli.ts'

const test = suite('by hand')
let aws: TestAws
let bin: string
test.before(async () => {
  aws = await testAws()
  bin = await awsCommand(aws.folder)
})
test.after(() => aws.stop())
test.before.each(() => aws.reset())

/** Runs a script as a person would, with the real `aws`. @returns its exit code, and what it said. */
function shell(script: string): Promise<{ code: number | null; said: string }> {
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: aws.folder,
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'local',
  }
  const child = spawn('sh', [script], { env })
  let said = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (said += chunk))
  return new Promise(resolve => child.on('close', code => resolve({ code, said })))
}

/** kube-up, written down. @returns the script, and what the account held of each kind. */
async function written(env: Env) {
  const cluster = aws.cluster(env)
  const folder = await runFolder(cluster, 'kube-up')
  await kubeUp(cluster)
  await folder.write()
  const held = await account(aws.cluster())
  return { script: join(folder.path, 'commands.sh'), held }
}

for (const [what, env] of Object.entries<Env>({
  'a cluster': { KUBE_TAGS: 'team=deep blue' },
  'a cluster with a launch configuration': { KUBE_NODE_LAUNCH: 'configuration', NUM_NODES: '1' },
}))
  test(`the commands of a run, typed by hand into an empty account, build the same: ${what}`, async () => {
    const { script, held } = await written(env)
    await aws.reset()
    const before = await account(aws.cluster())
    const { code, said } = await shell(script)
    assert.is(code, 0, `${said}\n${await readFile(script, 'utf8')}`)
    const byHand = await account(aws.cluster())
    assert.equal(counts(byHand), counts(held))
    for (const kind of ['keys', 'templates', 'scaling', 'roles', 'profiles', 'buckets'])
      assert.equal(byHand[kind], held[kind], kind)
    // kube-up takes it for its own. Only what names ids by a hash of them is another; and secrets are not written into commands.
    const again = aws.cluster(env)
    await kubeUp(again)
    const changed = again.journal.steps.filter(step => !/^(already there|done)$/.test(step.outcome ?? ''))
    assert.ok(
      changed.every(step => /^(identity|launch template|launch configuration|nodes)$/.test(step.name)),
      JSON.stringify(changed.map(step => [step.name, step.outcome])),
    )
    await kubeDown(aws.cluster(env))
    assert.equal(await account(aws.cluster()), before)
  })

test.run()
