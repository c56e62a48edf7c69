import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const sources = fileURLToPath(new URL('..', import.meta.url))
// Below the package, so that what it imports is found as from its sources, and goes when the package goes.
const kept = fileURLToPath(new URL('../../node_modules/.cache/kube-up', import.meta.url))

/**
 * A program as one file of JavaScript, which is kept: it starts half a second sooner than where every module is looked for,
 * read and compiled by itself. Where nothing can be kept tsx does just that, each time.
 * @returns the URL to import.
 */
export async function compiled(program) {
  const name = basename(program.pathname, '.ts')
  const file = `${name}-${fingerprint()}.mjs`
  const path = join(kept, file)
  if (!existsSync(path))
    try {
      mkdirSync(kept, { recursive: true })
      writeFileSync(`${path}.${process.pid}`, await compile(program))
      renameSync(`${path}.${process.pid}`, path)
      for (const other of readdirSync(kept))
        if (other !== file && other.startsWith(`${name}-`) && other.endsWith('.mjs')) rmSync(join(kept, other))
    } catch (error) {
      if (!error.syscall) throw error
      const { register } = await import('tsx/esm/api')
      register()
      return program.href
    }
  return pathToFileURL(path).href
}

/** Of all sources: their size, and when they came to be what they are. Packages come with times of modification of their own making. */
function fingerprint() {
  const hash = createHash('sha256').update(sources)
  for (const name of readdirSync(sources, { recursive: true }).sort()) {
    if (!/\.(ts|json)$/.test(name)) continue
    const { size, ctimeMs } = statSync(join(sources, name))
    hash.update(`${name} ${size} ${ctimeMs}\n`)
  }
  return hash.digest('hex').slice(0, 12)
}

async function compile(program) {
  const { build, stop } = await import('esbuild')
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(program)],
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    write: false,
    logLevel: 'silent',
    plugins: [{ name: 'where its sources lie', setup: it => it.onLoad({ filter: /\.ts$/ }, asFromItsPlace) }],
  })
  await stop()
  return outputFiles[0].contents
}

/** A module finds the files beside it by its own address, which is not that of the compiled file. */
function asFromItsPlace({ path }) {
  const contents = readFileSync(path, 'utf8')
    .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href))
    .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
  return { contents, loader: 'ts' }
}
