import { readFileSync } from 'node:fs'
import { downTexts, upTexts } from '../story/texts.ts'
import { relations } from './architecture.ts'
import { diagram } from './diagram.ts'
import { escape } from './escape.ts'
import type { Chapter, Story, Thing } from './story.ts'

const template = (name: string) => readFileSync(new URL(`templates/${name}`, import.meta.url), 'utf8')

/** One page that needs nothing but itself: the stories, each with its diagram, its steps and its parts. */
export async function html(stories: readonly Story[]): Promise<string> {
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
    `<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark"><link rel="icon" href="data:,"><title>${escape(title)}</title>`,
    `<style>\n${template('page.css')}</style></head>`,
    '<body>',
    `<header><h1>${escape(title)}</h1><p>In ${escape(first.zone)}. Arrow keys go from step to step; a part of the diagram tells about itself.</p>${stories.length > 1 ? `<nav aria-label="Story">${tabs.join('')}</nav>` : ''}</header>`,
    ...(await Promise.all(stories.map(section))),
    `<script>\n${template('page.js')}</script>`,
    '</body></html>',
    '',
  ].join('\n')
}

async function section(story: Story, i: number): Promise<string> {
  const { direction, chapters, things } = story
  return [
    `<main class="story" data-story="${direction}"${i > 0 ? ' hidden' : ''}>`,
    `<section class="map" aria-label="Diagram">${await diagram(story, 'wide')}${await diagram(story, 'narrow')}</section>`,
    '<section class="telling" aria-label="Steps">',
    `<nav class="walk" aria-label="Step by step"><button type="button" data-go="-1">Back</button><span class="where" role="status"></span><button type="button" data-go="1">Next</button></nav>`,
    ...chapters.map((one, n) => article(one, n, story)),
    ...things.map(one => part(one, story)),
    '</section>',
    `<nav class="line" aria-label="All steps"><h2>All steps</h2><ol>${chapters.map((one, n) => item(one, n, story)).join('')}</ol></nav>`,
    '</main>',
  ].join('\n')
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`

function article(one: Chapter, n: number, { chapters, things, direction, timeless }: Story): string {
  const { what, why, without } = one.text
  const here = things.filter(thing => thing[direction] === one.name).map(thing => thing.key)
  const calls = one.calls.map(
    ({ action, asks, milliseconds }) =>
      `<li class="${asks ? 'asks' : 'changes'}"><code>${escape(action)}</code>${asks ? ' asks' : ''}${timeless ? '' : ` <small>${milliseconds} ms</small>`}</li>`,
  )
  return [
    `<article class="chapter" data-step="${n}" data-name="${escape(one.name)}" data-things="${here.join(' ')}">`,
    `<h2 tabindex="-1"><small>Step ${n + 1} of ${chapters.length}</small> ${escape(one.name)}</h2>`,
    `<p class="outcome">${escape(one.outcome)}${timeless ? '' : ` in ${seconds(one.ended - one.began)}`}${one.ids.length > 0 ? `: ${one.ids.map(id => `<code>${escape(id)}</code>`).join(', ')}` : ''}</p>`,
    what ? `<p>${escape(what)}</p>` : '',
    why ? `<p>${what ? '<b>Why:</b> ' : ''}${escape(why)}</p>` : '',
    without ? `<p><b>Without it:</b> ${escape(without)}</p>` : '',
    one.commands.length > 0 ? `<h3>The same by hand</h3><pre>${one.commands.map(escape).join('\n')}</pre>` : '',
    one.look.length > 0 ? `<h3>To look at it</h3><pre>${one.look.map(escape).join('\n')}</pre>` : '',
    `<details><summary>${one.calls.length} calls of the API</summary><ul>${calls.join('')}</ul></details>`,
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
        `<li>${escape(`${titles.get(from)} → ${titles.get(to)}${label ? `: ${label}` : ''}`)}</li>`,
    )
  const text = one.up ? upTexts[one.up] : undefined
  const goes = one.down ? downTexts[one.down] : undefined
  return [
    `<article class="part" id="part-${one.key}" data-key="${one.key}" hidden>`,
    `<h2 tabindex="-1">${escape(one.title)}</h2>`,
    one.id ? `<p><code>${escape(one.id)}</code></p>` : '',
    text ? `<p>${escape(text.what)}</p><p><b>Why:</b> ${escape(text.why)}</p>` : '',
    talks.length > 0 ? `<h3>With whom</h3><ul>${talks.join('')}</ul>` : '',
    one.parameters ? `<h3>Parameters</h3><pre>${escape(JSON.stringify(one.parameters, undefined, 2))}</pre>` : '',
    one.command ? `<h3>By hand</h3><pre>${escape(one.command)}</pre>` : '',
    goes ? `<h3>What kube-down does</h3><p>${escape(goes)}</p>` : '',
    '<button type="button" class="close">Back to the step</button>',
    '</article>',
  ].join('\n')
}

function item(one: Chapter, n: number, { chapters, timeless }: Story): string {
  const end = Math.max(1, ...chapters.map(chapter => chapter.ended))
  const bar = timeless
    ? ''
    : `<span class="bar"><i style="margin-left:${((one.began / end) * 100).toFixed(1)}%;width:${Math.max(0.5, ((one.ended - one.began) / end) * 100).toFixed(1)}%"></i></span><small>${seconds(one.ended - one.began)}</small>`
  return `<li><button type="button" data-step="${n}">${escape(one.name)}</button>${bar}</li>`
}
