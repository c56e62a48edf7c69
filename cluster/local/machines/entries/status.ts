/** npm run local:status: the machines of this computer, one line each. */
import { stateDirectory, status } from '../index.ts'

const { daemon, machines } = status(stateDirectory(process.env))
console.log(daemon ? `Follows ${daemon.endpoint}; public addresses answer through ${daemon.proxy}.` : 'Nothing runs.')
const table = machines.map(one => ({
  instance: one.instance,
  name: one.name ?? '',
  type: one.type,
  private: one.address,
  public: one.publicAddress ?? '',
  stage: one.stage,
  memory: `${one.residentMiB} of ${one.memoryMiB} MiB`,
}))
if (table.length > 0) console.table(table)
