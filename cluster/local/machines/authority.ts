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
    known.catch(() => made.delete(name))
    return known
  }
}

const issue = async (cache: string, name: string) => {
  if (!/^[a-z0-9.-]{1,250}$/i.test(name)) throw new Error(`${name} is no host name.`)
  const ca = await authority(cache)
  const dir = mkdtempSync(join(tmpdir(), 'kube-up-'))
  const at = (file: string) => join(dir, file)
  try {
    writeFileSync(at('index'), '')
    writeFileSync(
      at('config'),
      [
        '[local]',
        `database = ${at('index')}`,
        `new_certs_dir = ${dir}`,
        'default_md = sha256',
        'rand_serial = yes',
        'policy = any',
        'x509_extensions = names',
        '[any]',
        'commonName = supplied',
        '[names]',
        `subjectAltName = DNS:${name}`,
        '',
      ].join('\n'),
    )
    const request = ['-nodes', '-subj', '/CN=kube-up', '-keyout', at('key'), '-out', at('request')]
    await run('openssl', ['req', '-new', ...ec, ...request])
    const signer = ['-name', 'local', '-config', at('config'), '-cert', ca.certificateFile, '-keyfile', ca.keyFile]
    // A guest's clock starts with the whole second, so to some of them a certificate of now would be one of tomorrow.
    const valid = ['-startdate', day(-1), '-enddate', day(365)]
    await run('openssl', ['ca', '-batch', '-notext', ...signer, ...valid, '-in', at('request'), '-out', at('cert')])
    return createSecureContext({
      key: readFileSync(at('key')),
      cert: readFileSync(at('cert'), 'utf8') + ca.certificate,
    })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const day = (offset: number) =>
  `${new Date(Date.now() + offset * 86_400_000).toISOString().replace(/[-:T]/g, '').slice(0, 14)}Z`
