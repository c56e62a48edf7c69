import type { S3 } from '@aws-sdk/client-s3'
import type { HttpRequest } from '@smithy/types'

/**
 * Sends files without their SHA-256 in the signature: to take it would cost as much again as to name them by it. TLS and the
 * CRC-32 that goes along tell of a body that was changed on its way, and machines check what they fetch.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export const leaveBodiesUnsigned = (client: Pick<S3, 'middlewareStack'>): void =>
  client.middlewareStack.add(
    next => args => {
      const request = args.request as HttpRequest
      if (request.body instanceof Uint8Array) request.headers['x-amz-content-sha256'] = 'UNSIGNED-PAYLOAD'
      return next(args)
    },
    { step: 'build', name: 'leaveBodiesUnsigned' },
  )
