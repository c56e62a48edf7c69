import { readFileSync } from 'node:fs'
import { downTexts, upTexts } from '../story/texts.ts'
import { relations } from './architecture.ts'
import { diagram } from './diagram.ts'
import { escaped } from './escaped.ts'
import type { Chapter, Story, Thing } from './story.ts'

const template = (name: string) => readFileSync(new URL(`templates/${name}`, import.meta.url), 'utf8')

/** One page that needs nothing but itself: the stories, each with its diagram, its steps and its parts. Pure but for reading its templates. */
export function html(stories: readonly Story[]): string {
  const [first] = stories
  if (!first) throw new Error('a walkthrough needs a story')
  const title = `Cluster ${first.cluster}, step by step`
  const tabs = stories.map(
    ({ direction }, i) =>
      `<button type="button" class="tab" data-story="${direction}" aria-pressed="${i === 0}">kube-${direction}</button>`,
  )
  return [
    '<!doctype html>',
    '<html lang="en">',
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>${escaped(title)}</title>`,
    `<style>\n${template('page.css')}</style></head>`,
    '<body>',
    `<header><h1>${escaped(title)}</h1><p>In ${escaped(first.zone)}. Arrow keys go from step to step; a part of the diagram tells about itself.</p>${stories.length > 1 ? `<nav aria-label="Story">${tabs.join('')}</nav>` : ''}</header>`,
    ...stories.map(section),
    `<script>\n${template('page.js')}</script>`,
    '</body></html>',
    '',
  ].join('\n')
}

function section(story: Story, i: number): string {
  const { direction, chapters, things } = story
  return [
    `<main class="story" data-story="${direction}"${i > 0 ? ' hidden' : ''}>`,
    `<section class="map" aria-label="Diagram">${diagram(story, 'wide')}${diagram(story, 'narrow')}</section>`,
    '<section class="telling" aria-label="Steps">',
    `<nav class="walk" aria-label="Step by step"><button type="button" data-go="-1">Back</button><span class="where" role="status"></span><button type="button" data-go="1">Next</button></nav>`,
    ...chapters.map((one, n) => article(one, n, story)),
    ...things.map(one => part(one, story)),
    '</section>',
    `<nav class="line${story.timeless ? ' timeless' : ''}" aria-label="All steps"><h2>All steps</h2><ol>${chapters.map((one, n) => item(one, n, story)).join('')}</ol></nav>`,
    '</main>',
  ].join('\n')
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

function article(one: Chapter, n: number, { chapters, things, direction, timeless }: Story): string {
  const { what, why, without } = one.text
  const here = things.filter(thing => thing[direction] === one.name).map(thing => thing.key)
  const calls = one.calls.map(
    ({ action, asks, milliseconds }) =>
      `<li class="${asks ? 'asks' : 'changes'}"><code>${escaped(action)}</code>${asks ? ' asks' : ''}${timeless ? '' : ` <small>${milliseconds} ms</small>`}</li>`,
  )
  return [
    `<article class="chapter" data-step="${n}" data-name="${escaped(one.name)}" data-things="${here.join(' ')}">`,
    `<h2 tabindex="-1"><small>Step ${n + 1} of ${chapters.length}</small> ${escaped(one.name)}</h2>`,
    `<p class="outcome">${escaped(one.outcome)}${timeless ? '' : ` in ${seconds(one.ended - one.began)}`}${one.ids.length > 0 ? `: ${one.ids.map(id => `<code>${escaped(id)}</code>`).join(', ')}` : ''}</p>`,
    what ? `<p>${escaped(what)}</p>` : '',
    why ? `<p>${what ? '<b>Why:</b> ' : ''}${escaped(why)}</p>` : '',
    without ? `<p><b>Without it:</b> ${escaped(without)}</p>` : '',
    one.commands.length > 0 ? `<h3>The same by hand</h3><pre>${one.commands.map(escaped).join('\n')}</pre>` : '',
    one.look.length > 0 ? `<h3>To look at it</h3><pre>${one.look.map(escaped).join('\n')}</pre>` : '',
    `<details><summary>${one.calls.length} ${one.calls.length === 1 ? 'call' : 'calls'} of the API</summary><ul>${calls.join('')}</ul></details>`,
    '</article>',
  ].join('\n')
}

/** What a part tells about itself when it is chosen. */
function part(one: Thing, { things }: Story): string {
  const titles = new Map(things.map(thing => [thing.key, thing.title]))
  const talks = relations
    .filter(({ from, to }) => (from === one.key || to === one.key) && titles.has(from) && titles.has(to))
    .map(
      ({ from, to, label }) =>
        `<li>${escaped(`${titles.get(from)} → ${titles.get(to)}${label ? `: ${label}` : ''}`)}</li>`,
    )
  const text = one.up ? upTexts[one.up] : undefined
  const goes = one.down ? downTexts[one.down] : undefined
  return [
    `<article class="part" id="part-${one.key}" data-key="${one.key}" hidden>`,
    `<h2 tabindex="-1">${escaped(one.title)}</h2>`,
    one.id ? `<p><code>${escaped(one.id)}</code></p>` : '',
    text ? `<p>${escaped(text.what)}</p><p><b>Why:</b> ${escaped(text.why)}</p>` : '',
    talks.length > 0 ? `<h3>With whom</h3><ul>${talks.join('')}</ul>` : '',
    one.parameters ? `<h3>Parameters</h3><pre>${escaped(JSON.stringify(one.parameters, undefined, 2))}</pre>` : '',
    one.command ? `<h3>By hand</h3><pre>${escaped(one.command)}</pre>` : '',
    goes ? `<h3>What kube-down does</h3><p>${escaped(goes)}</p>` : '',
    '<button type="button" class="close">Back to the step</button>',
    '</article>',
  ].join('\n')
}

function item(one: Chapter, n: number, { chapters, timeless }: Story): string {
  const end = Math.max(1, ...chapters.map(chapter => chapter.ended))
  const bar = timeless
    ? ''
    : `<span class="bar"><i style="margin-left:${((one.began / end) * 100).toFixed(1)}%;width:${Math.max(0.5, ((one.ended - one.began) / end) * 100).toFixed(1)}%"></i></span><small>${seconds(one.ended - one.began)}</small>`
  return `<li><button type="button" data-step="${n}">${escaped(one.name)}</button>${bar}</li>`
}
