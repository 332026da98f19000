import { html } from 'hono/html';
import type { LineageView } from '../../views.ts';
import { badge } from '../badge.ts';
import { card } from '../card.ts';
import { facts } from '../facts.ts';
import type { Html } from '../html.ts';
import { idOf, shorten } from '../idOf.ts';
import type { Page } from '../layout.ts';
import { type LineageNode, lineageGraph } from '../lineageGraph.ts';
import { number } from '../number.ts';
import type { PageRequest } from '../pageRequest.ts';
import { paths } from '../paths.ts';
import { checkpointsTable } from '../rows.ts';
import { table } from '../table.ts';
import { userText } from '../userText.ts';
import { when } from '../when.ts';

/** Steps back that one picture shows. */
const steps = 12;

/** A checkpoint: where it comes from, and what was made of it. */
export async function checkpointPage({ explorer, params, query }: PageRequest): Promise<Page> {
  const id = params['id'] ?? '';
  const checkpoint = await explorer.checkpoint(id);
  const { older, circuitId } = query;
  const lineage = await explorer.lineage(checkpoint.id, {
    depth: steps,
    ...(older === undefined ? {} : { cursor: older }),
    ...(circuitId === undefined ? {} : { circuitId }),
  });
  const isGenesis = checkpoint.genesis.length > 0;
  const proved = checkpoint.records.some((record) => record.proved);
  return {
    title: `Checkpoint ${checkpoint.id.slice(0, 10)}`,
    heading: 'Checkpoint',
    beside: html`${isGenesis ? badge('genesis', 'info') : ''}${checkpoint.records.length === 0 ? '' : proved ? badge('proved') : badge('final by silence', 'info')}`,
    crumbs: [['Checkpoints', '/checkpoints']],
    lead: idOf(checkpoint.id, 'checkpoint id'),
    content: html`${card('lineage', 'Where it comes from', lineagePart(lineage, checkpoint.id, circuitId))}
<div class="columns">
${card(
  'facts',
  'What is known of it',
  facts([
    [
      'Model',
      checkpoint.modelId === null
        ? undefined
        : idOf(checkpoint.modelId, 'model id', `/jobs?modelId=${encodeURIComponent(checkpoint.modelId)}`),
    ],
    [
      'Well-formed',
      checkpoint.wellFormed.length === 0
        ? 'no segment is proved'
        : checkpoint.wellFormed.map(
            ({ circuitId: circuit, segments, complete }) =>
              html`<div>${complete ? badge('complete', 'good') : `${number(segments)} segments`} under ${idOf(circuit, 'circuit id', paths.circuit(circuit))}</div>`,
          ),
    ],
    [
      'Audits',
      checkpoint.audits === 0
        ? 'none'
        : html`<a href="/audits?checkpointId=${encodeURIComponent(checkpoint.id)}">${number(checkpoint.audits)}</a>`,
    ],
  ]),
)}
${
  isGenesis
    ? card(
        'genesis',
        'Registered as genesis',
        html`${checkpoint.genesis.map((entry) =>
          facts([
            ['By', idOf(entry.registrant, 'address', paths.node(entry.registrant))],
            ['Licence', userText(entry.licence)],
            ['Weights', userText(entry.cid)],
            ['When', when(entry.at)],
          ]),
        )}`,
      )
    : ''
}
</div>
${card(
  'records',
  'Windows that ended in it',
  html`${checkpointsTable(checkpoint.records)}${checkpoint.records
    .filter(({ children }) => children.length > 0)
    .map(
      ({ children }) =>
        html`<p class="note">Merged from ${children.map((child, i) => html`${i > 0 ? ', ' : ''}${idOf(child, 'checkpoint id', paths.checkpoint(child))}`)}</p>`,
    )}`,
)}
${card('next', 'What was made of it', checkpointsTable(checkpoint.next))}`,
  };
}

function lineagePart(lineage: LineageView, here: string, circuitId: string | undefined): Html {
  const parents = new Map<string, string[]>();
  for (const { from, to } of lineage.edges) parents.set(to, [...(parents.get(to) ?? []), from]);
  // Oldest first: the walk counts its steps backwards, and gives what is merged the step of the merge.
  const age = ({ depth, kind }: LineageView['nodes'][number]): number => depth * 2 + (kind === 'child' ? 1 : 0);
  const oldestFirst = lineage.nodes.toSorted((a, b) => age(b) - age(a));
  const known = new Set(lineage.nodes.map(({ id }) => id));
  const label = (node: LineageView['nodes'][number]): string =>
    node.kind === 'genesis'
      ? 'Genesis'
      : node.window === null
        ? 'Contribution'
        : `${node.kind === 'merge' ? 'Merge of window' : 'Window'} ${node.window}`;
  const nodes: LineageNode[] = oldestFirst.map((node) => ({
    id: node.id,
    path: paths.checkpoint(node.id),
    label: `${label(node)}${node.proved === true ? ', proved' : ''}`,
    below: shorten(node.id),
    name: `${label(node)}${node.jobId === null ? '' : ` of job ${node.jobId}`}, checkpoint ${shorten(node.id)}${(parents.get(node.id)?.length ?? 0) > 1 ? `, from ${parents.get(node.id)?.length} checkpoints` : ''}${node.id === here ? ', this one' : ''}`,
    parents: parents.get(node.id) ?? [],
    kind:
      node.id === here
        ? 'here'
        : node.kind !== 'genesis' && (parents.get(node.id) ?? []).every((parent) => !known.has(parent))
          ? 'older'
          : 'plain',
  }));
  if (nodes.length === 0) return html`<p class="empty">No window led here.</p>`;
  const older = new URLSearchParams({
    ...(circuitId === undefined ? {} : { circuitId }),
    ...(lineage.next === null ? {} : { older: lineage.next }),
  });
  return html`<p class="note">The newest is on top; each checkpoint was made from those below that it is tied to.</p>
${lineageGraph(nodes, 'Lineage of this checkpoint, newest first')}
${lineage.next === null ? '' : html`<p class="pager"><a class="button" href="${`${paths.checkpoint(here)}?${older}#lineage`}">Older checkpoints</a></p>`}
<details><summary>Lineage as a table</summary>${table(
    'Lineage, newest first',
    [{ label: 'Checkpoint' }, { label: 'What' }, { label: 'Job' }, { label: 'From' }, { label: 'Block', number: true }],
    nodes.toReversed().map((node, i) => {
      const at = oldestFirst[nodes.length - 1 - i] as LineageView['nodes'][number];
      return [
        idOf(node.id, 'checkpoint id', node.path),
        node.label,
        at.jobId === null ? '–' : html`<a href="${paths.job(at.jobId)}">Job ${at.jobId}</a>`,
        node.parents.length === 0
          ? '–'
          : node.parents.map((parent) => html`<div>${idOf(parent, 'checkpoint id', paths.checkpoint(parent))}</div>`),
        at.block === null ? '–' : number(at.block),
      ];
    }),
    'None.',
  )}</details>`;
}
