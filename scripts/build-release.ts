import { config } from '../cluster/aws/config-default.ts'
import { UserError } from '../cluster/errors.ts'
import { buildRelease } from '../cluster/release/build.ts'
import { wantedParts } from '../cluster/release/parts.ts'
import { cacheOf } from '../cluster/where.ts'

const cache = cacheOf(process.env)
let last = ''
const say = (words: string) => {
  if (words !== last) console.error(words)
  last = words
}
try {
  const settings = config(process.env)
  const pieces = wantedParts(settings).map(part => ({ part, arch: 'amd64' as const }))
  for (const { path } of await buildRelease(settings.KUBERNETES_VERSION, pieces, cache, say)) console.log(path)
} catch (error) {
  if (!(error instanceof UserError)) throw error
  console.error(error.message)
  process.exitCode = error.exitCode
}
