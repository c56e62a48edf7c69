/** npm run local:shell -- INSTANCE [COMMAND]: a shell on the machine, or one command there, with the cluster's key. */
import { spawn } from 'node:child_process'
import { homedir } from 'node:os'
import { find, stateDirectory } from '../index.ts'
import { enter } from '../network/namespace.ts'
import { places } from '../places.ts'

try {
  const dir = stateDirectory(process.env)
  const { address } = find(dir, process.argv[2])
  const key = (process.env.AWS_SSH_KEY || '~/.ssh/kube_aws_rsa').replace(/^~/, homedir())
  // From the subnet's router, as EC2's own serial console: no security group has to be open for it.
  const quiet = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR']
  const ssh = ['ssh', '-i', key, ...quiet, `admin@${address}`, ...process.argv.slice(3)]
  const [command, ...args] = enter(places(dir), ...ssh)
  spawn(command, args, { stdio: 'inherit' }).on('exit', code => process.exit(code ?? 1))
} catch (error) {
  console.error((error as Error).message)
  process.exit(1)
}
