import { homedir } from 'node:os'
import { join } from 'node:path'
import { stopLocalAws } from './aws.ts'

const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'kube-up')
const folder = process.env.KUBE_LOCAL_FOLDER || join(cache, 'local')
const { stopMachines } = await import('./machines/index.ts')
const machines = await stopMachines(folder)
const stopped = await stopLocalAws(folder)
const left = machines
  ? 'The local AWS was not running; what its machines had left is gone.'
  : 'The local AWS was not running.'
console.log(stopped ? 'The local AWS is stopped, and everything in it is gone.' : left)
