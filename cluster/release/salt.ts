import { chmod, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Architecture } from '../aws/images.ts'
import pins from './pins.json' with { type: 'json' }
import { compilePython } from './python.ts'
import { run } from './run.ts'
import parts from './salt.json' with { type: 'json' }

const install = 'On Debian and Ubuntu: apt-get install python3 python3-venv.'

/**
 * Masterless Salt from the Python package index, for the Python that the machine's Debian has. Only what `salt-call --local`
 * needs is kept: Salt looks through all its modules for one that fits the machine, which takes long on an emulated one.
 * @param folder becomes `salt/` of the components. @throws UserError when Python or a package cannot be had.
 */
export async function buildSalt(arch: Architecture, work: string, folder: string, say: (words: string) => void) {
  const python = join(work, 'python', 'bin', 'python')
  const env = { PIP_DISABLE_PIP_VERSION_CHECK: '1', PYTHONDONTWRITEBYTECODE: '1' }
  const pip = (...args: string[]) =>
    run(python, ['-m', 'pip', ...args, '--quiet'], { env, deadline: 20 * 60_000, install })
  const packages = join(folder, 'site-packages')
  say(`building Salt ${pins.salt}`)
  await rm(folder, { recursive: true, force: true })
  await mkdir(packages, { recursive: true })
  if (!(await stat(python).catch(() => undefined)))
    await run('python3', ['-m', 'venv', join(work, 'python')], { install })
  // Salt itself is published as source; it has no compiled part, so any Python can make the wheel.
  const wheels = join(work, `salt-${pins.salt}`)
  await pip('wheel', `salt==${pins.salt}`, '--no-deps', '--wheel-dir', wheels)
  const requirements = join(work, 'salt-requirements.txt')
  await writeFile(requirements, [`salt==${pins.salt}`, ...parts.requirements, ''].join('\n'))
  const machine = { amd64: 'x86_64', arm64: 'aarch64' }[arch]
  const platforms = ['manylinux_2_28', 'manylinux2014'].flatMap(name => ['--platform', `${name}_${machine}`])
  const forGuest = ['--python-version', pins.python, '--implementation', 'cp', ...platforms, '--only-binary', ':all:']
  await pip(
    ...['install', '--target', packages, ...forGuest, '--no-deps', '--no-compile'],
    ...['--find-links', wheels, '--requirement', requirements],
  )
  await keepOnly(join(packages, 'salt', 'modules'), parts.modules)
  await keepOnly(join(packages, 'salt', 'states'), parts.states)
  for (const name of parts.without) await keepOnly(join(packages, 'salt', name), [])
  for (const name of await readdir(packages))
    if (name.endsWith('.dist-info') || name === 'bin' || name === 'share')
      await rm(join(packages, name), { recursive: true })
  await compilePython(packages, work)
  const command = join(folder, 'salt-call')
  await writeFile(command, await readFile(new URL('salt-call.sh', import.meta.url)))
  await chmod(command, 0o755)
}

async function keepOnly(folder: string, names: readonly string[]): Promise<void> {
  const kept = new Set(['__init__', ...names].map(name => `${name}.py`))
  for (const name of await readdir(folder)) if (!kept.has(name)) await rm(join(folder, name), { recursive: true })
}
