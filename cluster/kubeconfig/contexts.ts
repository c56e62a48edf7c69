import { isDeepStrictEqual } from 'node:util'
import { type Document, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from 'yaml'
import type { Admin } from '../aws/resources/identity.ts'

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

/** Where a context leads, if it is in this kubeconfig. Pure. */
export function found(kubeconfig: string, context: string) {
  const document = parseDocument(kubeconfig)
  const named = (list: string, name: unknown) => {
    const entries = document.get(list)
    const entry = isSeq(entries) && entries.items.find(item => isNamed(item, name))
    return isMap(entry) ? entry : undefined
  }
  const cluster = named('clusters', named('contexts', context)?.getIn(['context', 'cluster']))
  const server = cluster?.getIn(['cluster', 'server'])
  if (typeof server !== 'string') return undefined
  return { server, proxy: cluster?.getIn(['cluster', 'proxy-url']) as string | undefined }
}
