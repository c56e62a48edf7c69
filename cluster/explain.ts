import { isForbidden, isUnauthenticated, isUnauthorized } from './aws/aws-errors.ts'
import type { Journal } from './aws/journal.ts'
import { UserError } from './errors.ts'

/** What went wrong as a person can act on it: which step, what AWS said, and what to do where that is known. */
export function explain(error: unknown, journal: Journal): { sentence: string; exitCode: number } {
  if (error instanceof UserError) return { sentence: error.message, exitCode: error.exitCode }
  if (!(error instanceof Error)) return { sentence: `Failed: ${String(error)}`, exitCode: 1 }
  const step = journal.steps.find(({ outcome }) => outcome === 'failed')?.name
  const where = step ? `The step "${step}" failed: ` : ''
  if (isUnauthenticated(error))
    return {
      sentence: `${where}AWS does not accept your credentials (${error.name}: ${error.message}). Log in again, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.`,
      exitCode: 1,
    }
  if (isUnauthorized(error) || isForbidden(error))
    return {
      sentence: `${where}your credentials may not do this (${error.name}: ${error.message}). Ask for that right, or use others.`,
      exitCode: 1,
    }
  const code = (error as NodeJS.ErrnoException).code
  // The SDK puts its metadata on every error; a status is there only when somebody answered.
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } }
  if ($metadata?.httpStatusCode) return { sentence: `${where}AWS said ${error.name}: ${error.message}`, exitCode: 1 }
  if ($metadata)
    return {
      sentence: `${where}AWS could not be reached (${error.message || code}); check the connection, and AWS_ENDPOINT_URL if it is set.`,
      exitCode: 1,
    }
  if (code) return { sentence: `${where}${error.message || code}.`, exitCode: 1 }
  // A mistake of ours: here, and only here, where it happened is what helps.
  return { sentence: `${where}${error.stack}`, exitCode: 1 }
}
