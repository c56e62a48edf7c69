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
import { type Access, merged, without } from '../cluster/kubeconfig/contexts.ts'
import { findContext, forgetContext, rememberContext } from '../cluster/kubeconfig.ts'

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

const access: Access = {
  server: 'https://203.0.113.9',
  admin: { ca: 'the authority', certificate: 'a certificate', key: 'a key' },
}
const base64 = (text: string) => Buffer.from(text).toString('base64')
const named = (text: string, context = 'aws_kubernetes') => {
  const { clusters, contexts, users, ...rest } = read(text)
  const one = (list: Named) => list.find(({ name }) => name === context)
  return { cluster: one(clusters), context: one(contexts), user: one(users), current: rest['current-context'] }
}
const expected = {
  cluster: {
    name: 'aws_kubernetes',
    cluster: { server: 'https://203.0.113.9', 'certificate-authority-data': base64('the authority') },
  },
  context: { name: 'aws_kubernetes', context: { cluster: 'aws_kubernetes', user: 'aws_kubernetes' } },
  user: {
    name: 'aws_kubernetes',
    user: { 'client-certificate-data': base64('a certificate'), 'client-key-data': base64('a key') },
  },
  current: 'aws_kubernetes',
}

for (const [what, text] of [
  ['nothing at all', ''],
  ['a comment', '# nothing yet\n'],
  ['no lists', 'apiVersion: v1\nkind: Config\n'],
  ['empty lists', 'clusters: null\ncontexts: []\nusers:\ncurrent-context: ""\n'],
  ['others', without(kubeconfig, 'aws_kubernetes')],
  ['an older one of that name', kubeconfig],
] as const)
  test(`a kubeconfig that holds ${what} gets the context, its cluster and its user, and it is current`, () => {
    const after = merged(text, 'aws_kubernetes', access)
    assert.equal(named(after), expected)
    assert.is(merged(after, 'aws_kubernetes', access), after, 'a second time changes nothing')
    const whole = read(after) as unknown as { apiVersion: string; kind: string }
    assert.equal([whole.apiVersion, whole.kind], ['v1', 'Config'])
  })

test('it goes through a proxy where there is one, and no more when there is none any more', () => {
  const through = merged(kubeconfig, 'aws_kubernetes', { ...access, proxy: 'http://127.0.0.1:8118' })
  assert.is(
    (named(through).cluster as unknown as { cluster: Record<string, string> }).cluster['proxy-url'],
    'http://127.0.0.1:8118',
  )
  assert.equal(named(merged(through, 'aws_kubernetes', access)), expected)
})

test('others stay in their order, with what was written about them', () => {
  const after = merged(kubeconfig, 'aws_kubernetes', access)
  assert.match(after, /^# The clusters of Ada\n/)
  assert.match(after, /# for the train\n/)
  assert.equal(names(after), names(kubeconfig))
  const others = (text: string) =>
    Object.entries(parse(text) as Kubeconfig).map(([key, value]) =>
      Array.isArray(value) ? [key, value.filter(({ name }) => name === 'minikube')] : key,
    )
  assert.equal(others(after), others(kubeconfig))
  assert.ok(after.includes('fold after eighty characters, if nobody told it not to'), 'a long line is not folded')
})

test('the namespace that a person chose for it stays', () => {
  const chosen = merged('', 'aws_kubernetes', access).replace(
    '    user: aws_kubernetes\n',
    '    user: aws_kubernetes\n    namespace: ada\n',
  )
  assert.equal(named(merged(chosen, 'aws_kubernetes', { ...access, server: 'https://198.51.100.1' })).context, {
    name: 'aws_kubernetes',
    context: { cluster: 'aws_kubernetes', user: 'aws_kubernetes', namespace: 'ada' },
  })
})

test('what comes in goes out again', () => {
  const before = without(kubeconfig, 'aws_kubernetes').replace("current-context: ''", 'current-context: ""')
  assert.equal(read(without(merged(before, 'aws_other', access), 'aws_other')), read(before))
})

for (const text of ['- a list\n', 'clusters: 1\n'])
  test(`${JSON.stringify(text)} is no kubeconfig`, () => assert.throws(() => merged(text, 'aws_kubernetes', access)))

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

const remember = (KUBECONFIG: string, more = {}) => rememberContext(config({ KUBECONFIG, ...more }), access)

test('a file and folders that are not there are made, for the person only', async () => {
  const path = join(folder, 'new', 'kube', 'config')
  assert.is(await remember(path), path)
  assert.equal(named(readFileSync(path, 'utf8')), expected)
  assert.equal([mode(path), mode(join(folder, 'new')), mode(join(folder, 'new', 'kube'))], ['600', '700', '700'])
})

test('of a list of files the first gets it, which is then no longer for others to read', async () => {
  const [one, two] = [file('one', without(kubeconfig, 'aws_kubernetes')), file('two')]
  await remember(`${one}:${two}`)
  assert.equal(named(readFileSync(one, 'utf8')), expected)
  assert.is(readFileSync(two, 'utf8'), kubeconfig)
  assert.is(mode(one), '600')
  assert.equal(readdirSync(folder).sort(), ['one', 'two'])
})

test('many at once lose nothing of one another', async () => {
  const path = file('config', without(kubeconfig, 'aws_kubernetes'))
  const clusters = Array.from({ length: 12 }, (_, i) => `c${i}`)
  await Promise.all(clusters.map(name => remember(path, { KUBE_AWS_INSTANCE_PREFIX: name })))
  const there = names(readFileSync(path, 'utf8')).map(list => [...list].sort())
  const all = ['minikube', ...clusters.map(name => `aws_${name}`)].sort()
  assert.equal(there, [all, all, all])
  assert.equal(readdirSync(folder), ['config'])
})

test('a lock that another holds is waited for', async () => {
  const path = file('config')
  writeFileSync(`${path}.lock`, '')
  let done = false
  const remembering = remember(path).then(() => {
    done = true
  })
  await new Promise(resolve => setTimeout(resolve, 200))
  assert.is(done, false)
  assert.is(readFileSync(path, 'utf8'), kubeconfig)
  rmSync(`${path}.lock`)
  await remembering
  assert.equal(named(readFileSync(path, 'utf8')), expected)
})

test('what is no kubeconfig is left as it is, without a lock, and named in a plain sentence', async () => {
  const path = file('config', '- a list\n')
  const error: unknown = await remember(path).catch(caught => caught)
  assert.instance(error, UserError)
  assert.match((error as UserError).message, path)
  assert.is(readFileSync(path, 'utf8'), '- a list\n')
  assert.equal(readdirSync(folder), ['config'])
})

test('the file that has the context is found, whichever it is, and where it leads', async () => {
  const [one, two] = [file('one', without(kubeconfig, 'aws_kubernetes')), file('two')]
  const found = findContext(config({ KUBECONFIG: `${one}:${join(folder, 'missing')}:${two}` }))
  assert.equal(found, { path: two, server: 'https://203.0.113.7', proxy: undefined })
  assert.is(findContext(config({ KUBECONFIG: one })), undefined)
  await rememberContext(config({ KUBECONFIG: one }), { ...access, proxy: 'http://127.0.0.1:8118' })
  assert.equal(findContext(config({ KUBECONFIG: one })), {
    path: one,
    server: access.server,
    proxy: 'http://127.0.0.1:8118',
  })
})

test.run()
