import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** A process that outlives us, remembered by its id and its start time: an id alone may have gone to a stranger since. */
export interface Remembered {
  readonly pid: number
  readonly started: string
}

const stat = (pid: number) => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return text.slice(text.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined
  }
}

/** Field 22 of /proc/PID/stat: when the process began, in ticks since the computer did. */
const started = (pid: number) => stat(pid)?.[19] ?? ''

export const alive = ({ pid, started: then }: Remembered) => {
  const now = stat(pid)
  return now !== undefined && now[0] !== 'Z' && now[19] === then
}

/** Whether no such process runs any more; one that nobody has waited for yet has ended, too. */
export const ended = (pid: number) => {
  try {
    process.kill(pid, 0)
  } catch {
    return true
  }
  return stat(pid)?.[0] === 'Z'
}

export const recall = (file: string): Remembered | undefined => {
  try {
    const one = JSON.parse(readFileSync(file, 'utf8')) as Remembered
    return alive(one) ? one : undefined
  } catch {
    return undefined
  }
}

export const remember = (file: string, pid: number) => {
  const one = { pid, started: started(pid) }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, JSON.stringify(one))
  return one
}

/** Start a process of its own session, so that neither our end nor a Ctrl-C in the terminal takes it along. */
export const background = (command: string, args: readonly string[], log: string, env?: Record<string, string>) => {
  const out = openSync(log, 'a')
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', out, out],
    ...(env && { env: { ...process.env, ...env } }),
  })
  closeSync(out)
  child.unref()
  return child
}

/** A signal to a process that may have ended meanwhile. */
export const signal = (pid: number, which: NodeJS.Signals) => {
  try {
    process.kill(pid, which)
  } catch {}
}

/** Ask a process to end; insist when it has not after the given time. */
export const end = async (one: Remembered | undefined, patienceMs = 5000) => {
  if (!one) return
  const send = (signal: NodeJS.Signals) => {
    if (alive(one)) process.kill(one.pid, signal)
  }
  send('SIGTERM')
  for (let waited = 0; alive(one) && waited < patienceMs; waited += 50) await sleep(50)
  send('SIGKILL')
  for (let waited = 0; alive(one) && waited < 5000; waited += 20) await sleep(20)
}
