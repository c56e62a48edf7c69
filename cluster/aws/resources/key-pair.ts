import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname } from 'node:path'
import { $ } from 'zx/core'
import { UserError } from '../../errors.ts'
import { bornAs, type Cluster, ours } from '../cluster.ts'
import { ensure, remove, together } from '../steps.ts'

export interface KeyPair {
  /** Its name, by which instances are launched. */
  readonly id: string
}

/** The only way into a machine, for looking around: AWS keeps the public half, the private half stays on this computer. */
export async function ensureKeyPair(cluster: Cluster): Promise<KeyPair> {
  const publicKey = await localPublicKey(cluster)
  const KeyName = `kubernetes-${cluster.name}-${publicKey === unmade ? '(fingerprint)' : fingerprint(publicKey)}`
  return ensure(cluster, 'key pair', {
    find: async () => {
      const { KeyPairs } = await cluster.ec2.describeKeyPairs({ Filters: [{ Name: 'key-name', Values: [KeyName] }] })
      return KeyPairs?.[0] && { id: KeyName }
    },
    create: async () => {
      await cluster.ec2.importKeyPair({
        KeyName,
        PublicKeyMaterial: Buffer.from(publicKey),
        TagSpecifications: bornAs(cluster, 'key-pair', KeyName),
      })
      return { id: KeyName }
    },
  })
}

/** `~` is the home directory, as in a shell. */
export const expandHome = (path: string): string => path.replace(/^~(?=\/|$)/, homedir())

/** SHA256 of the key as `ssh-keygen -l` prints it, letters and digits only: the name then changes with the key. */
export const fingerprint = (publicKey: string): string => {
  const blob = Buffer.from(publicKey.trim().split(/\s+/)[1] ?? '', 'base64')
  return `SHA256${createHash('sha256').update(blob).digest('base64')}`.replace(/[^A-Za-z0-9]/g, '')
}

/** Stands for a key that a dry run does not make. */
const unmade = '(made by ssh-keygen)'

/** The public half of AWS_SSH_KEY, made when it is missing, but not by a dry run. @throws UserError when it cannot be had. */
export async function localPublicKey({ config, rehearsal }: Pick<Cluster, 'config' | 'rehearsal'>): Promise<string> {
  const path = expandHome(config.AWS_SSH_KEY)
  const dry = rehearsal !== undefined
  const mended = await readFile(`${path}.pub`, 'utf8').catch(ifMissing(path))
  if (mended !== undefined) return mended
  const quiet = $({ quiet: true, nothrow: true, stdio: ['ignore', 'pipe', 'pipe'] })
  if ((await readFile(path, 'utf8').catch(ifMissing(path))) === undefined) {
    if (dry) return unmade
    // EC2 takes RSA keys of 1024, 2048 or 4096 bits.
    const kind = path.endsWith('rsa') ? ['-t', 'rsa', '-b', '4096'] : ['-t', 'ed25519']
    await mkdir(dirname(path), { recursive: true, mode: 0o700 }).catch(error => {
      throw notMade(path, error.message)
    })
    const made = await quiet`ssh-keygen -q ${kind} -N ${''} -C kube-up -f ${path}`
    if (!made.ok) throw notMade(path, made.stderr.trim() || 'ssh-keygen is not installed')
    return readFile(`${path}.pub`, 'utf8')
  }
  const derived = await quiet`ssh-keygen -y -P ${''} -f ${path}`
  if (!derived.ok)
    throw new UserError(
      `${path} has no public half beside it, and it cannot be derived: ${derived.stderr.trim()}. Write it with ssh-keygen -y -f ${path} > ${path}.pub`,
      2,
    )
  if (!dry) await writeFile(`${path}.pub`, derived.stdout)
  return derived.stdout
}

const notMade = (path: string, why: string) =>
  new UserError(
    `No SSH key could be made at ${path}: ${why}. Make one with ssh-keygen, or set AWS_SSH_KEY to one you have.`,
    2,
  )

const ifMissing = (path: string) => (error: NodeJS.ErrnoException) => {
  if (error.code === 'ENOENT') return undefined
  throw new UserError(
    `The SSH key ${path} cannot be read (${error.code}); mend that, or set AWS_SSH_KEY to another.`,
    2,
  )
}

export const deleteKeyPairs = (cluster: Cluster, ids: readonly string[]): Promise<void> =>
  remove(cluster, 'key pair', ids, async KeyPairId => {
    const { KeyPairId: deleted } = await cluster.ec2.deleteKeyPair({ KeyPairId })
    if (deleted === KeyPairId) return
    // Not every endpoint knows a key pair by its id, and AWS says yes even when there was none.
    const { KeyPairs = [] } = await cluster.ec2.describeKeyPairs({
      Filters: [{ Name: 'key-pair-id', Values: [KeyPairId] }, ours(cluster)],
    })
    const mine = KeyPairs.filter(pair => pair.KeyPairId === KeyPairId)
    await together(mine.map(({ KeyName }) => cluster.ec2.deleteKeyPair({ KeyName })))
  })
