import { setTimeout as sleep } from 'node:timers/promises'
import type { InitializeMiddleware, MetadataBearer } from '@smithy/types'
import { isUnknownYet } from './aws-errors.ts'
import type { MiddlewareClient } from './record-calls.ts'

const longest = 60_000

/**
 * Lets calls that build on something wait until EC2 knows it everywhere: what one call has just made may be
 * "not found" to the next (kubernetes#28045, kops#35). What the user named was looked up before, so nothing is hidden.
 */
export function awaitKnown(client: MiddlewareClient): void {
  const middleware: InitializeMiddleware<object, MetadataBearer> = (next, context) => async args => {
    if (!/^(Create|Attach|Associate|Authorize|Modify|Run|Replace)/.test(context.commandName ?? '')) return next(args)
    const until = performance.now() + longest
    for (let delay = 500; ; delay *= 1.6) {
      try {
        return await next(args)
      } catch (error) {
        if (!isUnknownYet(error) || performance.now() + delay > until) throw error
        await sleep(delay * (0.75 + Math.random() / 2))
      }
    }
  }
  client.middlewareStack.add(middleware as never, { step: 'initialize', name: 'awaitKnown' })
}
