import type { Chapter, Story } from './story.ts'

/** The stories as a text to read, one after the other. Pure. */
export function markdown(stories: readonly Story[]): string {
  const [first] = stories
  return [
    `# Cluster ${first?.cluster}, step by step`,
    '',
    `In ${first?.zone}. Ids that AWS chooses are names in parentheses here where they differ each time.`,
    ...stories.flatMap(told),
    '',
  ].join('\n')
}

const told = (story: Story): string[] => [
  '',
  `## kube-${story.direction}`,
  ...story.chapters.flatMap((chapter, i) => ['', `### ${i + 1}. ${chapter.name}`, '', ...lines(chapter, story)]),
]

function lines({ text, outcome, ids, calls, commands, look, began, ended }: Chapter, { timeless }: Story): string[] {
  const { what, why, without } = text
  const counts = calls.filter(call => !call.asks).length
  return [
    [what, why, without && `Without it: ${without}`].filter(Boolean).join(' '),
    '',
    `*${outcome}${timeless ? '' : ` in ${((ended - began) / 1000).toFixed(1)} s`}, ${calls.length} calls of which ${counts} change something${ids.length > 0 ? `:* ${ids.map(id => `\`${id}\``).join(', ')}` : '*'}`,
    ...block(commands),
    ...(look.length > 0 ? ['', 'To look at it:', ...block(look)] : []),
  ]
}

const block = (commands: readonly string[]) => (commands.length > 0 ? ['', '```sh', ...commands, '```'] : [])
