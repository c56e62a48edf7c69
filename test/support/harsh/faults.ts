import { Answer, CutOff, type Recorded } from '../proxy.ts'

/** One way in which a call goes wrong: before it reaches AWS, or after AWS has done what was asked. */
export interface Fault {
  readonly when: 'before' | 'after'
  /** What the client gets instead of an answer. */
  error(call: Recorded): Error
}

/**
 * Each service says "too fast" in words of its own: https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html,
 * https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html, and Throttling with 400 for the older query APIs.
 */
const tooFast = ({ service }: Recorded) =>
  service === 'ec2'
    ? new Answer('RequestLimitExceeded', 'Request limit exceeded.', 503)
    : service === 's3'
      ? new Answer('SlowDown', 'Please reduce your request rate.', 503)
      : new Answer('Throttling', 'Rate exceeded', 400)

/** https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html, "Server error codes" */
const broken = () => new Answer('InternalError', 'An internal error has occurred', 500)
const unavailable = () => new Answer('ServiceUnavailable', 'The request has failed due to a temporary failure.', 503)

/** What time or another try mends. */
export const passing: Readonly<Record<string, Fault>> = {
  'too fast': { when: 'before', error: tooFast },
  'unavailable (503)': { when: 'before', error: unavailable },
  'connection reset before': { when: 'before', error: () => new CutOff() },
  'connection reset after': { when: 'after', error: () => new CutOff() },
  'internal error (500) after': { when: 'after', error: broken },
}

/** What nothing mends but a person: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html */
export const refused: Fault = {
  when: 'before',
  error: ({ service, action }) =>
    service === 'ec2'
      ? new Answer('UnauthorizedOperation', `You are not authorized to perform this operation. (${action})`, 403)
      : new Answer('AccessDenied', `User: test is not authorized to perform: ${action}`, 403),
}

/** The same call in the same run: a retry of it has the same parameters, S3's come with their parts. */
export const identity = ({ service, action, params }: Recorded): string =>
  `${service} ${action} ${JSON.stringify(params)}`
