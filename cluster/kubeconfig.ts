import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Config } from './aws/config-default.ts'
import { expandHome } from './aws/resources/key-pair.ts'
import { type Access, found, merged, without } from './kubeconfig/contexts.ts'
import { change, read } from './kubeconfig/file.ts'

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
    const there = text?.includes(KUBE_CONFIG_CONTEXT) && found(text, KUBE_CONFIG_CONTEXT)
    if (there) return { path, ...there }
  }
  return undefined
}
