import { stateDirectory } from '../where.ts'
import { stopLocalAws } from './aws.ts'
import { stopMachines } from './machines/index.ts'

const folder = stateDirectory(process.env)
const machines = await stopMachines(folder)
const stopped = await stopLocalAws(folder)
const left = machines
  ? 'The local AWS was not running; what its machines had left is gone.'
  : 'The local AWS was not running.'
console.log(stopped ? 'The local AWS is stopped, and everything in it is gone.' : left)
