import { UserError } from '../errors.ts'
import { isInUse, isLost, isTaken, orNothing } from './aws-errors.ts'
import type { Cluster } from './cluster.ts'
import { asks, type Step } from './journal.ts'
import { forAWhile, insistently } from './patience.ts'
import { inTurn, untilShown } from './turns.ts'

/** Something that ensure() made or found. What is new has nothing in it yet. */
export type Ensured<T> = T & { readonly isNew: boolean }

interface Making<T> {
  /** Nothing when absent; throws when ambiguous. */
  find(): Promise<T | undefined>
  create(): Promise<T>
}

interface Ensuring<T> extends Making<T> {
  /** AWS would make a second one without a word: so it is looked for with more care. */
  readonly hasNoName?: boolean
  /** What it lies within: in what is new there is nothing to look for, so the look is saved. */
  readonly within?: { readonly isNew: boolean }
  /** Mends what hangs on it, every time: attachments, rules, routes. */
  repair?(it: Ensured<T>): Promise<unknown>
}

/** Finds before it creates, and mends every time, so that a run that was cut off heals on the next one. */
export const ensure = <T extends { readonly id: string; readonly shared?: boolean }>(
  cluster: Cluster,
  name: string,
  { within, hasNoName = false, find, create, repair }: Ensuring<T>,
): Promise<Ensured<T>> =>
  cluster.journal.step(name, async step => {
    const look = () => (hasNoName ? findHidden(cluster, name, find) : find())
    // In what is new there is nothing to look for.
    const found = within?.isNew ? undefined : await look()
    const it = { ...(found ?? (await createOnce(cluster, name, { find, create }))), isNew: !found }
    step.id = it.id
    const before = changes(step)
    await repair?.(it)
    step.outcome = it.shared
      ? 'yours, kept'
      : it.isNew
        ? 'created'
        : changes(step) > before
          ? 'mended'
          : 'already there'
    return it
  })

/** Finds what may be there though AWS does not show it yet. Mostly there is nobody else, and this is one look. */
const findHidden = async <T>(cluster: Cluster, name: string, find: () => Promise<T | undefined>) =>
  (await find()) ?? (cluster.turns.where && inTurn(cluster, name, find))

/**
 * Creates, and nothing twice. Where the answer was lost on its way, and where AWS says that it is there (for the SDK sent
 * the call again, or another kube-up was faster), it looks what there is, for as long as AWS may take to show it.
 */
export async function createOnce<T>(cluster: Cluster, name: string, { find, create }: Making<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await create()
    } catch (error) {
      if (!isLost(error) && !isTaken(error)) throw error
      const there = await forAWhile(cluster, { what: `${name} to show`, seconds: untilShown }, find)
      if (there) return there
      if (!isLost(error)) throw error
      if (attempt === 8) throw error.lost
    }
  }
}

/** Deletes each of them, waiting out whatever still uses it. What is gone already is as good as deleted. */
export const remove = (
  cluster: Cluster,
  name: string,
  ids: readonly string[],
  deletion: (id: string) => Promise<unknown>,
  evidence?: (id: string) => Promise<string>,
): Promise<void> => {
  if (ids.length === 0) return Promise.resolve()
  return cluster.journal.step(name, async step => {
    step.id = ids.join(', ')
    await together(ids.map(id => letGo(cluster, id, () => deletion(id), evidence && (() => evidence(id)))))
    step.outcome = 'deleted'
  })
}

/** One deletion: again for as long as something uses what is to go. */
export const letGo = (
  cluster: Cluster,
  id: string,
  deletion: () => Promise<unknown>,
  evidence?: () => Promise<string>,
): Promise<unknown> =>
  insistently(cluster, { what: `${id} to be let go`, seconds: 300, ...(evidence && { evidence }) }, isInUse, () =>
    orNothing(deletion()),
  )

const changes = (step: Step) => step.calls.filter(call => !asks(call.action)).length

/** The only one of a list, nothing for an empty one. @throws UserError when there are several: guessing could harm. */
export function only<T>(
  items: readonly T[] | undefined,
  kind: string,
  idOf: (item: T) => string | undefined,
): T | undefined {
  if (!items || items.length <= 1) return items?.[0]
  throw new UserError(
    `There are ${items.length} of this cluster's ${kind} (${items.map(idOf).join(', ')}) where there should be one; delete all but the right one, or run kube-down.`,
  )
}

/** Waits for all, then fails with the first failure: what exists by then is known, and no call is left in the air. */
export async function together<const T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [K in keyof T]: Awaited<T[K]> }> {
  const results = await Promise.allSettled(work)
  const failed = results.find(result => result.status === 'rejected')
  if (failed) throw failed.reason
  return results.map(result => (result as PromiseFulfilledResult<unknown>).value) as never
}

/** Every item of every page. */
export async function every<Page, Item>(
  pages: AsyncIterable<Page>,
  of: (page: Page) => Item[] | undefined,
): Promise<Item[]> {
  const items: Item[] = []
  for await (const page of pages) items.push(...(of(page) ?? []))
  return items
}
