import { drawCharts } from './charts.js';
import { followEvents } from './live.js';

/** "/" goes to the search box, Escape leaves it. */
function searchKeys() {
  const box = document.querySelector('#search');
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || box === null) return;
    const inField = event.target instanceof HTMLElement && event.target.matches('input, textarea, select, [contenteditable]');
    if (event.key === '/' && !inField) {
      event.preventDefault();
      box.focus();
      box.select();
    } else if (event.key === 'Escape' && event.target === box) box.blur();
  });
}

function themeToggle() {
  const button = document.querySelector('.theme');
  if (button === null) return;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const current = () => document.documentElement.dataset.theme ?? (system.matches ? 'dark' : 'light');
  const label = () => button.setAttribute('aria-label', current() === 'dark' ? 'Use the light theme' : 'Use the dark theme');
  button.addEventListener('click', () => {
    const next = current() === 'dark' ? 'light' : 'dark';
    document.documentElement.dataset.theme = next;
    try {
      localStorage.setItem('theme', next);
    } catch {
      // It holds for this page only.
    }
    label();
    document.dispatchEvent(new Event('themechange'));
  });
  system.addEventListener('change', () => {
    label();
    document.dispatchEvent(new Event('themechange'));
  });
  label();
}

function copyButtons() {
  const status = document.querySelector('#status');
  document.addEventListener('click', async (event) => {
    const button = event.target instanceof Element ? event.target.closest('.copy') : null;
    if (button === null) return;
    let said = 'Copied';
    try {
      await navigator.clipboard.writeText(button.dataset.copy ?? '');
      button.classList.add('done');
      setTimeout(() => button.classList.remove('done'), 1500);
    } catch {
      said = 'This browser does not allow copying here';
    }
    if (status !== null) status.textContent = said;
  });
}

/** The whole of a shortened id, beside what has the pointer or the focus. */
function wholeIds() {
  const tip = document.createElement('div');
  tip.className = 'tip';
  tip.hidden = true;
  tip.setAttribute('aria-hidden', 'true');
  document.body.append(tip);
  const hide = () => {
    tip.hidden = true;
  };
  const show = (event) => {
    const id = event.target instanceof Element ? event.target.closest('.id[data-full]') : null;
    if (id === null) return hide();
    tip.textContent = id.dataset.full ?? '';
    tip.hidden = false;
    const at = id.getBoundingClientRect();
    const size = tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(at.left, innerWidth - size.width - 8));
    const top = at.bottom + size.height + 8 > innerHeight ? at.top - size.height - 6 : at.bottom + 6;
    tip.style.transform = `translate(${left}px, ${top}px)`;
  };
  document.addEventListener('pointerover', show);
  document.addEventListener('focusin', show);
  document.addEventListener('focusout', hide);
  document.addEventListener('scroll', hide, { capture: true, passive: true });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') hide();
  });
}

searchKeys();
themeToggle();
copyButtons();
wholeIds();
drawCharts();
followEvents();
