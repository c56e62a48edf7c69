import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { run } from './tools.ts'

/**
 * The certificate authority that machines trust for https://s3.REGION.amazonaws.com and its like. Made on this computer,
 * known only to images built on it, and of no use elsewhere.
 */
export const authority = async (cache: string) => {
  mkdirSync(cache, { recursive: true })
  const keyFile = join(cache, 'ca.key')
  const certificateFile = join(cache, 'ca.crt')
  if (!existsSync(certificateFile)) {
    const subject = ['-subj', '/CN=kube-up local AWS', '-days', '3650', '-nodes']
    await run('openssl', ['req', '-x509', ...ec, ...subject, '-keyout', keyFile, '-out', `${certificateFile}.new`])
    await run('mv', [`${certificateFile}.new`, certificateFile])
  }
  return { keyFile, certificateFile, certificate: readFileSync(certificateFile, 'utf8') }
}

// P-256: an RSA handshake takes an emulated CPU noticeably longer.
const ec = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1']

/** A certificate for each name that a machine asks for, made when it is asked for and kept. */
export const certificates = (cache: string) => {
  const made = new Map<string, Promise<SecureContext>>()
  return (name: string) => {
    const known = made.get(name) ?? issue(cache, name)
    made.set(name, known)
    return known
  }
}

const issue = async (cache: string, name: string) => {
  if (!/^[a-z0-9.-]{1,250}$/i.test(name)) throw new Error(`${name} is no host name.`)
  const ca = await authority(cache)
  const dir = mkdtempSync(join(tmpdir(), 'kube-up-'))
  try {
    const [key, request, extensions] = [join(dir, 'key'), join(dir, 'csr'), join(dir, 'ext')]
    writeFileSync(extensions, `subjectAltName=DNS:${name}\n`)
    await run('openssl', ['req', '-new', ...ec, '-nodes', '-subj', '/CN=kube-up', '-keyout', key, '-out', request])
    const signing = ['-req', '-in', request, '-CA', ca.certificateFile, '-CAkey', ca.keyFile, '-days', '365']
    const cert = await run('openssl', ['x509', ...signing, '-set_serial', `0x${serial()}`, '-extfile', extensions])
    return createSecureContext({ key: readFileSync(key), cert: cert + ca.certificate })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const serial = () => Array.from({ length: 16 }, () => Math.floor(Math.random() * 16).toString(16)).join('')
