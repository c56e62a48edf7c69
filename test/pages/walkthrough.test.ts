import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { suite } from 'uvu'
import * as assert from 'uvu/assert'
import { layout } from '../../scripts/layout.ts'
import { chromiumPath } from './chromium.ts'
import { contrasts } from './contrast.ts'

const test = suite('walkthrough page')
const page = pathToFileURL(fileURLToPath(new URL('../../docs/walkthrough.html', import.meta.url))).href
const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking']

let folder: string
let browser: BrowserContext
test.before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-up-pages-'))
  browser = await chromium.launchPersistentContext(folder, {
    executablePath: chromiumPath(),
    headless: true,
    args: [...flags, '--disable-component-update', '--disable-sync'],
  })
})
test.after(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

interface Opened {
  readonly page: Page
  /** What the page complained about, and what it asked the network for. */
  readonly complaints: string[]
}

async function open(width: number, scheme: 'light' | 'dark' = 'light'): Promise<Opened> {
  const opened = await browser.newPage()
  const complaints: string[] = []
  opened.on('console', message => complaints.push(message.text()))
  opened.on('pageerror', error => complaints.push(error.message))
  opened.on('request', request => {
    if (!/^(file|data):/.test(request.url())) complaints.push(`asked for ${request.url()}`)
  })
  // What strips the types leaves calls of this behind, which the page does not have.
  await opened.addInitScript('globalThis.__name = it => it')
  await opened.setViewportSize({ width, height: 900 })
  await opened.emulateMedia({ colorScheme: scheme })
  await opened.goto(page)
  return { page: opened, complaints }
}

const where = (of: Page) => of.locator('main:not([hidden]) .where').innerText()
const things = (of: Page) => of.locator('main:not([hidden]) svg:visible .thing:not(.away)').count()

test('it goes forward and back, by button and by key, and the diagram grows and shrinks', async () => {
  const { page, complaints } = await open(1280)
  const steps = await page.locator('main:not([hidden]) .chapter').count()
  assert.ok(steps > 12)
  assert.is(await where(page), `1 of ${steps}`)
  const counts = [await things(page)]
  for (let i = 1; i < steps; i++) {
    if (i % 2) await page.keyboard.press('ArrowRight')
    else await page.getByRole('button', { name: 'Next' }).click()
    assert.is(await where(page), `${i + 1} of ${steps}`)
    counts.push(await things(page))
  }
  assert.equal(
    counts,
    counts.toSorted((a, b) => a - b),
    'nothing goes while kube-up goes on',
  )
  assert.ok((counts.at(-1) ?? 0) - (counts[0] ?? 0) > 12)
  assert.ok(await page.getByRole('button', { name: 'Next' }).isDisabled())
  await page.keyboard.press('ArrowLeft')
  await page.getByRole('button', { name: 'Back', exact: true }).click()
  assert.is(await where(page), `${steps - 2} of ${steps}`)
  await page.keyboard.press('Home')
  assert.is(await things(page), counts[0])
  assert.equal(complaints, [])
  await page.close()
})

test('the current step is lit in the diagram, and has the focus of a screen reader', async () => {
  const { page } = await open(1280)
  await page.locator('.line button', { hasText: /^VPC$/ }).first().click()
  assert.equal(
    await page.locator('svg:visible .thing.now').evaluateAll(all => all.map(one => one.getAttribute('data-key'))),
    ['vpc'],
  )
  assert.match(await page.evaluate(() => document.activeElement?.textContent ?? ''), /Step \d+ of \d+ VPC/)
  await page.close()
})

for (const by of ['click', 'Enter'])
  test(`a part tells about itself by ${by}: what it is, its parameters, its command, and what kube-down does`, async () => {
    const { page } = await open(1280)
    await page.keyboard.press('End')
    const vpc = page.locator('svg:visible .thing[data-key=volume]')
    if (by === 'click') await vpc.click()
    else {
      await vpc.focus()
      await page.keyboard.press('Enter')
    }
    const told = await page.locator('.part:visible').innerText()
    assert.match(
      told,
      /Master's volume[\s\S]*Why:[\s\S]*"Encrypted": true[\s\S]*aws ec2 create-volume[\s\S]*What kube-down does/,
    )
    await page.keyboard.press('Escape')
    assert.is(await page.locator('.part:visible').count(), 0)
    assert.is(await page.locator('.chapter:visible').count(), 1)
    await page.close()
  })

test('every part that is drawn tells about itself', async () => {
  const { page, complaints } = await open(390)
  await page.keyboard.press('End')
  const keys = await page.locator('svg:visible .thing').evaluateAll(all => all.map(one => one.getAttribute('data-key')))
  for (const key of keys) {
    await page.locator(`svg:visible .thing[data-key="${key}"]`).focus()
    await page.keyboard.press('Enter')
    assert.ok(await page.locator(`main:not([hidden]) .part[data-key="${key}"]`).isVisible(), `${key}`)
  }
  assert.equal(complaints, [])
  await page.close()
})

test('kube-down is told backwards: the diagram shrinks until only what was there before is left', async () => {
  const { page } = await open(1280)
  const before = await things(page)
  await page.getByRole('button', { name: 'kube-down' }).click()
  const full = await things(page)
  await page.keyboard.press('End')
  assert.ok(full > before + 12)
  assert.is(await things(page), before)
  await page.close()
})

for (const width of [320, 390, 768, 1280, 1920])
  test(`at ${width} pixels nothing makes the page scroll sideways, at any step`, async () => {
    const { page } = await open(width)
    for (const story of ['kube-up', 'kube-down']) {
      await page.getByRole('button', { name: story }).click()
      for (let i = 0; i < (await page.locator('main:not([hidden]) .chapter').count()); i++) {
        assert.ok(
          await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth),
          `${story}, step ${i + 1}`,
        )
        await page.keyboard.press('ArrowRight')
      }
    }
    await page.close()
  })

for (const width of [390, 1280])
  for (const scheme of ['light', 'dark'] as const)
    test(`at ${width} pixels, ${scheme}, every text has the contrast of WCAG AA and a size that can be read`, async () => {
      const { page } = await open(width, scheme)
      for (const key of ['Home', 'End']) {
        await page.keyboard.press(key)
        const texts = await contrasts(page)
        assert.ok(texts.length > 40)
        assert.equal(
          texts.filter(({ ratio, needed }) => ratio < needed),
          [],
        )
        assert.equal(
          texts.filter(({ pixels }) => pixels < 9.5),
          [],
        )
      }
      await page.close()
    })

test('without scripts all of the text is there', async () => {
  const text = await readFile(new URL(page), 'utf8')
  assert.not.match(text.replaceAll(/<article class="part".*?>/g, ''), /<article[^>]* hidden/)
})

test('the layout is that of the parts there are: else npm run walkthrough writes it anew', async () => {
  const kept = JSON.parse(await readFile(new URL('../../cluster/walkthrough/layout.json', import.meta.url), 'utf8'))
  assert.equal(kept, JSON.parse(JSON.stringify({ wide: await layout('wide'), narrow: await layout('narrow') })))
})

test.run()
