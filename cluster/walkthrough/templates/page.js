// Goes from step to step, and shows of the diagram what is there by then. Without it, all of the text is on the page.
for (const story of document.querySelectorAll('main.story')) {
  const down = story.dataset.story === 'down'
  const chapters = [...story.querySelectorAll('.chapter')]
  const names = chapters.map(chapter => chapter.dataset.name)
  const where = story.querySelector('.where')
  let at = 0

  /** The steps at which a thing comes, or on the way back goes. */
  const stepOf = key => chapters.findIndex(chapter => chapter.dataset.things.split(' ').includes(key))
  const isThere = key => stepOf(key) === -1 || (down ? stepOf(key) >= at : stepOf(key) <= at)

  const show = (n, focus) => {
    at = Math.max(0, Math.min(chapters.length - 1, n))
    close()
    chapters.forEach((chapter, i) => {
      chapter.hidden = i !== at
    })
    where.textContent = `${at + 1} of ${chapters.length}`
    story.querySelector('[data-go="-1"]').disabled = at === 0
    story.querySelector('[data-go="1"]').disabled = at === chapters.length - 1
    for (const button of story.querySelectorAll('.line button'))
      if (Number(button.dataset.step) === at) button.setAttribute('aria-current', 'step')
      else button.removeAttribute('aria-current')
    for (const thing of story.querySelectorAll('.thing, .caption')) {
      thing.classList.toggle('away', !isThere(thing.dataset.key))
      thing.classList.toggle('now', stepOf(thing.dataset.key) === at)
    }
    for (const line of story.querySelectorAll('.relation')) {
      const ends = isThere(line.dataset.from) && isThere(line.dataset.to)
      const since = names.indexOf(line.dataset.step)
      line.classList.toggle('away', !ends || (!down && since > at))
    }
    if (focus) chapters[at].querySelector('h2').focus({ preventScroll: true })
  }

  const close = () => {
    for (const part of story.querySelectorAll('.part')) part.hidden = true
    for (const thing of story.querySelectorAll('.chosen')) thing.classList.remove('chosen')
    chapters[at].hidden = false
  }

  const choose = thing => {
    close()
    thing.classList.add('chosen')
    chapters[at].hidden = true
    const part = story.querySelector(`.part[data-key="${thing.dataset.key}"]`)
    part.hidden = false
    part.querySelector('h2').focus({ preventScroll: matchMedia('(min-width: 64rem)').matches })
  }

  story.addEventListener('click', ({ target }) => {
    const thing = target.closest('.thing')
    const button = target.closest('button')
    if (thing) choose(thing)
    else if (button?.dataset.go) show(at + Number(button.dataset.go))
    else if (button?.dataset.step) show(Number(button.dataset.step), true)
    else if (button?.classList.contains('close')) close()
  })
  story.addEventListener('keydown', event => {
    const thing = event.target.closest('.thing')
    if (!thing || (event.key !== 'Enter' && event.key !== ' ')) return
    event.preventDefault()
    choose(thing)
  })
  document.addEventListener('keydown', event => {
    if (story.hidden || event.altKey || event.ctrlKey || event.metaKey) return
    const steps = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: chapters.length - 1 }
    if (event.key === 'Escape') close()
    else if (event.key in steps) {
      event.preventDefault()
      show(steps[event.key], true)
    }
  })
  show(0)
}
for (const tab of document.querySelectorAll('.tab'))
  tab.addEventListener('click', () => {
    for (const story of document.querySelectorAll('main.story'))
      story.hidden = story.dataset.story !== tab.dataset.story
    for (const other of document.querySelectorAll('.tab')) other.setAttribute('aria-pressed', `${other === tab}`)
  })
