import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { pythonWith } from '../../cluster/local/python.ts'
import { cache } from './aws.ts'

/**
 * The real AWS CLI. @returns a folder for PATH with `aws` in it.
 * The one that pip writes names the folder that it was installed in, which has another name since.
 */
export async function awsCommand(folder: string): Promise<string> {
  const requirements = fileURLToPath(new URL('aws-cli.txt', import.meta.url))
  const python = await pythonWith(cache, 'awscli', requirements, () => {})
  const bin = join(folder, 'bin')
  await mkdir(bin, { recursive: true })
  await writeFile(join(bin, 'aws'), `#!/bin/sh\nexec '${python}' -m awscli "$@"\n`, { mode: 0o755 })
  return bin
}
