import { existsSync, readFileSync } from 'node:fs'
import { mayOwnNamespaces } from './rights.ts'
import { run } from './tools.ts'

export interface Tool {
  readonly name: string
  readonly debian: string
  readonly works: () => Promise<boolean>
}

const answers = (command: string, ...args: string[]) =>
  run(command, args).then(
    () => true,
    () => false,
  )

/** QEMU 7.2 cannot emulate a CPU that today's Debian boots on: it stalls or faults. 10 can. */
const newest = async () => Number(/version (\d+)/.exec(await run('qemu-system-x86_64', ['--version']))?.[1] ?? 0)
const qemu10 = () =>
  newest()
    .then(major => major >= 10)
    .catch(() => false)

const keys = '/usr/share/keyrings/debian-archive-keyring.gpg'

/** What machines take. */
export const forMachines: readonly Tool[] = [
  { name: 'QEMU 10 or newer', debian: 'qemu-system-x86', works: qemu10 },
  { name: 'qemu-img', debian: 'qemu-utils', works: () => answers('qemu-img', '--version') },
  { name: 'mmdebstrap', debian: 'mmdebstrap', works: () => answers('mmdebstrap', '--version') },
  // What mmdebstrap checks packages with; Debian has it anyway.
  { name: "the keys of Debian's archive", debian: 'debian-archive-keyring', works: async () => existsSync(keys) },
  { name: 'mke2fs', debian: 'e2fsprogs', works: () => answers('mke2fs', '-V') },
  { name: 'dnsmasq', debian: 'dnsmasq-base', works: () => answers('dnsmasq', '--version') },
  { name: 'nft', debian: 'nftables', works: () => answers('nft', '--version') },
  { name: 'ip', debian: 'iproute2', works: () => answers('ip', '-V') },
  { name: 'slirp4netns', debian: 'slirp4netns', works: () => answers('slirp4netns', '--version') },
  { name: 'openssl', debian: 'openssl', works: () => answers('openssl', 'version') },
  { name: 'ssh', debian: 'openssh-client', works: () => answers('ssh', '-V') },
]

/** What a release is built with, where the official one cannot be reached; beside Go and Python, which come from elsewhere. */
export const forBuilding: readonly Tool[] = [
  ...forMachines.filter(({ debian }) => debian === 'mmdebstrap' || debian === 'debian-archive-keyring'),
  { name: 'gcc', debian: 'gcc', works: () => answers('gcc', '--version') },
  { name: "the C library's headers", debian: 'libc6-dev', works: async () => existsSync('/usr/include/stdio.h') },
  { name: 'venv of Python', debian: 'python3-venv', works: () => answers('python3', '-c', 'import ensurepip, venv') },
]

export const installLine = (packages: readonly string[], backports: string | undefined) =>
  `apt-get install --no-install-recommends ${backports ? `-t ${backports} ` : ''}${packages.join(' ')}`

const osRelease = (file = '/etc/os-release') => {
  try {
    const text = readFileSync(file, 'utf8')
    const value = (key: string) => new RegExp(`^${key}="?([^"\\n]*)"?$`, 'm').exec(text)?.[1] ?? ''
    return { id: value('ID'), codename: value('VERSION_CODENAME'), version: Number(value('VERSION_ID')) }
  } catch {
    return { id: '', codename: '', version: 0 }
  }
}

/** Debian 12's own QEMU is 7.2; Debian 13 has 10. Only then backports are asked for. */
export const backports = (os = osRelease()) =>
  os.id === 'debian' && os.version < 13 ? `${os.codename}-backports` : undefined

/** Where no package will do. Ubuntu has no backports of QEMU. */
export const tooOld = (os = osRelease()) =>
  os.id === 'ubuntu' && os.version < 25.1
    ? " Ubuntu's own QEMU is new enough since 25.10; on an older one put QEMU 10 in the PATH yourself."
    : ''

/** What this host lacks of some tools. Empty when nothing. */
export const missing = async (tools: readonly Tool[] = forMachines) => {
  const works = await Promise.all(tools.map(tool => tool.works()))
  return tools.filter((_, at) => !works[at])
}

/** One message with everything that is missing and the line that installs it; nothing when the host is ready. */
export const requirements = async (
  uid = process.getuid?.() ?? -1,
  mayOwn: () => Promise<boolean> = mayOwnNamespaces,
): Promise<string | undefined> => {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    return `Machines boot on Linux on x86-64 only, and this is ${process.platform} on ${process.arch}.`
  const lacks = await missing()
  const needs: string[] = []
  if (lacks.length > 0) {
    const packages = lacks.map(tool => tool.debian)
    const qemu = packages.includes('qemu-system-x86')
    const late = packages.some(name => name.startsWith('qemu')) ? backports() : undefined
    needs.push(
      `This computer lacks ${lacks.map(tool => tool.name).join(', ')}. On Debian or Ubuntu, as root: ` +
        `${installLine(packages, late)} (npm run local:setup does it${late ? `, and adds ${late} first` : ''}).${qemu ? tooOld() : ''}`,
    )
  }
  if (uid !== 0 && !(await mayOwn()))
    needs.push(
      'Machines need a network namespace, which this computer lets only root make: run the same command with sudo -E.',
    )
  return needs.length > 0 ? needs.join('\n') : undefined
}
