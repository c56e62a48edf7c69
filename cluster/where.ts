import { homedir } from 'node:os'
import { join } from 'node:path'

export type Env = Readonly<Record<string, string | undefined>>

/** Where what was downloaded, built or made once is kept. */
export const cacheOf = (env: Env): string => join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kube-up')

/** Where images are kept: they cost a minute each, so no cluster's end removes them. */
export const imageCache = (env: Env): string => env.KUBE_LOCAL_IMAGES || join(cacheOf(env), 'images')

/** Where a local AWS keeps its state when nobody says otherwise. */
export const stateDirectory = (env: Env): string => env.KUBE_LOCAL_FOLDER || join(cacheOf(env), 'local')
