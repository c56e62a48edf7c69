import type { RecordingProxy } from '../proxy.ts'
import { type Fault, identity } from './faults.ts'

/** Lets every change fail once. @returns the changes that did, by action, and a way to end it. */
export function eachOnce(proxy: RecordingProxy, { when, error }: Fault): { hit: string[]; end(): void } {
  const hit: string[] = []
  const seen = new Set<string>()
  proxy[when] = call => {
    if (!call.changes || seen.has(identity(call))) return
    seen.add(identity(call))
    hit.push(call.action)
    throw error(call)
  }
  return {
    hit,
    end() {
      proxy[when] = undefined
    },
  }
}
