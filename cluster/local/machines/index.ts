/** What the rest of the project may call. */

export { imageCache, stateDirectory } from '../../where.ts'
export { following, startMachines, stopMachines } from './lifetime.ts'
export { prepare } from './prepare.ts'
export { reach } from './reach.ts'
export { requirements } from './requirements.ts'
export { requireRoom } from './room.ts'
export { find, status } from './status.ts'
