import { type Variable, variables } from './aws/config-default.ts'

type Options = Readonly<Record<string, { means: string }>>

/** What a default is, in words. */
export const defaultInWords = ({ inWords, default: value }: Variable<unknown>): string =>
  inWords ?? (typeof value === 'string' ? value : '')

/** What `--help` prints: the command, its options, and every variable. Pure. */
export function help(name: string, does: string, options: Options): string {
  const flags = Object.entries(options).map(([flag, { means }]) => `  --${flag.padEnd(10)} ${means}`)
  const settings = Object.entries(variables).map(
    ([variable, of]) => `  ${variable} (${defaultInWords(of)})\n      ${of.means}`,
  )
  return [
    `${name}: ${does}`,
    '',
    'Options',
    ...flags,
    '',
    'Variables, from the environment or from .env (default)',
    '  KUBE_CONFIG_FILE (config-default.ts)\n      Which defaults: config-default.ts, or config-test.ts, the small variant',
    ...settings,
  ].join('\n')
}

/** The README's table of the same variables. Pure. */
export const markdownTable = (): string =>
  [
    '| Variable | Default | Meaning |',
    '| --- | --- | --- |',
    ...Object.entries(variables).map(
      ([name, of]) => `| \`${name}\` | ${defaultInWords(of)} | ${of.means.replaceAll('|', '\\|')} |`,
    ),
  ].join('\n')
