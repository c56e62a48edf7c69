import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Cluster } from '../../cluster/aws/cluster.ts'
import { findImage } from '../../cluster/aws/images.ts'
import { partitionOf, publishers } from '../../cluster/aws/publishers.ts'

const partitions = { aws: ['us-east-1', 'eu-central-1'], 'aws-cn': ['cn-north-1', 'cn-northwest-1'] }
const others = { 'aws-us-gov': ['us-gov-west-1', 'us-gov-east-1'], 'aws-eusc': ['eusc-de-east-1'] }
for (const [partition, regions] of Object.entries({ ...partitions, ...others }))
  for (const region of regions)
    test(`${region} is in the partition ${partition}`, () => assert.is(partitionOf(region), partition))

test('every owner is the number of an account, and no account is in two partitions', () => {
  const all = Object.values(publishers).flatMap(({ owners }) => Object.values(owners))
  for (const owner of all) assert.match(owner, /^\d{12}$/)
  assert.is(new Set(all).size, all.length)
})

/** A region whose DescribeImages says what it is asked. */
const region = (name: string, KUBE_OS_DISTRIBUTION: string, AWS_IMAGE?: string) => {
  const asked: { Owners?: string[]; ImageIds?: string[] }[] = []
  const ec2 = {
    describeImages: async (request: (typeof asked)[number]) => {
      asked.push(request)
      return { Images: [{ ImageId: 'ami-1', Name: 'one', RootDeviceName: '/dev/xvda' }] }
    },
  }
  const config = { KUBE_OS_DISTRIBUTION, AWS_IMAGE, MASTER_SIZE: 't3.small' }
  const cluster = { ec2, config, region: name } as unknown as Cluster
  return { asked, find: () => findImage(cluster, { image: 'AWS_IMAGE', size: 'MASTER_SIZE' }) }
}

for (const [name, owner] of Object.entries({
  'eu-west-1': '099720109477',
  'cn-north-1': '837727238323',
  'us-gov-west-1': '513442679011',
}))
  test(`Ubuntu's images in ${name} are looked for at the account that publishes them there`, async () => {
    const { asked, find } = region(name, 'ubuntu')
    assert.is((await find()).id, 'ami-1')
    assert.equal(asked[0]?.Owners, [owner])
  })

for (const [distribution, name] of [
  ['debian', 'cn-north-1'],
  ['debian', 'us-gov-east-1'],
  ['flatcar', 'cn-northwest-1'],
  ['flatcar', 'us-gov-west-1'],
] as const)
  test(`${distribution} in ${name}: nobody else's images are taken for it, and the sentence says what to set`, async () => {
    const { asked, find } = region(name, distribution)
    const said = await find().then(String, error => error.message)
    assert.match(said, new RegExp(`^No publisher of ${distribution} images is known in ${name}, `))
    assert.match(said, /set AWS_IMAGE to an image there, or KUBE_OS_DISTRIBUTION=ubuntu\.$/)
    assert.equal(asked, [])
  })

test('where nobody publishes anything, AWS_IMAGE is what is left', async () => {
  const said = await region('eusc-de-east-1', 'ubuntu')
    .find()
    .then(String, error => error.message)
  assert.match(said, /partition aws-eusc has accounts of its own; set AWS_IMAGE to an image there\.$/)
})

test('an image that was set is taken in every partition', async () => {
  const { asked, find } = region('cn-north-1', 'debian', 'ami-1')
  assert.is((await find()).id, 'ami-1')
  assert.equal(asked, [{ ImageIds: ['ami-1'] }])
})

test.run()
