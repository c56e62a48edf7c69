/** npm run local:console -- INSTANCE: what the machine wrote on its serial console, and what it writes from now on. */
import { spawn } from 'node:child_process'
import { find, stateDirectory } from '../index.ts'
import { machinePlaces, places } from '../places.ts'

try {
  const dir = stateDirectory(process.env)
  const { instance } = find(dir, process.argv[2])
  const follow = process.stdout.isTTY ? ['-F'] : []
  const args = ['-n', '+1', ...follow, machinePlaces(places(dir), instance).console]
  spawn('tail', args, { stdio: 'inherit' }).on('exit', code => process.exit(code ?? 1))
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
