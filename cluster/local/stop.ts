import { homedir } from 'node:os'
import { join } from 'node:path'
import { stopLocalAws } from './aws.ts'

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kube-up')
const folder = process.env.KUBE_LOCAL_FOLDER || join(cache, 'local')
const { stopMachines } = await import('./machines/index.ts')
await stopMachines(folder)
const stopped = await stopLocalAws(folder)
console.log(stopped ? 'The local AWS is stopped, and everything in it is gone.' : 'The local AWS was not running.')
