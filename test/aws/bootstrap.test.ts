import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { template } from '../../cluster/aws/templates.ts'

const scratch = mkdtempSync(join(tmpdir(), 'kube-up-bootstrap-'))
test.after(() => rmSync(scratch, { recursive: true, force: true }))

const volume = 'vol-0123456789abcdef0'
const sumOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

/** A machine in a folder: the script with its paths moved there, and programs that only note that they were called. */
function machine(programs: Record<string, string> = {}, own: object = {}) {
  const root = mkdtempSync(join(scratch, 'm-'))
  for (const folder of ['etc/kube-up', 'bin', 'run', 'dev/disk/by-id', 'opt', 'srv', 'mnt', 'log'])
    mkdirSync(join(root, folder), { recursive: true })
  writeFileSync(join(root, 'etc/fstab'), '')
  const put = (path: string, text: string) => {
    writeFileSync(join(root, path), text)
    chmodSync(join(root, path), 0o755)
  }
  for (const [name, script] of Object.entries(programs))
    put(`bin/${name}`, `#!/bin/bash\necho "${name} $*" >> ${root}/called\n${script}\n`)
  const parameters = {
    role: 'master',
    arch: 'amd64',
    bucketUrl: 'https://b',
    bucketPrefix: 'p/',
    volume,
    files: {},
    ...own,
  }
  const tell = (more: object) =>
    writeFileSync(join(root, 'etc/kube-up/parameters.json'), JSON.stringify({ ...parameters, ...more }))
  tell({})
  const moved = template('bootstrap.sh').replaceAll(
    /(?<=["\s=>(])\/(etc|run|dev\/disk|opt|srv|mnt|var\/log)\b/g,
    (_, top) => join(root, top === 'var/log' ? 'log' : top),
  )
  // A block device is more than a file in a folder can be.
  put('bootstrap.sh', moved.replace('[ -b "$device" ]', '[ -e "$device" ]'))
  const stage = (name: string) => {
    const env = { ...process.env, PATH: `${root}/bin:${process.env.PATH}` }
    try {
      return {
        code: 0,
        output: execFileSync('bash', [join(root, 'bootstrap.sh'), name], { env, stdio: 'pipe' }).toString(),
      }
    } catch (error) {
      const { status, stdout, stderr } = error as { status: number; stdout: Buffer; stderr: Buffer }
      return { code: status, output: `${stdout}${stderr}` }
    }
  }
  const called = () => (existsSync(join(root, 'called')) ? readFileSync(join(root, 'called'), 'utf8') : '')
  return { root, put, tell, stage, called }
}

const disk = { 'mkfs.ext4': '', udevadm: '', systemctl: '', mount: '', mountpoint: 'exit 1' }
const attach = ({ root }: { root: string }) =>
  writeFileSync(join(root, `dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${volume.replace('-', '')}`), '')

test('the volume is waited for: not attached yet is a failure to be tried again', () => {
  const { stage, called } = machine({ ...disk, blkid: 'exit 2', wipefs: '' })
  const { code, output } = stage('volume')
  assert.is(code, 1)
  assert.match(output, /vol-0123456789abcdef0 is not attached yet/)
  assert.is(called(), '')
})

test('a blank volume is formatted, and mounted so that the machine boots without it too', () => {
  const blank = machine({ ...disk, blkid: 'exit 2', wipefs: '' })
  attach(blank)
  assert.equal(blank.stage('volume'), { code: 0, output: '' })
  assert.match(blank.called(), /mkfs\.ext4 .*nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0\n/)
  assert.match(
    readFileSync(join(blank.root, 'etc/fstab'), 'utf8'),
    /^\S+vol0123456789abcdef0 \S+\/master-pd ext4 \S*nofail/,
  )
  assert.match(blank.called(), /\nmount /)
})

const held: [what: string, programs: Record<string, string>][] = [
  ['a file system', { blkid: 'exit 0', wipefs: 'echo 0x438 ext4' }],
  ['a signature that only wipefs knows', { blkid: 'exit 2', wipefs: 'echo 0x1fe dos' }],
  ['two signatures, which blkid finds ambivalent', { blkid: 'exit 8', wipefs: 'echo 0x0 xfs' }],
]
for (const [what, programs] of held)
  test(`a volume with ${what} is never formatted`, () => {
    const used = machine({ ...disk, ...programs })
    attach(used)
    used.stage('volume')
    assert.not.match(used.called(), /mkfs/)
  })

test('a second time neither fstab nor the mount changes', () => {
  const used = machine({ ...disk, blkid: 'exit 0', wipefs: 'echo ext4', mountpoint: '' })
  attach(used)
  used.stage('volume')
  const fstab = readFileSync(join(used.root, 'etc/fstab'), 'utf8')
  used.stage('volume')
  assert.is(readFileSync(join(used.root, 'etc/fstab'), 'utf8'), fstab)
  assert.not.match(used.called(), /\nmount /)
})

test('a node has no volume to look for', () => assert.is(machine({}, { role: 'minion' }).stage('volume').code, 0))

const archived = (folder: string, ...flags: string[]) =>
  execFileSync('tar', [...flags, '--create', '--directory', folder, '.'], { maxBuffer: 1 << 26 })
function folderOf(...files: string[]): string {
  const folder = mkdtempSync(join(scratch, 'r-'))
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    writeFileSync(join(folder, file), file)
  }
  return folder
}

/** A release of three files, one of them two archives in a row, and a bucket that has them. */
function released(spoil = (bytes: Buffer) => bytes) {
  const files = {
    'node-linux-amd64.tar.gz': Buffer.concat([
      archived(folderOf('kubernetes/server/bin/kubelet'), '--gzip'),
      archived(folderOf('images/pause.tar', 'bin/runc'), '--gzip'),
    ]),
    'components-linux-amd64.tar': archived(folderOf('images/coredns.tar')),
    'kubernetes-salt.tar.gz': archived(folderOf('salt/top.sls'), '--gzip'),
  }
  const one = machine()
  const told = Object.entries(files).map(([name, bytes]) => {
    const to = join(one.root, name.includes('salt') ? 'srv' : 'opt/kube-up/release')
    return [name, { key: `p/${name}`, sha256: sumOf(bytes), to }]
  })
  one.tell({ files: Object.fromEntries(told) })
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(one.root, name), spoil(bytes))
  one.put('etc/kube-up/bucket', `#!/bin/bash\necho fetched >> ${one.root}/called\ncat "${one.root}/\${1##*/}"\n`)
  return one
}

