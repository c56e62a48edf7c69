import { chmod, mkdtemp, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { extract } from 'tar'
import { UserError } from '../errors.ts'
import { fileOf, parts } from './parts.ts'

const inside = 'kubernetes/server/bin/kubectl'
const holder = parts.find(({ kubernetes }) => kubernetes?.includes('kubectl'))

/**
 * kubectl as it came with the release that this computer keeps, for a person who has none: taken out of it once.
 * @returns its path. @throws UserError when no release is kept.
 */
export async function keptKubectl(cache: string, version: string): Promise<string> {
  const folder = join(cache, 'releases', version)
  const program = join(folder, 'kubectl')
  if (await exists(program)) return program
  const tarball = join(folder, holder ? fileOf({ part: holder, arch: 'amd64' }) : '')
  if (!(await exists(tarball)))
    throw new UserError(
      `There is no kubectl in the PATH, and no release of Kubernetes ${version} in ${folder} to take one from; install kubectl, or set KUBECTL to its path.`,
    )
  const unfinished = await mkdtemp(join(folder, '.kubectl-'))
  try {
    await extract({ file: tarball, cwd: unfinished }, [inside])
    await chmod(join(unfinished, inside), 0o755)
    await rename(join(unfinished, inside), program)
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
  return program
}

const exists = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined
