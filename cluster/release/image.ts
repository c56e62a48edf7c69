import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Architecture } from '../aws/images.ts'
import { packFolder, sumOf } from './pack.ts'

export interface Image {
  /** In full, with its registry and tag: `registry.k8s.io/pause:3.10.2`. */
  readonly name: string
  readonly architecture: Architecture
  /** The folder that becomes its root file system. */
  readonly root: string
  readonly entrypoint: readonly string[]
  /** Numeric, as `runAsNonRoot` wants it; root when left out. */
  readonly user?: string
}

/**
 * A container image of one layer, as `docker save` writes it and `ctr images import` reads it.
 * https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
export async function packImage(image: Image, path: string): Promise<void> {
  const folder = await mkdtemp(join(dirname(path), '.image-'))
  try {
    await packFolder(image.root, join(folder, 'layer.tar'))
    const layer = await sumOf(join(folder, 'layer.tar'))
    await rename(join(folder, 'layer.tar'), join(folder, `${layer}.tar`))
    const config = {
      architecture: image.architecture,
      os: 'linux',
      created: new Date(0).toISOString(),
      config: {
        Entrypoint: image.entrypoint,
        Env: ['PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
        WorkingDir: '/',
        ...(image.user && { User: image.user }),
      },
      rootfs: { type: 'layers', diff_ids: [`sha256:${layer}`] },
      history: [{ created: new Date(0).toISOString() }],
    }
    const manifest = [{ Config: 'config.json', RepoTags: [image.name], Layers: [`${layer}.tar`] }]
    await writeFile(join(folder, 'config.json'), JSON.stringify(config))
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest))
    await packFolder(folder, path)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
