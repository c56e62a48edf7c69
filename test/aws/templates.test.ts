import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../../cluster/aws/cluster.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { policy } from '../../cluster/aws/policies.ts'
import { template } from '../../cluster/aws/templates.ts'
import { userData } from '../../cluster/aws/user-data.ts'

const cluster = connect(config({ KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true' }), new Journal())
const bucket = { id: 'b', shared: false }
const bootstrap = { name: 'bootstrap.sh', sha256: 'c'.repeat(64), key: 'k', bytes: 1 }

/** Each template, as its caller fills it. */
const callers: Record<string, () => unknown> = {
  'autoscaler-policy.json': () => policy(cluster, { partition: 'aws' }, bucket, 'master'),
  'bootstrap.sh': () => template('bootstrap.sh'),
  'master-policy.json': () => policy(cluster, { partition: 'aws' }, bucket, 'master'),
  'minion-policy.json': () => policy(cluster, { partition: 'aws' }, bucket, 'minion'),
  'trust-policy.json': () => template('trust-policy.json', { service: 'ec2.amazonaws.com' }),
  'user-data.sh': () => userData(cluster, 'master', { bucket, files: [bootstrap] }),
  'volumes-policy.json': () => policy(cluster, { partition: 'aws' }, bucket, 'master'),
}

test('every template has a caller in this test', () =>
  assert.equal(readdirSync(new URL('../../cluster/aws/templates', import.meta.url)).sort(), Object.keys(callers)))

for (const [name, fill] of Object.entries(callers))
  test(`the caller of ${name} fills every place of it`, () => assert.not.throws(fill))

test('a place without a value is named, and so is its file', () =>
  assert.throws(
    () => template('minion-policy.json', { partition: 'aws', bucket: 'b' }),
    'templates/minion-policy.json has a place prefix that nobody fills',
  ))

test('a value with a place in it is not filled again', () => {
  const text = template('minion-policy.json', { partition: '{{prefix}}', bucket: '{{partition}}', prefix: '$&/' })
  assert.ok(text.includes('arn:{{prefix}}:s3:::{{partition}}/$&/release/*'))
})

test('a template that is not there is an error', () => assert.throws(() => template('nothing.sh'), /ENOENT/))

test('bash can read bootstrap.sh', () => {
  execFileSync('bash', ['-n'], { input: template('bootstrap.sh'), stdio: 'pipe' })
})

test('both scripts stop at the first failure: it is the first thing they say', () => {
  for (const name of ['bootstrap.sh', 'user-data.sh']) {
    const text = template(name, { role: '', region: '', url: '', sha256: '', parameters: '' })
    const [first] = text.split('\n').filter(line => line !== '' && !line.startsWith('#'))
    assert.is(first, 'set -euo pipefail', name)
  }
})

test.run()
