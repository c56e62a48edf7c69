import type { EC2 } from '@aws-sdk/client-ec2'
import type { IAM } from '@aws-sdk/client-iam'
import type { FinalizeRequestMiddleware, MetadataBearer } from '@smithy/types'

/** Whether AWS did what was asked is not known: the connection broke, or AWS broke while it was at it. */
export class AnswerLost extends Error {
  override name = 'AnswerLost'
  /** What came instead of an answer. Not `cause`: the SDK looks in there for a reason to try again. */
  readonly lost: unknown
  constructor(lost: unknown) {
    super(`the answer was lost: ${(lost as Error).message}`)
    this.lost = lost
  }
}

/**
 * What has neither a name of its own nor a client token, so that a call that is sent again makes another one:
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
const madeTwice = ['CreateVpcCommand', 'CreateInternetGatewayCommand', 'AllocateAddressCommand']

/**
 * IAM's LimitExceeded says that a quota is used up, and that a profile has a role already. The SDK takes it for "too
 * fast", which IAM calls Throttling, and would ask again for a minute.
 */
export function tellLimits(client: IAM): void {
  const middleware: FinalizeRequestMiddleware<object, MetadataBearer> = next => async args => {
    try {
      return await next(args)
    } catch (error) {
      if ((error as Error).name === 'LimitExceededException') (error as Error).name = 'LimitExceeded'
      throw error
    }
  }
  client.middlewareStack.add(middleware as never, { step: 'finalizeRequest', name: 'tellLimits', priority: 'low' })
}

/** Errors of a connection that was never made, and AWS's word that it did not even begin. */
const untouched = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']
const throttled = ['RequestLimitExceeded', 'Throttling', 'ThrottlingException']

/** Keeps the SDK from sending such a call again by itself: createOnce() looks first what the lost one has made. */
export function tellLostAnswers(client: EC2): void {
  const middleware: FinalizeRequestMiddleware<object, MetadataBearer> = (next, context) => async args => {
    try {
      return await next(args)
    } catch (error) {
      throw madeTwice.includes(`${context.commandName}`) && isLost(error as Failure) ? new AnswerLost(error) : error
    }
  }
  // Of low priority: within the SDK's retries, which are of a high one.
  client.middlewareStack.add(middleware as never, { step: 'finalizeRequest', name: 'tellLostAnswers', priority: 'low' })
}

interface Failure extends Error {
  readonly code?: string
  readonly $metadata?: { readonly httpStatusCode?: number }
}

const isLost = ({ name, code = '', $metadata }: Failure) =>
  $metadata?.httpStatusCode === undefined
    ? code !== '' && !untouched.includes(code)
    : $metadata.httpStatusCode >= 500 && !throttled.includes(name)
