import { AsyncLocalStorage } from 'node:async_hooks'

/** One AWS call, as it was made and answered. Times are milliseconds since the journal began. */
export interface Call {
  readonly service: string
  readonly action: string
  readonly input: unknown
  readonly began: number
  readonly ended: number
  /** AWS's error code, where the answer was one. */
  readonly error?: string
  readonly output?: unknown
}

export type Outcome = 'created' | 'already there' | 'mended' | 'deleted' | 'yours, kept' | 'done' | 'failed'

/** One line of the story: what it is about, how it ended, and the calls that were made for it. */
export interface Step {
  readonly name: string
  readonly began: number
  readonly calls: Call[]
  id?: string
  outcome?: Outcome
  ended?: number
  /** What is being waited for, or how far an upload is. Empty when the step ended. */
  waiting?: string
}

/** Speaks before and after each step. */
export interface Narrator {
  before(name: string): Promise<void>
  after(step: Step): Promise<void>
}

/** Describe, Get, List and Head ask; everything else changes something. */
export const asks = (action: string): boolean => /^(Describe|Get|List|Head)/.test(action)

/**
 * What happened, in order: steps, and the AWS calls inside them. Steps run side by side, so the one a call belongs to
 * travels with the asynchronous context and not in a variable.
 */
export class Journal {
  readonly steps: Step[] = []
  readonly notes: string[] = []
  readonly #current = new AsyncLocalStorage<Step>()
  readonly #listeners: ((step: Step) => void)[] = []
  readonly #start = performance.now()
  #narrator: Narrator | undefined
  #turn: Promise<void> = Promise.resolve()
  /** Told of what is uploaded in one piece; the journal itself keeps none of it. */
  onBody: ((key: string, body: Uint8Array) => void) | undefined
  /** Told of which files in a row an upload is. */
  onFiles: ((key: string, paths: readonly string[]) => void) | undefined

  /** Calls the listener whenever a step begins, waits or ends. */
  onChange(listener: (step: Step) => void): void {
    this.#listeners.push(listener)
  }

  now(): number {
    return Math.round(performance.now() - this.#start)
  }

  /** From now on steps run one after another, however the story runs them, each between what the narrator does before and after it. */
  narrate(narrator: Narrator): void {
    this.#narrator = narrator
  }

  /** Runs one step of the story. The work says how it ended by setting `outcome` and `id` on the step it is given. */
  async step<T>(name: string, work: (step: Step) => Promise<T>): Promise<T> {
    const narrator = this.#narrator
    // A step within a step is part of it, and would wait for its end for ever.
    if (!narrator || this.#current.getStore()) return this.#run(name, work)
    const turn = this.#turn
    let done = () => {}
    this.#turn = new Promise(resolve => {
      done = resolve
    })
    await turn
    try {
      await narrator.before(name)
      let told: Step | undefined
      try {
        return await this.#run(name, step => {
          told = step
          return work(step)
        })
      } finally {
        if (told) await narrator.after(told)
      }
    } finally {
      done()
    }
  }

  async #run<T>(name: string, work: (step: Step) => Promise<T>): Promise<T> {
    const step: Step = { name, began: this.now(), calls: [] }
    this.steps.push(step)
    this.#changed(step)
    try {
      return await this.#current.run(step, () => work(step))
    } catch (error) {
      step.outcome = 'failed'
      throw error
    } finally {
      step.outcome ??= 'done'
      step.ended = this.now()
      delete step.waiting
      this.#changed(step)
    }
  }

  /** Says what the current step waits for. */
  waiting(words: string): void {
    const step = this.#current.getStore()
    if (!step || step.ended !== undefined) return
    step.waiting = words
    this.#changed(step)
  }

  /** A remark for the person, printed with the summary. */
  note(words: string): void {
    this.notes.push(words)
  }

  recordCall(call: Call): void {
    this.#current.getStore()?.calls.push(call)
  }

  #changed(step: Step): void {
    for (const listener of this.#listeners) listener(step)
  }
}
