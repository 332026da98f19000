/** How many lines the list of what just happened keeps. */
const kept = 12;

/** Puts new events on top of the list, where the page has one. Text is only ever set as text. */
export function followEvents() {
  const list = document.querySelector('[data-live]');
  if (list === null || typeof EventSource === 'undefined') return;
  const state = document.querySelector('[data-live-state]');
  const say = (text) => {
    if (state !== null) state.textContent = text;
  };
  const source = new EventSource('/api/v1/events/stream');
  source.addEventListener('open', () => say('live'));
  source.addEventListener('error', () => say(source.readyState === EventSource.CLOSED ? 'not live' : 'connecting again'));
  source.addEventListener('chain', (message) => {
    const { text, path, blockNumber } = JSON.parse(message.data);
    const line = document.createElement('li');
    const what = document.createElement('a');
    what.textContent = String(text);
    // A path of this site and nothing else.
    if (typeof path === 'string' && /^\/[a-z]/.test(path)) what.setAttribute('href', path);
    const where = document.createElement('span');
    where.className = 'where';
    where.textContent = `block ${blockNumber}`;
    line.append(what, where);
    list.prepend(line);
    while (list.children.length > kept) list.lastElementChild?.remove();
  });
  addEventListener('pagehide', () => source.close());
}