test('the release is fetched, unpacked to where the parameters say, and not fetched twice', () => {
  const { root, stage, called } = released()
  for (const time of ['the first time', 'the second time']) {
    assert.equal(stage('release'), { code: 0, output: '' }, time)
    const release = join(root, 'opt/kube-up/release')
    for (const file of ['kubernetes/server/bin/kubelet', 'images/pause.tar', 'images/coredns.tar', 'bin/runc'])
      assert.is(readFileSync(join(release, file), 'utf8'), file, time)
    assert.is(readFileSync(join(root, 'srv/salt/top.sls'), 'utf8'), 'salt/top.sls', time)
    assert.is(statSync(join(release, 'images')).mode & 0o777, 0o755, time)
    assert.is(called().match(/fetched/g)?.length, 3, time)
  }
})

test('what lies where the states look is the fetched file itself: nothing is on the disk twice', () => {
  const { root, stage } = released()
  stage('release')
  assert.is(statSync(join(root, 'opt/kube-up/release/bin/runc')).nlink, 2)
})

test('what is not what kube-up staged never gets the name that the states look for', () => {
  const { root, stage } = released(bytes => Buffer.concat([bytes, Buffer.alloc(512)]))
  const { code, output } = stage('release')
  assert.is(code, 1)
  assert.match(output, /components-linux-amd64\.tar is not what was staged: its SHA-256 is [0-9a-f]{64}/)
  assert.not.ok(existsSync(join(root, 'opt/kube-up/release')))
})

test('one bad file is fetched again, and the good ones are not', () => {
  const good = released()
  const name = 'components-linux-amd64.tar'
  const bytes = readFileSync(join(good.root, name))
  writeFileSync(join(good.root, name), 'not a tar')
  assert.is(good.stage('release').code, 1)
  writeFileSync(join(good.root, name), bytes)
  assert.equal(good.stage('release'), { code: 0, output: '' })
  assert.is(good.called().match(/fetched/g)?.length, 4)
})

test('an unknown stage is refused', () => assert.is(machine().stage('nothing').code, 2))

test.run()
