import type { InitializeMiddleware, MetadataBearer } from '@smithy/types'
import { isOwnBucket, isUnknownBucket, isUnknownYet } from './aws-errors.ts'
import type { Clock } from './clock.ts'
import type { MiddlewareClient } from './record-calls.ts'

const longest = 60_000

/**
 * Lets calls that build on something wait until AWS knows it everywhere: what one call has just made may be
 * "not found" to the next (kubernetes#28045, kops#35), in IAM too
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot.html#troubleshoot_general_eventual-consistency).
 * What the user named was looked up before, so nothing is hidden.
 */
export const awaitKnown = (client: MiddlewareClient, clock: Clock): void =>
  insist(client, clock, command =>
    /^(Create|Attach|Associate|Authorize|Modify|Run|Replace|Put|Add)/.test(command) ? isUnknownYet : undefined,
  )

/** The same for buckets (kubernetes#22106): only for those that this client has made, for to kube-down "not there" is good news. */
export function awaitBucket(client: MiddlewareClient, clock: Clock): void {
  const made = new Set<string>()
  const remember: InitializeMiddleware<object, MetadataBearer> = (next, context) => async args => {
    const { Bucket = '' } = args.input as { Bucket?: string }
    if (context.commandName !== 'CreateBucketCommand') return next(args)
    try {
      const result = await next(args)
      made.add(Bucket)
      return result
    } catch (error) {
      if (isOwnBucket(error)) made.add(Bucket)
      throw error
    }
  }
  client.middlewareStack.add(remember as never, { step: 'initialize', name: 'rememberBuckets' })
  insist(client, clock, (command, { Bucket = '' }: { Bucket?: string }) =>
    made.has(Bucket) && !command.startsWith('Delete') ? isUnknownBucket : undefined,
  )
}

type Expected = (command: string, input: object) => ((error: unknown) => boolean) | undefined

function insist(client: MiddlewareClient, clock: Clock, expected: Expected): void {
  const middleware: InitializeMiddleware<object, MetadataBearer> = (next, context) => async args => {
    const until = clock.now() + longest
    for (let delay = 500; ; delay *= 1.6) {
      try {
        return await next(args)
      } catch (error) {
        const unknown = expected(context.commandName ?? '', args.input)
        if (!unknown?.(error) || clock.now() + delay > until) throw error
        await clock.sleep(delay * (0.75 + Math.random() / 2))
      }
    }
  }
  client.middlewareStack.add(middleware as never, { step: 'initialize', name: 'awaitKnown' })
}
