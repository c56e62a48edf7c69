import type { Instance } from '@aws-sdk/client-ec2'

export interface Changes {
  readonly version: number
  readonly regions: readonly string[]
  readonly reboots: Readonly<Record<string, number>>
}

/** The two addresses that moto_machines.py adds to moto. */
export const moto = (endpoint: string) => ({
  /** Answers when something changed after that version, or after so many seconds. */
  changes: async (after: number, seconds: number): Promise<Changes> => {
    const url = `${endpoint}/moto-api/machines/changes?after=${after}&wait=${seconds}`
    const answer = await fetch(url, { signal: AbortSignal.timeout((seconds + 20) * 1000) })
    if (!answer.ok)
      throw new Error(`moto does not know machines (HTTP ${answer.status}): start it with moto_machines.py.`)
    return (await answer.json()) as Changes
  },
  /** Say what became of a machine; `from` are the states this is news for. */
  report: async (instance: string, region: string, news: News) => {
    await fetch(`${endpoint}/moto-api/machines/report`, {
      method: 'POST',
      body: JSON.stringify({ instance, region, ...news }),
      signal: AbortSignal.timeout(20_000),
    })
  },
})

export interface News {
  readonly state?: NonNullable<Instance['State']>['Name']
  readonly from?: readonly string[]
  readonly reason?: string
  readonly console?: string
}
