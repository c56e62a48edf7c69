/** What somebody without root does with machines, for rootless.test.ts: start DIR ENDPOINT, status DIR, or stop DIR. */
import { requirements, startMachines, status, stopMachines } from '../../cluster/local/machines/index.ts'

const [what, dir = '', endpoint = ''] = process.argv.slice(2)
const does = async () => {
  if (what === 'lacks') return (await requirements()) ?? ''
  if (what === 'start') return startMachines({ dir, endpoint, outside: false })
  if (what === 'status') return status(dir)
  return stopMachines(dir)
}
console.log(JSON.stringify({ uid: process.getuid?.(), said: await does() }))
