import { existsSync, writeFileSync } from 'node:fs'
import { UserError } from '../../errors.ts'
import type { Env } from '../../where.ts'
import { backports, installLine, missing, type Tool } from './requirements.ts'
import { run } from './tools.ts'

/** Whether we may install packages here: as root, on Debian or Ubuntu, unless the person forbids it. */
export const mayInstall = (env: Env, uid = process.getuid?.() ?? -1, debian = existsSync('/etc/debian_version')) =>
  uid === 0 && debian && process.arch === 'x64' && env.KUBE_LOCAL_INSTALL !== 'false'

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

/** Installs what this host lacks, and says so. @throws UserError with apt's own words when that fails. */
export const install = async (say: (line: string) => void, tools?: readonly Tool[]) => {
  const lacks = (await missing(tools)).map(tool => tool.debian)
  if (lacks.length === 0) return
  say(`installing ${lacks.join(', ')} (KUBE_LOCAL_INSTALL=false forbids it)`)
  try {
    const ten = lacks.filter(name => name.startsWith('qemu'))
    const late = ten.length > 0 ? backports() : undefined
    // A fresh computer's apt knows no package lists, and without them not where the release came from either.
    await run('apt-get', ['update', '-q'], '', 300_000)
    if (late) {
      await addBackports(late)
      await run('apt-get', ['update', '-q'], '', 300_000)
    }
    // QEMU alone comes from backports: everything else stays what the release has.
    const plain = late ? lacks.filter(name => !ten.includes(name)) : lacks
    for (const [packages, suite] of [[plain, undefined] as const, [late ? ten : [], late] as const]) {
      if (packages.length === 0) continue
      const line = `${installLine(packages, suite)} -y -q`
      say(line)
      // A computer that has just started may be installing its own upgrades.
      const patience = ['-o', 'DPkg::Lock::Timeout=600']
      await run('env', ['DEBIAN_FRONTEND=noninteractive', ...line.split(' '), ...patience], '', 1_800_000)
    }
  } catch (error) {
    const late = backports()
    throw new UserError(
      `${lacks.join(', ')} could not be installed: ${(error as Error).message} Install it yourself` +
        `${late ? `, QEMU from ${late},` : ''} and run this again: ${installLine(lacks, undefined)}`,
    )
  }
}
