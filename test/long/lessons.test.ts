import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { stopLocalAws } from '../../cluster/local/aws.ts'
import { cache } from '../support/aws.ts'
import { awsCommand } from '../support/aws-cli.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const lessons = await readFile(join(root, 'docs/lessons.md'), 'utf8')
const test = suite('lessons')

interface Block {
  readonly lesson: string
  readonly commands: string
  /** Lines that the commands print, in this order, among others. */
  readonly expected: readonly string[]
}

/** The commands of the document, each with what is said to follow it. */
const blocks: Block[] = lessons.split(/^(?=## )/m).flatMap(section =>
  [...section.matchAll(/^```sh\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```)?/gm)].map(
    ([, commands = '', expected = '']) => ({
      lesson: /^## (.*)/.exec(section)?.[1] ?? 'before the lessons',
      commands,
      expected: expected.split('\n').filter(Boolean),
    }),
  ),
)

let folder: string
let said: string[] = []
test.before(async () => {
  // A home of its own, but what was downloaded once is used again.
  folder = await mkdtemp(join(tmpdir(), 'kube-up-lessons-'))
  await mkdir(join(folder, '.cache/kube-up'), { recursive: true })
  const bin = await awsCommand(folder)
  for (const name of await readdir(cache))
    if (/^moto-\w+$/.test(name)) await symlink(join(cache, name), join(folder, '.cache/kube-up', name))
  const env = { PATH: `${bin}:${process.env.PATH}`, HOME: folder, USER: 'student' }
  said = await inOneShell(env)
})
test.after(async () => {
  await stopLocalAws(join(folder, '.cache/kube-up/local'))
  await rm(folder, { recursive: true, force: true })
})

/** Runs all of it in one shell, as a reader would. @returns what each block printed. */
async function inOneShell(env: Record<string, string>): Promise<string[]> {
  const marker = 'end of a block'
  const script = blocks.map(({ commands }) => `${commands}\necho '${marker}'\n`).join('')
  const child = spawn('bash', ['-c', script], { cwd: root, env })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', chunk => (output += chunk))
  await new Promise(resolve => child.on('close', resolve))
  return output.split(`${marker}\n`)
}

/** Whether the lines are there in this order; an ellipsis stands for anything. */
const pattern = (lines: readonly string[]) =>
  new RegExp(
    lines
      .map(line =>
        line
          .split('…')
          .map(part => part.trim().replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
          .join('.*'),
      )
      .join('[\\s\\S]*?'),
  )

test('there are at least six lessons, and each says what to expect', () => {
  const named = new Set(blocks.filter(block => block.expected.length > 0).map(block => block.lesson))
  assert.ok(named.size >= 6, [...named].join('\n'))
})

for (const [i, { lesson, commands, expected }] of blocks.entries())
  if (expected.length > 0)
    test(`${lesson}: ${commands.trim().split('\n').at(-1)}`, () => {
      assert.match(said[i] ?? '', pattern(expected), said[i])
    })

test.run()
