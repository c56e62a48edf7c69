import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const recipes = ['pins.json', 'salt.json', 'parts.ts']

/**
 * The folder in which a release is kept. What is in it was made of the pins of its day: with other pins it is stale, and goes.
 * What was downloaded or compiled for it stays, as that is named by what it is.
 */
export async function keptRelease(cache: string, version: string): Promise<string> {
  const folder = join(cache, 'releases', version)
  const hash = createHash('sha256')
  for (const name of recipes) hash.update(await readFile(new URL(name, import.meta.url)))
  const now = hash.digest('hex')
  await mkdir(folder, { recursive: true })
  const of = await readFile(join(folder, 'pins'), 'utf8').catch(() => '')
  if (of === now) return folder
  for (const name of await readdir(folder)) if (/\.tar(\.gz)?$/.test(name)) await rm(join(folder, name))
  await writeFile(join(folder, 'pins'), now)
  return folder
}
