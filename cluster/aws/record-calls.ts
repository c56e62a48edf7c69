import type { InitializeMiddleware, MetadataBearer } from '@smithy/types'
import type { Journal } from './journal.ts'

/** The part of every SDK client that is needed here; their full types have nothing else in common. */
export interface MiddlewareClient {
  readonly middlewareStack: {
    add(middleware: never, options: { step: 'initialize'; name: string; priority?: 'high' }): void
  }
}

/** Writes every call that the client makes into the journal, the SDK's own retries counted as one call. */
export function recordCalls(client: MiddlewareClient, journal: Journal): void {
  const middleware: InitializeMiddleware<object, MetadataBearer> = (next, context) => async args => {
    const began = journal.now()
    const call = {
      service: (context.clientName ?? '').replace(/Client$/, ''),
      action: (context.commandName ?? '').replace(/Command$/, ''),
      input: withoutBody(args.input),
    }
    const { Body, Key } = args.input as { Body?: unknown; Key?: string }
    if (call.action === 'PutObject' && Key && Body instanceof Uint8Array) journal.onBody?.(Key, Body)
    try {
      const result = await next(args)
      journal.recordCall({ ...call, began, ended: journal.now(), output: withoutBody(result.output) })
      return result
    } catch (error) {
      journal.recordCall({ ...call, began, ended: journal.now(), error: (error as Error).name })
      throw error
    }
  }
  client.middlewareStack.add(middleware as never, { step: 'initialize', name: 'journal', priority: 'high' })
}

/**
 * As it was asked for: the SDK adds checksums of its own to what it was given. What an object holds is not kept: it may be
 * the whole release, or the cluster's keys.
 */
function withoutBody(said: object & { readonly Body?: unknown }): object {
  const { Body: _, ...kept } = said
  return kept
}
