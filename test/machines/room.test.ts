import { execFile } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as ec2 from '@aws-sdk/client-ec2'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { findLocalAws, startLocalAws, stopLocalAws } from '../../cluster/local/aws.ts'
import { requireRoom } from '../../cluster/local/machines/index.ts'
import { client } from '../../cluster/local/machines/world.ts'
import { cache } from '../support/aws.ts'

// Each may have half of this computer's memory, so that three of them fit nowhere.
const large = 'm7i.8xlarge'
const folder = mkdtempSync(join(tmpdir(), 'kube-up-room-'))
const local = join(folder, 'local')

test.after(async () => {
  await stopLocalAws(local)
  rmSync(folder, { recursive: true })
})

/** kube-up as a person runs it, on machines that boot. */
const kubeUp = (settings: Record<string, string>) =>
  new Promise<{ code: number | null; said: string }>(resolve => {
    const script = fileURLToPath(new URL('../../cluster/bin/kube-up.js', import.meta.url))
    const mine = { KUBE_LOCAL_FOLDER: local, AWS_SSH_KEY: join(folder, 'key') }
    const env = { ...process.env, KUBERNETES_PROVIDER: 'local', ...mine, ...settings }
    const child = execFile(process.execPath, [script], { env, cwd: folder }, (_, out, err) =>
      resolve({ code: child.exitCode, said: out + err }),
    )
  })

test('kube-up refuses a cluster that this computer has no room for, before anything is created or booted', async () => {
  const { code, said } = await kubeUp({ NUM_NODES: '2', MASTER_SIZE: large, NODE_SIZE: large })
  assert.is(code, 1, said)
  assert.match(said, /The machines need .* GiB of memory and this computer has .* GiB to give: choose fewer nodes/)
  assert.not.match(said, /\n\s+at .*:\d+:\d+/)
  assert.match(said, /With KUBE_LOCAL_MACHINES=false everything is made but no machine boots/)
  assert.not(existsSync(join(local, 'run')), 'nothing follows this AWS')
  assert.is(await findLocalAws(local), undefined, 'and it does not stay either')
})

test('machines that the cluster has already are not counted again, and those of another cluster are none of its own', async () => {
  const { endpoint } = await startLocalAws({ folder: local, cache, machines: true }, 'us-west-2')
  const wish = { dir: local, endpoint, region: 'us-west-2', cluster: 'kubernetes', types: [large, large, large] }
  const refused = () =>
    requireRoom(wish).then(
      () => undefined,
      error => (error as Error).message,
    )
  const launch = (KubernetesCluster: string) =>
    client(endpoint, 'us-west-2').send(
      new ec2.RunInstancesCommand({
        ...{ ImageId: 'ami-1', MinCount: 3, MaxCount: 3, InstanceType: large },
        TagSpecifications: [
          { ResourceType: 'instance', Tags: [{ Key: 'KubernetesCluster', Value: KubernetesCluster }] },
        ],
      }),
    )
  await launch('another')
  assert.match((await refused()) ?? '', /need/)
  await launch('kubernetes')
  assert.is(await refused(), undefined, 'none is missing')
})

test.run()
