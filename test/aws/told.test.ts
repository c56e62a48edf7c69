import { gzipSync } from 'node:zlib'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { connect } from '../../cluster/aws/cluster.ts'
import { config } from '../../cluster/aws/config-default.ts'
import { Journal } from '../../cluster/aws/journal.ts'
import { toldBy, toldNow } from '../../cluster/aws/told.ts'
import { userData } from '../../cluster/aws/user-data.ts'

test('what a machine was told can be read from its user data', () => {
  const settings = config({ KUBE_ENABLE_CLUSTER_AUTOSCALER: 'true', DNS_DOMAIN: 'class.example', NUM_NODES: '7' })
  const files = [{ name: 'bootstrap.sh', key: 'k', sha256: 'a'.repeat(64), bytes: 1 }]
  const data = userData(connect(settings, new Journal()), 'master', { bucket: { id: 'b', shared: false }, files })
  const read = toldBy(data) ?? {}
  for (const [name, value] of Object.entries(toldNow(settings))) assert.is(read[name as keyof typeof read], value, name)
})

test('no user data, and such as kube-up does not write, say nothing', () => {
  for (const data of [Buffer.alloc(0), Buffer.from('#!/bin/sh\n'), gzipSync('#!/bin/sh\n')])
    assert.is(toldBy(data), undefined)
})

test.run()
