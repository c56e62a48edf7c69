import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const scratch = mkdtempSync(join(tmpdir(), 'kube-up-import-'))
test.after(() => rmSync(scratch, { recursive: true, force: true }))
const script = readFileSync(new URL('../../salt/containerd/files/import-image.sh', import.meta.url), 'utf8')

/** The file of an archive that names its image. */
type Archive = readonly [file: string, contents: object]

/** Imports an archive that holds this file, with a ctr that only notes what it was asked. */
function imported([file, contents]: Archive, name: string): { asked: string[]; marked: boolean } {
  const root = mkdtempSync(join(scratch, 'm-'))
  mkdirSync(join(root, 'bin'))
  writeFileSync(join(root, 'bin/ctr'), `#!/bin/bash\necho "$*" >> ${root}/asked\n`)
  chmodSync(join(root, 'bin/ctr'), 0o755)
  writeFileSync(join(root, file), JSON.stringify(contents))
  execFileSync('tar', ['--create', '--file', join(root, 'image.tar'), '--directory', root, file])
  writeFileSync(join(root, 'import'), script.replaceAll('/var/lib/containerd', root))
  const env = { ...process.env, PATH: `${root}/bin:${process.env.PATH}` }
  execFileSync('bash', [join(root, 'import'), join(root, 'image.tar'), name], { env })
  return {
    asked: readFileSync(join(root, 'asked'), 'utf8').trim().split('\n'),
    marked: existsSync(join(root, 'kube-up', name.replaceAll('/', '_'))),
  }
}
const wanted = 'registry.k8s.io/coredns/coredns:v1'
const built = (name: string): Archive => ['manifest.json', [{ RepoTags: [name] }]]
const pulled = (name: string): Archive => [
  'index.json',
  { manifests: [{ annotations: { 'io.containerd.image.name': name } }] },
]

for (const [what, as] of [
  ['that was built', built],
  ['as a registry has it', pulled],
] as const) {
  test(`an archive ${what} is imported under the name it has, and marked as there`, () => {
    const { asked, marked } = imported(as(wanted), wanted)
    assert.is(asked.length, 1)
    assert.match(asked[0] ?? '', /^--namespace k8s\.io images import --local \S+image\.tar$/)
    assert.ok(marked)
  })

  test(`one ${what} that has another name gets the one that manifests use`, () => {
    const { asked } = imported(as('mine/coredns:dev'), wanted)
    assert.is(asked[1], `--namespace k8s.io images tag --force mine/coredns:dev ${wanted}`)
  })
}

test.run()
