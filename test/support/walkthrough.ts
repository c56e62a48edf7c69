import { down } from '../../cluster/aws/down.ts'
import { findAll } from '../../cluster/aws/half-made.ts'
import { proveEmpty } from '../../cluster/aws/prove-empty.ts'
import { up } from '../../cluster/aws/up.ts'
import { standIns } from '../../cluster/release.ts'
import { ByHand } from '../../cluster/story/by-hand.ts'
import { namesOf } from '../../cluster/story/names.ts'
import { downTexts, upTexts } from '../../cluster/story/texts.ts'
import { html } from '../../cluster/walkthrough/html.ts'
import { markdown } from '../../cluster/walkthrough/markdown.ts'
import { storyOf } from '../../cluster/walkthrough/story.ts'
import { timeless } from '../../cluster/walkthrough/timeless.ts'
import { testAws } from './aws.ts'

/** The walkthrough as it is committed: of a cluster that is made and removed on a local AWS of its own, with names for ids. */
export async function committed(): Promise<{ html: string; markdown: string; untold: string[] }> {
  const aws = await testAws()
  try {
    // With the files that a person sees who brings none.
    const none = { KUBERNETES_SERVER_TAR: '', KUBE_COMPONENTS_TAR: '' }
    const [upwards, downwards] = [aws.cluster(none, { release: standIns({ note: () => {} }) }), aws.cluster(none)]
    await up(upwards)
    const owned = await downwards.journal.step('look', () => findAll(downwards))
    await down(downwards, owned)
    await proveEmpty(downwards, owned, 20)
    const names = namesOf(upwards.journal)
    const stories = [upwards, downwards].map((cluster, i) => {
      const direction = i === 0 ? 'up' : 'down'
      const steps = timeless(cluster.journal.steps, direction, names)
      const byHand = new ByHand({ publicKey: '~/.ssh/kube_aws_rsa.pub', object: key => key.split('/').at(-1) })
      return storyOf({ ...cluster, journal: { steps } }, direction, byHand, true)
    })
    // Steps of which nobody says what they are for.
    const untold = stories.flatMap(({ direction, chapters }) =>
      chapters.map(({ name }) => name).filter(name => !(name in (direction === 'up' ? upTexts : downTexts))),
    )
    return { html: html(stories), markdown: markdown(stories), untold }
  } finally {
    await aws.stop()
  }
}
