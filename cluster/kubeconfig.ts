import { readFile, realpath, rename, writeFile } from 'node:fs/promises'
import { isMap, isSeq, parseDocument } from 'yaml'
import type { Config } from './aws/config-default.ts'
import { expandHome } from './aws/resources/key-pair.ts'
import { UserError } from './errors.ts'

/** The kubeconfig without this context, its cluster and its user, which have the same name; everything else as it was. Pure. @throws Error for what is no YAML. */
export function without(kubeconfig: string, context: string): string {
  const document = parseDocument(kubeconfig)
  if (document.errors[0]) throw document.errors[0]
  for (const list of ['contexts', 'clusters', 'users']) {
    const entries = document.get(list)
    if (!isSeq(entries)) continue
    entries.items = entries.items.filter(entry => !(isMap(entry) && entry.get('name') === context))
  }
  if (document.get('current-context') === context) document.set('current-context', '')
  // As kubectl writes it.
  return document.toString({ lineWidth: 0, indentSeq: false })
}

/** Takes the cluster out of the person's kubeconfig, if it is there. Replaces the file whole, so that no reader sees half of it. */
export async function forgetContext({ KUBECONFIG, KUBE_CONFIG_CONTEXT }: Config): Promise<void> {
  // kubectl takes a list of files; each may hold the context.
  for (const path of KUBECONFIG.split(':').filter(Boolean).map(expandHome)) {
    const before = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return ''
      throw error
    })
    if (!before.includes(KUBE_CONFIG_CONTEXT)) continue
    const after = withoutIn(path, before, KUBE_CONFIG_CONTEXT)
    if (after === before) continue
    // Where it is a link, what it leads to is replaced, and the link stays.
    const file = await realpath(path)
    await writeFile(`${file}.${process.pid}`, after, { mode: 0o600 })
    await rename(`${file}.${process.pid}`, file)
  }
}

function withoutIn(path: string, kubeconfig: string, context: string): string {
  try {
    return without(kubeconfig, context)
  } catch (error) {
    const why = (error as Error).message.split('\n')[0]
    throw new UserError(`${path} is not YAML that can be read (${why}); mend it, or take ${context} out by hand.`)
  }
}
