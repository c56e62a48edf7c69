import { UserError } from '../../errors.ts'
import { type Env, imageCache } from '../../where.ts'
import { type Image, image } from './image.ts'
import { install, mayInstall } from './install.ts'
import { forBuilding, requirements } from './requirements.ts'
import { run } from './tools.ts'

/**
 * Everything that machines need of this computer, from nothing: programs (installed where we may) and the image. A minute or
 * two the first time, nothing afterwards. @throws UserError with all that is missing, and the line that installs it.
 */
export const prepare = async (env: Env, say: (line: string) => void): Promise<Image> => {
  if ((await requirements()) && mayInstall(env)) await install(say)
  const lacks = await requirements()
  if (lacks) throw new UserError(lacks)
  const cache = imageCache(env)
  const made = await image(cache, say)
  // What sudo made for a person is that person's.
  if (env.SUDO_UID && process.getuid?.() === 0) await run('chown', ['-R', `${env.SUDO_UID}:${env.SUDO_GID}`, cache])
  return made
}

/** What a release is built with, installed where we may. What is missing still, the build names when it comes to it. */
export const prepareBuild = async (env: Env, say: (line: string) => void): Promise<void> => {
  if (mayInstall(env)) await install(say, forBuilding)
}
