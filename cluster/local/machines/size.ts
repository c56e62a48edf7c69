import { readFileSync } from 'node:fs'
import { availableParallelism, freemem, totalmem } from 'node:os'

export interface Size {
  readonly cpus: number
  readonly memoryMiB: number
}

/** Hardware virtualisation is trusted only where the CPU says so: /dev/kvm alone may be a half-working nested one. */
export const accelerator = (
  forced: string | undefined,
  cpuinfo = readFileSync('/proc/cpuinfo', 'utf8'),
): 'kvm' | 'tcg' => {
  if (forced === 'kvm' || forced === 'tcg') return forced
  if (forced) throw new Error(`KUBE_LOCAL_ACCEL is ${forced}, and it must be kvm or tcg.`)
  return /^flags\s*:.*\b(vmx|svm)\b/m.test(cpuinfo) ? 'kvm' : 'tcg'
}

/** What a machine gets: what its type has, but never more CPUs than there are, nor more than half of the memory. */
export const bounded = (type: Size, host: Size): Size => ({
  cpus: Math.min(type.cpus, host.cpus),
  memoryMiB: Math.min(type.memoryMiB, Math.floor(host.memoryMiB / 2)),
})

const reserveMiB = 512

/** Why these machines cannot run side by side on this computer, or nothing. Pure, so that it can be asked before booting. */
export const refusal = (machines: readonly Size[], host: Size & { readonly freeMiB: number }): string | undefined => {
  const wanted = machines.map(type => bounded(type, host).memoryMiB).reduce((a, b) => a + b, 0)
  const most = host.freeMiB - reserveMiB
  if (wanted <= most) return undefined
  return (
    `The machines need ${gib(wanted)} of memory and this computer has ${gib(Math.max(0, most))} to give: ` +
    'choose fewer nodes (NUM_NODES) or smaller types (MASTER_SIZE, NODE_SIZE).'
  )
}

const gib = (mib: number) => `${(mib / 1024).toFixed(1)} GiB`

/** MemAvailable counts what caches would give back; freemem() of older kernels does not. */
export const host = () => {
  const available = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1]
  return {
    cpus: availableParallelism(),
    memoryMiB: Math.floor(totalmem() / 2 ** 20),
    freeMiB: available ? Math.floor(Number(available) / 1024) : Math.floor(freemem() / 2 ** 20),
  }
}
