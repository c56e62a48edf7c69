import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { run } from './run.ts'

const install = 'Install Go 1.24 or newer (go.dev/doc/install; newer versions fetch the one they need by themselves).'

/** Programs of one Go module, at one version. */
export interface GoModule {
  readonly path: string
  readonly version: string
  /** The version of the modules that lie in the same repository, where its go.mod only names their folders. */
  readonly siblings?: string
  /** What to build: by the program's name, the package. */
  readonly programs: Readonly<Record<string, string>>
  /** Variables to set when linking, such as a version. */
  readonly stamps?: Readonly<Record<string, string>>
  readonly tags?: string
  /** The source of a program of ours, built with what the module depends on; its package is `.`. */
  readonly own?: string
  /** For what needs a C compiler: linked statically, with these variables. */
  readonly cgo?: Readonly<Record<string, string>>
}

interface GoMod {
  readonly Go?: string
  readonly Godebug?: readonly { Key: string; Value: string }[]
  readonly Require?: readonly { Path: string; Version: string }[]
  readonly Replace?: readonly { Old: { Path: string; Version?: string }; New: { Path: string; Version?: string } }[]
}

/**
 * Builds a module's programs from the Go module proxy, with exactly the dependencies its own go.mod asks for.
 * Go's caches are kept, so a build that was cut off goes on, and one that is done takes seconds.
 * @returns where each program is. @throws UserError when Go is missing or fails.
 */
export async function buildGo(module: GoModule, work: string, say: (words: string) => void) {
  // Named by all that makes a difference, so that what is there is never of other pins.
  const hash = createHash('sha256').update(JSON.stringify(module)).digest('hex').slice(0, 12)
  const folder = join(work, `${module.path.replaceAll('/', '_')}-${module.version}-${hash}`)
  const built = (name: string) => join(folder, 'bin', name)
  const wanted = Object.entries(module.programs).filter(([name]) => !existsSync(built(name)))
  if (wanted.length === 0) return built
  await mkdir(join(folder, 'bin'), { recursive: true })
  await writeModule(module, folder, say)
  if (module.own) await writeFile(join(folder, 'main.go'), module.own)
  const env = {
    CGO_ENABLED: module.cgo ? '1' : '0',
    // Paths of this computer stay out of the binaries; sums that a go.mod of ours lacks are asked of Go's checksum database.
    GOFLAGS: '-trimpath -mod=mod -buildvcs=false',
    ...module.cgo,
  }
  const stamps = Object.entries(module.stamps ?? {}).map(([name, value]) => `-X ${name}=${value}`)
  const statically = module.cgo ? ['-linkmode external', '-extldflags -static'] : []
  for (const [name, source] of wanted) {
    const began = Date.now()
    const progress = (line = '') => {
      const minutes = Math.floor((Date.now() - began) / 60_000)
      say(`building ${name} ${module.version}, ${minutes} min${line.startsWith('go: ') ? `: ${line.slice(4)}` : ''}`)
    }
    progress()
    const clock = setInterval(progress, 15_000)
    const flags = ['-s', '-w', ...statically, ...stamps].join(' ')
    const to = `${built(name)}.${process.pid}`
    await run('go', ['build', ...(module.tags ? ['-tags', module.tags] : []), '-ldflags', flags, '-o', to, source], {
      cwd: folder,
      env,
      deadline: 90 * 60_000,
      say: progress,
      install,
    }).finally(() => clearInterval(clock))
    await rename(to, built(name))
  }
  return built
}

/**
 * A module of our own that asks for what the program's go.mod asks for. `go install module@version` will not do:
 * it refuses a go.mod with replacements, and Kubernetes' has one for every module in its repository.
 */
async function writeModule(module: GoModule, folder: string, say: (words: string) => void): Promise<void> {
  say(`fetching the source of ${module.path} ${module.version}`)
  await writeFile(join(folder, 'go.mod'), 'module kube-up.invalid/build\n')
  const go = (...args: string[]) => run('go', args, { cwd: folder, env: { GOFLAGS: '-mod=mod' }, install })
  const source = JSON.parse(await go('mod', 'download', '-json', `${module.path}@${module.version}`)) as {
    GoMod: string
    Dir: string
  }
  const { Go = '1.24', Godebug, Require, Replace } = JSON.parse(await go('mod', 'edit', '-json', source.GoMod)) as GoMod
  const lines = ['module kube-up.invalid/build', `go ${Go}`, `require ${module.path} ${module.version}`]
  for (const { Key, Value } of Godebug ?? []) lines.push(`godebug ${Key}=${Value}`)
  const beside = new Set((Replace ?? []).filter(({ New }) => !New.Version).map(({ Old }) => Old.Path))
  for (const { Path, Version } of Require ?? [])
    lines.push(`require ${Path} ${(beside.has(Path) && module.siblings) || Version}`)
  for (const { Old, New } of Replace ?? []) {
    const old = Old.Version ? `${Old.Path} ${Old.Version}` : Old.Path
    if (New.Version) lines.push(`replace ${old} => ${New.Path} ${New.Version}`)
    else if (module.siblings) lines.push(`replace ${old} => ${Old.Path} ${module.siblings}`)
  }
  await writeFile(join(folder, 'go.mod'), `${lines.join('\n')}\n`)
  await writeFile(join(folder, 'go.sum'), await readFile(join(source.Dir, 'go.sum'), 'utf8').catch(() => ''))
}
