import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { $ } from 'zx/core'
import { UserError } from '../errors.ts'

const requirements = fileURLToPath(new URL('requirements.txt', import.meta.url))

/**
 * A Python with moto in it, made once in the cache and named by what is in it.
 * @param say is told when that takes a while. @returns its path. @throws UserError when Python or a package cannot be had.
 */
export const pythonWithMoto = (cache: string, say: (words: string) => void): Promise<string> =>
  pythonWith(cache, 'moto', requirements, say)

/** A Python with the packages of a requirements file, as above. */
export async function pythonWith(
  cache: string,
  what: string,
  requirements: string,
  say: (words: string) => void,
): Promise<string> {
  const hash = createHash('sha256')
    .update(await readFile(requirements))
    .digest('hex')
    .slice(0, 12)
  const folder = join(cache, `${what}-${hash}`)
  const python = join(folder, 'bin', 'python')
  if (await exists(python)) return python
  say(`installing ${what} for the local AWS, once`)
  await mkdir(cache, { recursive: true })
  // Under a name of this process's own, and renamed when whole: a run that is cut off leaves nothing that looks finished.
  const unfinished = `${folder}.${process.pid}`
  try {
    await run('make a virtual environment', ['python3', '-m', 'venv', unfinished])
    await run(`install ${what}`, [
      join(unfinished, 'bin', 'python'),
      '-m',
      'pip',
      'install',
      '--quiet',
      '--requirement',
      requirements,
    ])
    await rename(unfinished, folder).catch(async error => {
      if (!(await exists(python))) throw error
    })
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return python
}

const exists = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined

async function run(what: string, command: string[]): Promise<void> {
  const done = await $({ quiet: true, nothrow: true })`${command}`
  if (done.ok) return
  const said = `${done.stderr}${done.stdout}`.trim().split('\n').at(-1) ?? ''
  throw new UserError(
    `The local AWS needs Python 3.10 or newer with its venv module, and it could not ${what}: ${said} On Debian and Ubuntu: apt-get install python3 python3-venv.`,
  )
}
