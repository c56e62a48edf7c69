/** npm run local:setup: install what this host lacks to boot machines, and build their image. */
import { existsSync, writeFileSync } from 'node:fs'
import { image } from '../image.ts'
import { imageCache } from '../index.ts'
import { backports, installLine, missing, requirements } from '../requirements.ts'
import { run } from '../tools.ts'

const say = (line: string) => console.log(line)

/** Backports come from the same place as the release itself, so its address is asked of apt, not written here. */
const addBackports = async (suite: string) => {
  const file = `/etc/apt/sources.list.d/${suite}.list`
  const release = suite.replace(/-backports$/, '')
  const known = await run('apt-get', ['indextargets', '--format', '$(REPO_URI) $(CODENAME) $(COMPONENT)'])
  if (known.split('\n').some(line => line.split(' ')[1] === suite) || existsSync(file)) return
  const base = known
    .split('\n')
    .find(line => line.split(' ')[1] === release && line.endsWith(' main'))
    ?.split(' ')[0]
  if (!base) throw new Error(`apt knows no source of ${release}, so ${suite} cannot be added beside it.`)
  writeFileSync(file, `deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] ${base} ${suite} main\n`)
}

const install = async () => {
  const lacks = (await missing()).map(tool => tool.debian)
  if (lacks.length === 0) return
  const ten = lacks.filter(name => name.startsWith('qemu'))
  const late = ten.length > 0 ? backports() : undefined
  if (late) await addBackports(late)
  await run('apt-get', ['update', '-q'], '', 300_000)
  // QEMU alone comes from backports: everything else stays what the release has.
  const plain = late ? lacks.filter(name => !ten.includes(name)) : lacks
  for (const [packages, suite] of [[plain, undefined] as const, [late ? ten : [], late] as const]) {
    if (packages.length === 0) continue
    const line = `${installLine(packages, suite)} -y -q`
    say(line)
    await run('env', ['DEBIAN_FRONTEND=noninteractive', ...line.split(' ')], '', 900_000)
  }
}

try {
  if (process.getuid?.() === 0 && existsSync('/etc/debian_version')) await install()
  const lacks = await requirements()
  if (lacks) throw new Error(lacks)
  await image(imageCache(process.env), say)
  say('This computer can boot machines.')
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
