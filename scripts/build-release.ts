import { UserError } from '../cluster/errors.ts'
import { buildRelease } from '../cluster/release/build.ts'
import { supportedVersions } from '../cluster/release/pins.ts'
import { cacheOf } from '../cluster/where.ts'

const cache = cacheOf(process.env)
const version = process.env.KUBERNETES_VERSION || supportedVersions[0] || ''
let last = ''
const say = (words: string) => {
  if (words !== last) console.error(words)
  last = words
}
try {
  if (!supportedVersions.includes(version))
    throw new UserError(`KUBERNETES_VERSION=${version} is not supported; there is ${supportedVersions.join(', ')}.`, 2)
  for (const path of await buildRelease(version, 'amd64', cache, say)) console.log(path)
} catch (error) {
  if (!(error instanceof UserError)) throw error
  console.error(error.message)
  process.exitCode = error.exitCode
}
