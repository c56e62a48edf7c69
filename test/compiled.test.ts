/** Where Node cannot strip types by itself: a package of one small program, with the very code that compiles ours. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('..', import.meta.url))
let folder = ''
test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), 'kube-up-compiled-'))
  mkdirSync(join(folder, 'node_modules'))
  for (const name of ['esbuild', 'tsx', 'ipaddr.js'])
    symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  cpSync(join(root, 'cluster/bin'), join(folder, 'cluster/bin'), { recursive: true })
  write('word.ts', "export const word: string = 'one'")
  write(
    'program.ts',
    `import ipaddr from 'ipaddr.js'
    import { word } from './word.ts'
    export const said = [word, ipaddr.isValid('127.0.0.1'), import.meta.url, import.meta.dirname]`,
  )
})
test.after.each(() => rmSync(folder, { recursive: true, force: true }))

const write = (name: string, text: string) => writeFileSync(join(folder, 'cluster', name), text)
const program = () => pathToFileURL(join(folder, 'cluster/program.ts'))
const kept = () => readdirSync(join(folder, 'node_modules/.cache/kube-up'))
const compiled = async (): Promise<string> => {
  const { compiled } = await import(pathToFileURL(join(folder, 'cluster/bin/compiled.js')).href)
  return compiled(program())
}

test('a program is compiled once, imports packages, and knows where its source lies', async () => {
  const url = await compiled()
  assert.match(url, /\/node_modules\/\.cache\/kube-up\/program-[0-9a-f]{12}\.mjs$/)
  assert.equal((await import(url)).said, ['one', true, program().href, join(folder, 'cluster')])
  writeFileSync(fileURLToPath(url), "export const said = 'this very file'")
  assert.is(await compiled(), url)
  assert.is((await import(`${url}?again`)).said, 'this very file')
})

test('it is compiled anew when a source changed, and the one before goes', async () => {
  const before = await compiled()
  write('word.ts', "export const word: string = 'two'")
  const now = await compiled()
  assert.is.not(now, before)
  assert.is((await import(now)).said[0], 'two')
  assert.is(kept().length, 1)
})

test('what is not TypeScript is told, and nothing of it is kept', async () => {
  write('word.ts', 'export const word = = 1')
  await compiled().then(
    () => assert.unreachable(),
    error => assert.match(error.message, /word\.ts:1:20: ERROR: Unexpected "="/),
  )
  assert.equal(kept(), [])
})

test('where nothing can be kept a program runs as it is', async () => {
  writeFileSync(join(folder, 'node_modules/.cache'), 'a file')
  const url = await compiled()
  assert.is(url, program().href)
  assert.is((await import(url)).said[0], 'one')
})

test.run()
