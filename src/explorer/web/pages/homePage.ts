import { html } from 'hono/html';
import type { EventRow } from '../../views.ts';
import { card } from '../card.ts';
import { counts, health } from '../figures.ts';
import type { Html } from '../html.ts';
import type { Page } from '../layout.ts';
import type { PageRequest } from '../pageRequest.ts';
import { paths } from '../paths.ts';
import { jobsTable, proofsTable, slashesTable } from '../rows.ts';
import { userText } from '../userText.ts';

/** The network at a glance. */
export async function homePage({ explorer }: PageRequest): Promise<Page> {
  const limit = 6;
  const [metrics, jobs, proofs, slashes, events] = await Promise.all([
    explorer.metrics(),
    explorer.jobs({ limit }),
    explorer.proofs({ limit }),
    explorer.slashes({ limit: 5 }),
    explorer.events({ limit: 12, newestFirst: true }),
  ]);
  return {
    title: 'Network',
    heading: 'Proved machine-learning work',
    lead: 'Jobs, the windows of training that workers proved, what was paid for them, and who was caught. All of it is read from the chain.',
    content: html`${counts(metrics)}
${card('jobs', 'Latest jobs', html`${jobsTable(jobs.items)}<p class="pager"><a class="button" href="/jobs">All jobs</a></p>`)}
${card('proofs', 'Latest windows', html`${proofsTable(proofs.items)}<p class="pager"><a class="button" href="/proofs">All proofs</a></p>`)}
<section aria-labelledby="health"><h2 id="health">Health of the network</h2>${health(metrics, true)}</section>
${card('slashes', 'Latest slashes', html`${slashesTable(slashes.items)}${slashes.items.length === 0 ? '' : html`<p class="pager"><a class="button" href="/slashes">All slashes</a></p>`}`)}
${card('happened', html`What just happened <span class="badge needs-script" data-live-state>not live</span>`, html`<ol class="log" data-live>${events.items.map(logLine)}</ol>`)}`,
  };
}

function logLine({ text, at }: EventRow): Html {
  return html`<li><a href="${paths.transaction(at.transaction)}">${userText(text)}</a><span class="where">block ${String(at.block)}</span></li>`;
}
