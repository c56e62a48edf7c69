import { createPrivateKey, webcrypto } from 'node:crypto'
import { isIPv4 } from 'node:net'

/** Kubernetes takes the common name for a user's, and the organization for the group's. */
export type Name = readonly [common: string, organization?: string]

/** A certificate that signs nothing itself. */
export interface Leaf {
  /** Its file's name without an end; the key's is alike. */
  readonly file: string
  readonly name: Name
  readonly usages: readonly ('serverAuth' | 'clientAuth')[]
  /** The names and addresses that a server is reached by. */
  readonly reachedBy?: readonly string[]
}

/** A certificate and its key, PEM both. */
export interface Pair {
  readonly certificate: string
  readonly key: string
}

const day = 24 * 3600 * 1000
/** Guests' clocks may be behind this computer's, and what is not valid yet is refused. */
const early = 3600 * 1000
const leafDays = 365
const authorityDays = 10 * 365

const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }

/** Loaded when something is to be signed, which a second kube-up seldom does. The library cannot do without the polyfill. */
async function library() {
  await import('reflect-metadata')
  return import('@peculiar/x509')
}

/** A key of its own, PEM: ECDSA P-256, which every part of Kubernetes accepts and which signs in no time. */
export const newKey = async (): Promise<string> => toPem((await newKeys()).privateKey)

/** An authority that signs itself, for ten years. */
export async function newAuthority(name: Name, now: Date): Promise<Pair> {
  const x509 = await library()
  const keys = await newKeys()
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: distinguished(name),
    keys,
    ...span(authorityDays, now),
    signingAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: await toPem(keys.privateKey) }
}

/** A certificate that the authority signs, for a year. */
export async function newLeaf({ name, usages, reachedBy = [] }: Leaf, authority: Pair, now: Date): Promise<Pair> {
  const x509 = await library()
  const keys = await newKeys()
  const issuer = new x509.X509Certificate(authority.certificate)
  const names = [...new Set(reachedBy)].map(value => ({ type: isIPv4(value) ? 'ip' : 'dns', value }) as const)
  const certificate = await x509.X509CertificateGenerator.create({
    subject: distinguished(name),
    issuer: issuer.subject,
    publicKey: keys.publicKey,
    signingKey: await fromPem(authority.key),
    ...span(leafDays, now),
    signingAlgorithm,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension(usages.map(usage => x509.ExtendedKeyUsage[usage])),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
    ],
  })
  return { certificate: `${certificate.toString('pem')}\n`, key: await toPem(keys.privateKey) }
}

const distinguished = ([common, organization]: Name) => [
  ...(organization ? [{ O: [organization] }] : []),
  { CN: [common] },
]

const span = (days: number, now: Date) => ({
  notBefore: new Date(now.getTime() - early),
  notAfter: new Date(now.getTime() + days * day),
})

const newKeys = (): Promise<webcrypto.CryptoKeyPair> =>
  webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])

async function toPem(key: webcrypto.CryptoKey): Promise<string> {
  const der = Buffer.from(await webcrypto.subtle.exportKey('pkcs8', key))
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
    .export({ type: 'pkcs8', format: 'pem' })
    .toString()
}

const fromPem = (pem: string): Promise<webcrypto.CryptoKey> =>
  webcrypto.subtle.importKey('pkcs8', createPrivateKey(pem).export({ type: 'pkcs8', format: 'der' }), algorithm, true, [
    'sign',
  ])
