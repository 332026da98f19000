// Programs for the browser, as text: each gives a list of what is wrong with the page.

/** Landmarks, headings, names, labels, tables. */
export const structureFaults = `(() => {
  const faults = [];
  const say = (text, element) => faults.push(element === undefined ? text : text + ': ' + element.outerHTML.slice(0, 160));
  if (document.documentElement.lang !== 'en') say('no language');
  if (document.title.trim() === '') say('no title');
  for (const landmark of ['header', 'main', 'footer', 'nav', 'search'])
    if (document.querySelector(landmark) === null) say('no ' + landmark);
  if (document.querySelectorAll('h1').length !== 1) say('not one h1');
  let level = 1;
  for (const heading of document.querySelectorAll('main :is(h1, h2, h3, h4, h5, h6)')) {
    const now = Number(heading.tagName[1]);
    if (now > level + 1) say('heading skips a level', heading);
    if (heading.textContent.trim() === '') say('empty heading', heading);
    level = now;
  }
  const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
  for (const id of new Set(ids.filter((id, i) => ids.indexOf(id) !== i))) say('id twice: ' + id);
  for (const element of document.querySelectorAll('[aria-labelledby]'))
    for (const id of element.getAttribute('aria-labelledby').split(' ')) if (document.getElementById(id) === null) say('no such label', element);
  const nameOf = (element) => (element.getAttribute('aria-label') ?? element.textContent ?? '').trim();
  for (const element of document.querySelectorAll('a, button, summary')) if (nameOf(element) === '') say('no name', element);
  for (const element of document.querySelectorAll('[role=img], [role=region], [role=group], nav'))
    if (!element.hasAttribute('aria-label') && !element.hasAttribute('aria-labelledby')) say('no name', element);
  for (const svg of document.querySelectorAll('svg'))
    if (svg.getAttribute('aria-hidden') !== 'true' && svg.closest('[role=group]') === null) say('svg neither named nor hidden', svg);
  for (const field of document.querySelectorAll('input, select, textarea'))
    if (field.labels === null || field.labels.length === 0) say('no label', field);
  for (const table of document.querySelectorAll('main table:not(.u-legend)')) {
    if (table.caption === null || table.caption.textContent.trim() === '') say('no caption', table);
    for (const cell of table.querySelectorAll('th')) if (!cell.hasAttribute('scope')) say('no scope', cell);
  }
  for (const box of document.querySelectorAll('main *')) {
    const style = getComputedStyle(box);
    if (/auto|scroll/.test(style.overflowX) && box.scrollWidth > box.clientWidth + 1 && box.tabIndex < 0 && box.querySelector('a, button, [tabindex]') === null)
      say('scrolls, but not by the keyboard', box);
  }
  if (document.documentElement.scrollWidth > innerWidth) say('wider than the window: ' + document.documentElement.scrollWidth);
  return faults;
})()`;

/** Text of which the contrast to what is behind it is below WCAG 2 AA. */
export const contrastFaults = `(() => {
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 1;
  const draw = canvas.getContext('2d', { willReadFrequently: true });
  const colour = (text) => {
    draw.clearRect(0, 0, 1, 1);
    draw.fillStyle = text;
    draw.fillRect(0, 0, 1, 1);
    return [...draw.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => {
    const [x, y, z] = [r, g, b].map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const behind = (element) => {
    for (let at = element; at !== null; at = at.parentElement) {
      const found = colour(getComputedStyle(at).backgroundColor);
      if (found[3] === 255) return found;
    }
    return [255, 255, 255, 255];
  };
  const faults = new Set();
  let looked = 0;
  for (const element of document.querySelectorAll('body *')) {
    if (element.closest('svg') !== null || !element.checkVisibility()) continue;
    if (![...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim() !== '')) continue;
    const style = getComputedStyle(element);
    const [a, b] = [light(colour(style.color)), light(behind(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24 || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    looked++;
    if (ratio < (large ? 3 : 4.5)) faults.add(element.tagName + '.' + element.className + ' ' + style.color + ' ' + ratio.toFixed(2));
  }
  return looked === 0 ? ['no text'] : [...faults];
})()`;

/** How many elements the Tab key must reach. */
export const focusableCount = `[...document.querySelectorAll('a[href], button, input, summary, [tabindex="0"]')].filter((element) => element.checkVisibility({ visibilityProperty: true }) && element.closest('details:not([open]) > :not(summary)') === null).length`;
