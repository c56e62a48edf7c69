/** A person's mistake, or something only a person can put right: told in one sentence, without a stack trace. */
export class UserError extends Error {
  override name = 'UserError'
  readonly exitCode: number
  /**
   * @param message what happened, why, and what to do.
   * @param exitCode 2 when nothing was attempted yet, 130 after Ctrl-C as shells have it, else 1.
   */
  constructor(message: string, exitCode: 1 | 2 | 130 = 1) {
    super(message)
    this.exitCode = exitCode
  }
}
