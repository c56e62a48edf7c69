import { fileURLToPath } from 'node:url'

/** The command that runs one of our TypeScript files as a process of its own. */
export const typescript = (script: URL, ...args: string[]) => [
  process.execPath,
  '--no-warnings',
  '--import',
  import.meta.resolve('tsx'),
  fileURLToPath(script),
  ...args,
]
