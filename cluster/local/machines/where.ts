import { homedir } from 'node:os'
import { join } from 'node:path'

export type Env = Readonly<Record<string, string | undefined>>

const cacheOf = (env: Env) => join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kube-up')

/** Where images are kept: they cost a minute each, so no cluster's end removes them. */
export const imageCache = (env: Env) => env.KUBE_LOCAL_IMAGES || join(cacheOf(env), 'images')

/** Where a local AWS keeps its state when nobody says otherwise. */
export const stateDirectory = (env: Env) => env.KUBE_LOCAL_FOLDER || join(cacheOf(env), 'local')
