import { html } from 'hono/html';
import { badge } from '../badge.ts';
import { card } from '../card.ts';
import type { Page } from '../layout.ts';
import type { PageRequest } from '../pageRequest.ts';
import { pathOfHit } from '../paths.ts';
import { table } from '../table.ts';
import { userText } from '../userText.ts';

/** What a search found. @returns a path instead where there is exactly one thing that it can mean */
export async function searchPage({ explorer, query }: PageRequest): Promise<Page | string> {
  const text = (query['q'] ?? '').trim();
  const found = text === '' ? { hits: [], more: false } : await explorer.search(text);
  const [only] = found.hits;
  if (found.hits.length === 1 && only !== undefined) {
    const path = pathOfHit(only);
    if (path !== undefined) return path;
  }
  return {
    title: 'Search',
    heading: 'Search',
    lead:
      text === ''
        ? 'The number of a job, job/window, an address, or any id or hash from its first six digits on.'
        : html`For ${userText(text)}`,
    content: card(
      'hits',
      'Found',
      html`${table(
        'What was found',
        [{ label: 'What' }, { label: 'Kind' }],
        found.hits.map((hit) => {
          const path = pathOfHit(hit);
          return [path === undefined ? userText(hit.label) : html`<a href="${path}">${userText(hit.label)}</a>`, badge(hit.type, 'plain')];
        }),
        text === ''
          ? 'Nothing was asked for.'
          : 'Nothing has that number, address or id. Ids can be shortened to their first digits: 0x1234ab.',
      )}${found.more ? html`<p class="note">There is more that begins so: give more digits.</p>` : ''}`,
    ),
  };
}
