import { createPrivateKey, createPublicKey, randomBytes, randomInt, X509Certificate } from 'node:crypto'
import { type Leaf, type Name, newAuthority, newKey, newLeaf, type Pair } from './signing.ts'

/** The files of a cluster's identity: contents by name, PEM where it is a key or a certificate. The names are kubeadm's. */
export type Files = Readonly<Record<string, string>>

interface Authority {
  readonly file: string
  readonly name: Name
  /** Whether its key is kept, as the machines sign with it themselves. An authority without a key is made anew with all its leaves. */
  readonly keepsKey: boolean
  readonly leaves: readonly Leaf[]
}

/** So that a cluster that is looked after once a month never meets an end. */
const spareMilliseconds = 30 * 24 * 3600 * 1000

/**
 * Who signs what, with the names and groups that Kubernetes' own roles are bound to:
 * https://kubernetes.io/docs/setup/best-practices/certificates/
 */
const authorities = (reachedBy: readonly string[]): readonly Authority[] => [
  {
    file: 'ca',
    name: ['kubernetes'],
    keepsKey: true,
    leaves: [
      { file: 'apiserver', name: ['kube-apiserver'], usages: ['serverAuth'], reachedBy },
      {
        file: 'apiserver-kubelet-client',
        name: ['kube-apiserver-kubelet-client', 'system:masters'],
        usages: ['clientAuth'],
      },
      { file: 'controller-manager', name: ['system:kube-controller-manager'], usages: ['clientAuth'] },
      { file: 'scheduler', name: ['system:kube-scheduler'], usages: ['clientAuth'] },
      { file: 'admin', name: ['kubernetes-admin', 'system:masters'], usages: ['clientAuth'] },
    ],
  },
  {
    file: 'front-proxy-ca',
    name: ['front-proxy-ca'],
    keepsKey: false,
    leaves: [{ file: 'front-proxy-client', name: ['front-proxy-client'], usages: ['clientAuth'] }],
  },
  {
    file: 'etcd/ca',
    name: ['etcd-ca'],
    keepsKey: false,
    leaves: [
      {
        file: 'etcd/server',
        name: ['etcd'],
        // etcd's gateway is a client of its own server, with the server's certificate.
        usages: ['serverAuth', 'clientAuth'],
        reachedBy: ['localhost', '127.0.0.1'],
      },
      { file: 'apiserver-etcd-client', name: ['kube-apiserver-etcd-client'], usages: ['clientAuth'] },
    ],
  },
]

/**
 * The identity of a cluster: made where there is none, signed anew where it must be, and else the very same object.
 * @param reachedBy DNS names and IPv4 addresses of the API server.
 */
export async function identityFiles(
  there: Files | undefined,
  reachedBy: readonly string[],
  now = new Date(),
): Promise<Files> {
  const stale = new Set(outdated(there ?? {}, reachedBy, now))
  if (there && stale.size === 0) return there
  const files: Record<string, string> = { ...(there ?? (await secrets())) }
  const put = (file: string, { certificate, key }: Pair, keepsKey: boolean) => {
    files[`${file}.crt`] = certificate
    if (keepsKey) files[`${file}.key`] = key
  }
  for (const { file, name, keepsKey, leaves } of authorities(reachedBy)) {
    const signed = leaves.filter(leaf => stale.has(leaf.file))
    if (signed.length === 0) continue
    const kept = { certificate: files[`${file}.crt`] ?? '', key: files[`${file}.key`] ?? '' }
    const authority = stale.has(file) ? await newAuthority(name, now) : kept
    put(file, authority, keepsKey)
    for (const leaf of signed) put(leaf.file, await newLeaf(leaf, authority, now), true)
  }
  return files
}

/**
 * What has to be signed anew for a master that is reached by these names, by the files' names; with an authority goes all
 * that it signed. Everything when there is nothing yet, none when all is well. Pure.
 */
export const outdated = (files: Files, reachedBy: readonly string[], now = new Date()): string[] =>
  authorities(reachedBy).flatMap(({ file, keepsKey, leaves }) => {
    const authority = { file, key: keepsKey, signer: files[`${file}.crt`], reachedBy: [] }
    const stale = leaves.filter(
      leaf => !isGood(files, { key: true, reachedBy: [], ...leaf, signer: authority.signer }, now),
    )
    const whole = !isGood(files, authority, now) || (stale.length > 0 && !keepsKey)
    return whole ? [file, ...leaves.map(leaf => leaf.file)] : stale.map(leaf => leaf.file)
  })

interface Wanted {
  readonly file: string
  readonly signer: string | undefined
  readonly reachedBy: readonly string[]
  /** Whether its key has to be there. */
  readonly key: boolean
}

/** Whether a certificate is there, belongs to its key, was signed by this signer for these names, and lasts a while. */
function isGood(files: Files, { file, signer, reachedBy, key }: Wanted, now: Date): boolean {
  const [pem, itsKey] = [files[`${file}.crt`], files[`${file}.key`]]
  if (!pem || !signer || (key && !itsKey)) return false
  const certificate = new X509Certificate(pem)
  return (
    (!key || certificate.checkPrivateKey(createPrivateKey(itsKey ?? ''))) &&
    certificate.verify(new X509Certificate(signer).publicKey) &&
    Date.parse(certificate.validTo) - now.getTime() >= spareMilliseconds &&
    // Node shows them as `DNS:kubernetes, IP Address:10.0.0.1`.
    names((certificate.subjectAltName ?? '').replace(/(DNS|IP Address):/g, '').split(', ')) === names(reachedBy)
  )
}

const names = (of: readonly string[]): string => [...new Set(of)].filter(Boolean).sort().join()

/** What is made once for the life of the cluster: what it signs tokens with, what it encrypts with, and what nodes join with. */
async function secrets(): Promise<Files> {
  const key = await newKey()
  const random = (length: number) =>
    Array.from({ length }, () => 'abcdefghijklmnopqrstuvwxyz0123456789'[randomInt(36)]).join('')
  return {
    'sa.key': key,
    'sa.pub': createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    'encryption-key': randomBytes(32).toString('base64'),
    'bootstrap-token': `${random(6)}.${random(16)}`,
  }
}
