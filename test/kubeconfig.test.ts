import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parse } from 'yaml'
import { config } from '../cluster/aws/config-default.ts'
import { UserError } from '../cluster/errors.ts'
import { forgetContext, without } from '../cluster/kubeconfig.ts'

const certificate = 'LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0t'.repeat(40)
const kubeconfig = `# The clusters of Ada
apiVersion: v1
kind: Config
preferences: {}
current-context: aws_kubernetes # the one at work
clusters:
  - name: minikube
    cluster: { server: "https://192.168.49.2:8443" }
  - name: aws_kubernetes
    cluster:
      server: https://203.0.113.7
      certificate-authority-data: ${certificate}
contexts:
  # for the train
  - name: minikube
    context: {cluster: minikube, user: minikube}
  - name: aws_kubernetes
    context:
      cluster: aws_kubernetes
      user: aws_kubernetes
users:
  - name: aws_kubernetes
    user:
      client-certificate-data: ${certificate}
  - name: minikube
    user:
      exec:
        command: sh
        args: ["-c", "echo a long line that a writer of YAML might like to fold after eighty characters, if nobody told it not to"]
`

type Named = { name: string }[]
interface Kubeconfig {
  clusters: Named
  contexts: Named
  users: Named
  'current-context': string
}
const read = (text: string) => parse(text) as Kubeconfig
const names = (text: string) => {
  const { clusters, contexts, users } = read(text)
  return [clusters, contexts, users].map(list => list.map(({ name }) => name))
}

test('the context goes, with its cluster and its user; the others stay', () =>
  assert.equal(names(without(kubeconfig, 'aws_kubernetes')), [['minikube'], ['minikube'], ['minikube']]))

test('what is about the others stays, comments included', () => {
  const left = without(kubeconfig, 'aws_kubernetes')
  assert.match(left, /^# The clusters of Ada\n/)
  assert.match(left, /# for the train\n/)
  const others = (text: string) =>
    Object.entries(parse(text) as Kubeconfig).map(([key, value]) =>
      Array.isArray(value) ? [key, value.filter(({ name }) => name === 'minikube')] : key,
    )
  assert.equal(others(left), others(kubeconfig))
})

test('a file as kubectl writes it stays one, byte for byte but for what went', () => {
  const entry = (kind: string, name: string, rest: string) => `- ${rest.replace('KIND', kind)}\n  name: ${name}\n`
  const written = (...clusters: string[]) =>
    [
      'apiVersion: v1\n',
      'clusters:\n',
      ...clusters.map(name => entry('cluster', name, `KIND:\n    certificate-authority-data: ${certificate}`)),
      'contexts:\n',
      ...clusters.map(name => entry('context', name, `KIND:\n    cluster: ${name}\n    user: ${name}`)),
      'current-context: minikube\n',
      'kind: Config\n',
      'preferences: {}\n',
      'users:\n',
      ...clusters.map(name => entry('user', name, `KIND:\n    exec:\n      command: echo ${'a word '.repeat(20)}!`)),
    ].join('')
  assert.is(without(written('aws_kubernetes', 'minikube'), 'aws_kubernetes'), written('minikube'))
})

test('the current context is nobody then', () =>
  assert.is(read(without(kubeconfig, 'aws_kubernetes'))['current-context'], ''))

test('another current context stays', () => {
  const left = without(
    kubeconfig.replace('current-context: aws_kubernetes', 'current-context: minikube'),
    'aws_kubernetes',
  )
  assert.is(read(left)['current-context'], 'minikube')
})

test('a context that is not there changes nothing but maybe the form', () =>
  assert.equal(read(without(kubeconfig, 'aws_other')), read(kubeconfig)))

test('a context whose name begins alike stays', () => {
  const both = kubeconfig.replaceAll('minikube', 'aws_kubernetes-2')
  assert.equal(names(without(both, 'aws_kubernetes')), [
    ['aws_kubernetes-2'],
    ['aws_kubernetes-2'],
    ['aws_kubernetes-2'],
  ])
})

test('values stay what they were, whatever they look like', () => {
  const text = 'users:\n- name: x\n  user: {password: "no", token: 007, id: 0x1F, on: "1e3"}\n'
  assert.equal(parse(without(text, 'aws_kubernetes')), parse(text))
})

for (const [what, text] of [
  ['empty', ''],
  ['a comment', '# nothing yet\n'],
  ['without lists', 'apiVersion: v1\nkind: Config\n'],
  ['with empty lists', 'clusters: null\ncontexts: []\nusers:\n'],
  ['with odd entries', 'contexts: [1, null, {name: null}, "aws_kubernetes"]\n'],
  ['a list', '- aws_kubernetes\n'],
] as const)
  test(`a kubeconfig that is ${what} is let be`, () =>
    assert.equal(parse(without(text, 'aws_kubernetes')), parse(text)))

test('taking it out twice is like taking it out once', () => {
  const once = without(kubeconfig, 'aws_kubernetes')
  assert.is(without(once, 'aws_kubernetes'), once)
})

let folder = ''
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'kube-up-kubeconfig-'))
})
test.after.each(() => rmSync(folder, { recursive: true, force: true }))

const forget = (KUBECONFIG: string) => forgetContext(config({ KUBECONFIG }))
const file = (name: string, text = kubeconfig) => {
  const path = join(folder, name)
  writeFileSync(path, text, { mode: 0o644 })
  return path
}
const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('in a file: the context is gone, for the person only to read, and no other file is left', async () => {
  const path = file('config')
  await forget(path)
  assert.equal(names(readFileSync(path, 'utf8')), [['minikube'], ['minikube'], ['minikube']])
  assert.is(mode(path), '600')
  assert.equal(readdirSync(folder), ['config'])
})

test('a file that is not there is not made', async () => {
  await forget(join(folder, 'no', 'config'))
  assert.equal(readdirSync(folder), [])
})

test('a file without the context is not touched', async () => {
  const path = file('config', '{apiVersion:   v1}\n')
  chmodSync(path, 0o640)
  await forget(path)
  assert.is(readFileSync(path, 'utf8'), '{apiVersion:   v1}\n')
  assert.is(mode(path), '640')
})

test('of a list of files each is mended, and missing and empty ones are passed over', async () => {
  const [one, two] = [file('one'), file('two')]
  await forget(`${one}::${join(folder, 'missing')}:${two}:`)
  for (const path of [one, two]) assert.equal(names(readFileSync(path, 'utf8'))[1], ['minikube'])
  assert.equal(readdirSync(folder).sort(), ['one', 'two'])
})

test('a file that is a link to elsewhere stays one', async () => {
  const real = file('real')
  const link = join(folder, 'config')
  symlinkSync(real, link)
  await forget(link)
  assert.is(readlinkSync(link), real)
  assert.equal(names(readFileSync(real, 'utf8'))[1], ['minikube'])
})

test('a file that is no YAML is left as it is, and named in a plain sentence', async () => {
  const broken = 'clusters: [aws_kubernetes\n  - : }\n'
  const path = file('config', broken)
  const error: unknown = await forget(path).catch(caught => caught)
  assert.instance(error, UserError, `${error}`)
  assert.match((error as UserError).message, path)
  assert.is(readFileSync(path, 'utf8'), broken)
  assert.equal(readdirSync(folder), ['config'])
})

test.run()
