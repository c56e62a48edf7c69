import { closeSync, mkdirSync, openSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Config } from './aws/config-default.ts'
import type { Admin } from './aws/resources/identity.ts'
import { expandHome } from './aws/resources/key-pair.ts'
import { UserError } from './errors.ts'

/** How a person reaches a cluster. */
export interface Access {
  /** `https://` and the master's public address. */
  readonly server: string
  /** An HTTP proxy to go through, where the address exists on this computer only. */
  readonly proxy?: string | undefined
  readonly admin: Admin
}

const lists = ['clusters', 'users', 'contexts'] as const

/** The kubeconfig with this context, its cluster and its user, which have the same name, and the context is the current one; everything else as it was. Pure. @throws Error for what is no kubeconfig. */
export function merged(kubeconfig: string, context: string, { server, proxy, admin }: Access): string {
  const document = parsed(kubeconfig)
  const base64 = (pem: string) => Buffer.from(pem).toString('base64')
  const entries = {
    clusters: {
      cluster: { server, 'certificate-authority-data': base64(admin.ca), ...(proxy && { 'proxy-url': proxy }) },
    },
    users: { user: { 'client-certificate-data': base64(admin.certificate), 'client-key-data': base64(admin.key) } },
    contexts: { context: { cluster: context, user: context } },
  }
  // A file that is empty, or has comments only.
  if (document.contents === null) document.contents = document.createNode({}) as never
  if (!isMap(document.contents)) throw new Error('it is not a kubeconfig')
  for (const [key, value] of [
    ['apiVersion', 'v1'],
    ['kind', 'Config'],
  ] as const)
    if (!document.has(key)) document.set(key, value)
  for (const list of lists) {
    const there = listOf(document, list)
    const at = there.items.findIndex(item => isNamed(item, context))
    const old = there.items[at] as YAMLMap | undefined
    const before = old?.toJSON() as { context?: object } | undefined
    // The namespace that a person chose stays.
    const wanted =
      list === 'contexts' ? { ...before, context: { ...before?.context, ...entries.contexts.context } } : entries[list]
    if (isDeepStrictEqual(before, { name: context, ...wanted })) continue
    const entry = document.createNode({ name: context, ...wanted })
    if (!old) there.add(entry)
    else {
      // So does what a person wrote above or behind it.
      Object.assign(entry, { commentBefore: old.commentBefore, comment: old.comment, spaceBefore: old.spaceBefore })
      there.items[at] = entry
    }
  }
  document.set('current-context', context)
  return written(document)
}

/** A list may be missing, or be `null` as old versions of kubectl wrote it. */
function listOf(document: Document, name: string): YAMLSeq {
  const there = document.get(name)
  if (isSeq(there)) {
    // An empty one can only be written as [].
    if (there.items.length === 0) there.flow = false
    return there
  }
  if (there !== undefined && there !== null) throw new Error(`its ${name} are not a list`)
  const made = document.createNode([]) as YAMLSeq
  document.set(name, made)
  return made
}

/** The kubeconfig without this context, its cluster and its user, which have the same name; everything else as it was. Pure. @throws Error for what is no YAML. */
export function without(kubeconfig: string, context: string): string {
  const document = parsed(kubeconfig)
  for (const list of lists) {
    const entries = document.get(list)
    if (isSeq(entries)) entries.items = entries.items.filter(entry => !isNamed(entry, context))
  }
  if (document.get('current-context') === context) document.set('current-context', '')
  return written(document)
}

const isNamed = (entry: unknown, name: unknown) => isMap(entry) && entry.get('name') === name

function parsed(kubeconfig: string): Document {
  const document = parseDocument(kubeconfig)
  if (document.errors[0]) throw document.errors[0]
  return document as Document
}

/** As kubectl writes it. */
const written = (document: Document) => document.toString({ lineWidth: 0, indentSeq: false })

/** kubectl takes a list of files. */
const files = (KUBECONFIG: string) => KUBECONFIG.split(':').filter(Boolean).map(expandHome)

/** Puts the cluster into the first of the person's kubeconfig files, and makes it the current one. @returns the file's path. */
export async function rememberContext({ KUBECONFIG, KUBE_CONFIG_CONTEXT }: Config, access: Access): Promise<string> {
  const [path = expandHome('~/.kube/config')] = files(KUBECONFIG)
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  await change(path, KUBE_CONFIG_CONTEXT, before => merged(before, KUBE_CONFIG_CONTEXT, access))
  return path
}

/** Takes the cluster out of the person's kubeconfig files, where it is in them. */
export async function forgetContext({ KUBECONFIG, KUBE_CONFIG_CONTEXT }: Config): Promise<void> {
  for (const path of files(KUBECONFIG))
    if (read(path)?.includes(KUBE_CONFIG_CONTEXT))
      await change(path, KUBE_CONFIG_CONTEXT, before => without(before, KUBE_CONFIG_CONTEXT))
}

/** Where the context is, and where it leads, if it is in one of the person's files. */
export function findContext({ KUBECONFIG, KUBE_CONFIG_CONTEXT }: Config) {
  for (const path of files(KUBECONFIG)) {
    const text = read(path)
    if (!text?.includes(KUBE_CONFIG_CONTEXT)) continue
    const document = parseDocument(text)
    const named = (list: string, name: unknown) => {
      const entries = document.get(list)
      const entry = isSeq(entries) && entries.items.find(item => isNamed(item, name))
      return isMap(entry) ? entry : undefined
    }
    const context = named('contexts', KUBE_CONFIG_CONTEXT)
    const cluster = named('clusters', context?.getIn(['context', 'cluster']))
    const server = cluster?.getIn(['cluster', 'server'])
    if (typeof server === 'string')
      return { path, server, proxy: cluster?.getIn(['cluster', 'proxy-url']) as string | undefined }
  }
  return undefined
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/**
 * Changes a kubeconfig under kubectl's own lock, and replaces it whole, so that no reader sees half of it. Whoever holds
 * the lock is waited for; we hold it in one go, so that not even Ctrl-C leaves it behind.
 */
async function change(path: string, context: string, edit: (before: string) => string): Promise<void> {
  // Where it is a link, what it leads to is replaced, and the link stays.
  const file = read(path) === undefined ? path : realpathSync(path)
  const lock = `${path}.lock`
  for (const until = performance.now() + 10_000; ; await sleep(20 + Math.random() * 60)) {
    try {
      closeSync(openSync(lock, 'wx', 0o600))
      break
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      if (performance.now() > until)
        throw new UserError(`${path} is locked by ${lock} for 10 s; when no kubectl is running, delete that file.`)
    }
  }
  try {
    const before = read(file) ?? ''
    const after = edited(path, context, before, edit)
    if (after === before) return
    writeFileSync(`${file}.${process.pid}`, after, { mode: 0o600 })
    renameSync(`${file}.${process.pid}`, file)
  } finally {
    rmSync(lock, { force: true })
  }
}

function edited(path: string, context: string, before: string, edit: (before: string) => string): string {
  try {
    return edit(before)
  } catch (error) {
    const why = (error as Error).message.split('\n')[0]
    throw new UserError(`${path} cannot be read as a kubeconfig (${why}); mend it, or see to ${context} by hand.`)
  }
}
