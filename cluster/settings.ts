import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { parse } from 'dotenv'
import { type Env, shown } from './aws/config.ts'
import { type Config, config as defaults } from './aws/config-default.ts'
import { config as forTests } from './aws/config-test.ts'
import { UserError } from './errors.ts'

/** The options that a command was called with. @throws UserError for one that it does not have. */
export function optionsOf(
  command: string,
  options: Readonly<Record<string, { type: 'boolean' }>>,
): Record<string, boolean> {
  try {
    return parseArgs({ options }).values as Record<string, boolean>
  } catch (error) {
    throw new UserError(`${(error as Error).message.split('.')[0]}. ${command} --help lists what there is.`, 2)
  }
}

/** The environment, and below it what `.env` adds: it never overrides. */
export async function environment(folder: string, env: Env): Promise<Env> {
  try {
    return { ...parse(await readFile(join(folder, '.env'))), ...env }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return env
    throw new UserError(`.env cannot be read (${(error as Error).message}); mend or remove it.`, 2)
  }
}

/** @throws UserError for a configuration that does not exist, and for every setting that is wrong. */
export function settings(env: Env): Config {
  const name = env.KUBE_CONFIG_FILE || 'config-default.ts'
  const chosen = name === 'config-default.ts' ? defaults : name === 'config-test.ts' ? forTests : undefined
  if (!chosen)
    throw new UserError(
      `KUBE_CONFIG_FILE=${shown(name)} is not known; there are config-default.ts and config-test.ts.`,
      2,
    )
  return chosen(env)
}
