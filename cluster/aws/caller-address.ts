import { UserError } from '../errors.ts'
import { isAddress } from './cidr.ts'

/**
 * The address that AWS sees this computer with, for a firewall rule that lets in only this one.
 * @param service answers a GET with the caller's address and nothing else, as checkip.amazonaws.com does.
 * @param asking the settings that want to know. @throws UserError that asks for a value instead.
 */
export async function whereAmI(service: string, asking: readonly string[]): Promise<string> {
  const ask = async () => {
    const answer = await fetch(service, { signal: AbortSignal.timeout(10_000) })
    return answer.ok ? (await answer.text()).trim() : `status ${answer.status}`
  }
  const said = await ask().catch((error: Error) => `${(error.cause as Error | undefined)?.message ?? error.message}`)
  if (isAddress(said)) return said
  throw new UserError(
    `This computer's public IPv4 address could not be learnt from ${service} (${plain(said)}); set ${asking.join(' and ')} to the networks to let in, such as 203.0.113.7/32.`,
    2,
  )
}

/** On one line, and nothing in it that moves a terminal's cursor. */
const plain = (text: string) =>
  text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 80)
