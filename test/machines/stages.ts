import { test } from 'uvu'

const line = ([sentence, seconds]: [string, number]) => `${seconds.toFixed(1).padStart(7)} s  ${sentence}`

/** A story's sentences, each timed. */
export const story = () => {
  const timings: [string, number][] = []
  let broken: string | undefined
  return {
    /** Once one fails the rest would only fail after it, each at the end of its patience: they are not tried. */
    stage: (sentence: string, what: () => Promise<void>) =>
      test(sentence, async () => {
        if (broken) throw new Error(`not tried, because this failed before: ${broken}`)
        const began = performance.now()
        broken = sentence
        await what()
        broken = undefined
        timings.push([sentence, (performance.now() - began) / 1000])
        console.log(`  ${line(timings.at(-1) ?? ['', 0])}`)
      }),
    /** The sentence that failed, if one did. */
    broken: () => broken,
    /** How long each took, a line for each. */
    table: () => timings.map(line).join('\n'),
  }
}
