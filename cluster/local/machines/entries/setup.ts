/** npm run local:setup: install what this host lacks to boot machines, and build their image. */
import { prepare } from '../index.ts'

try {
  await prepare(process.env, line => console.log(line))
  console.log('This computer can boot machines.')
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
