import { createHash } from 'node:crypto'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Architecture } from '../aws/images.ts'
import { UserError } from '../errors.ts'
import { download, fetchText } from './download.ts'
import { packFolder } from './pack.ts'

interface Descriptor {
  readonly mediaType: string
  readonly digest: string
  readonly size: number
  readonly platform?: { readonly os: string; readonly architecture: string }
}

const kinds = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.v2+json',
]

/**
 * An image of a public registry as a tar that `ctr images import` reads, for one architecture.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md
 * @param digest of the image for all architectures; left out, the tag says which it is, and only the encrypted connection vouches for it.
 * @throws UserError when it cannot be had, or is not what the digest says.
 */
export async function pullImage(
  name: string,
  digest: string | undefined,
  arch: Architecture,
  { blobs, path, from = 'https://registry.k8s.io' }: { blobs: string; path: string; from?: string },
  say: (words: string) => void,
): Promise<void> {
  const [, repository = '', tag = ''] = /^[^/]+\/(.+):([^:]+)$/.exec(name) ?? []
  const api = `${from}/v2/${repository}`
  const manifest = async (reference: string) => {
    const url = `${api}/manifests/${reference}`
    const text = await fetchText(url, { accept: kinds.join(', ') })
    const got = `sha256:${createHash('sha256').update(text).digest('hex')}`
    if (reference.startsWith('sha256:') && got !== reference)
      throw new UserError(`${url} is not what was published: its digest is ${got}. Try again.`)
    return { text, digest: got, is: JSON.parse(text) as Record<string, unknown> }
  }
  let top = await manifest(digest ?? tag)
  if (Array.isArray(top.is.manifests)) {
    const ours = (top.is.manifests as Descriptor[]).find(
      ({ platform }) => platform?.os === 'linux' && platform.architecture === arch,
    )
    if (!ours)
      throw new UserError(`${name} is not published for ${arch}; choose instance types of another architecture.`)
    top = await manifest(ours.digest)
  }
  const { config, layers, mediaType } = top.is as unknown as {
    config: Descriptor
    layers: readonly Descriptor[]
    mediaType?: string
  }
  const parts = [config, ...layers].map(part => part.digest.replace('sha256:', ''))
  await download(
    parts.map(sha256 => ({ url: `${api}/blobs/sha256:${sha256}`, path: join(blobs, sha256), sha256 })),
    say,
  )
  const folder = await mkdtemp(join(blobs, '.image-'))
  try {
    const there = join(folder, 'blobs', 'sha256')
    await mkdir(there, { recursive: true })
    for (const sum of parts) await cp(join(blobs, sum), join(there, sum))
    await writeFile(join(there, top.digest.replace('sha256:', '')), top.text)
    await writeFile(join(folder, 'oci-layout'), await layout(name, tag, top, mediaType ?? kinds[2] ?? '', folder))
    await packFolder(folder, path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** https://github.com/opencontainers/image-spec/blob/main/image-layout.md; the first annotation is where containerd reads the name. */
async function layout(
  name: string,
  tag: string,
  top: { text: string; digest: string },
  mediaType: string,
  folder: string,
) {
  const annotations = { 'io.containerd.image.name': name, 'org.opencontainers.image.ref.name': tag }
  const size = Buffer.byteLength(top.text)
  const index = { schemaVersion: 2, manifests: [{ mediaType, digest: top.digest, size, annotations }] }
  await writeFile(join(folder, 'index.json'), JSON.stringify(index))
  return JSON.stringify({ imageLayoutVersion: '1.0.0' })
}
