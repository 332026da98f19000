import { html } from 'hono/html';
import type { Html } from './html.ts';

/** A checkpoint in a lineage. */
export type LineageNode = {
  readonly id: string;
  readonly path: string;
  /** Two short lines. */
  readonly label: string;
  readonly below: string;
  /** What a screen reader says of it. */
  readonly name: string;
  /** Checkpoints it was made from. One that is not among the nodes is not drawn. */
  readonly parents: readonly string[];
  readonly kind: 'here' | 'older' | 'plain';
};

const box = { width: 216, height: 46 } as const;
const gap = { x: 26, y: 34 } as const;
const margin = 16;

/**
 * A history as a picture: the newest on top, each checkpoint above all that it was made from, a link each. Whoever does not see it has the table beside it.
 *
 * @param nodes parents before children
 */
export function lineageGraph(nodes: readonly LineageNode[], title: string): Html {
  const places = placeNodes(nodes);
  const rows = Math.max(0, ...[...places.values()].map(({ row }) => row)) + 1;
  const lanes = Math.max(0, ...[...places.values()].map(({ lane }) => lane)) + 1;
  const width = margin * 2 + lanes * box.width + (lanes - 1) * gap.x;
  const height = margin * 2 + rows * box.height + (rows - 1) * gap.y;
  const at = (id: string): { x: number; y: number } | undefined => {
    const place = places.get(id);
    if (place === undefined) return undefined;
    return { x: margin + place.lane * (box.width + gap.x), y: margin + (rows - 1 - place.row) * (box.height + gap.y) };
  };
  const edges = nodes.flatMap((node) =>
    node.parents.flatMap((parent) => {
      const from = at(parent);
      const to = at(node.id);
      if (from === undefined || to === undefined) return [];
      const [x1, y1, x2, y2] = [from.x + box.width / 2, from.y, to.x + box.width / 2, to.y + box.height];
      const bend = gap.y * 0.75;
      return [html`<path class="edge" d="${`M${x1} ${y1}C${x1} ${y1 - bend} ${x2} ${y2 + bend} ${x2} ${y2}`}"/>`];
    }),
  );
  const boxes = nodes.toReversed().map((node) => {
    const { x, y } = at(node.id) as { x: number; y: number };
    const here = node.kind === 'here' ? html` aria-current="true"` : '';
    return html`<a href="${node.path}" class="${node.kind}" aria-label="${node.name}"${here} transform="${`translate(${x} ${y})`}"><rect width="${String(box.width)}" height="${String(box.height)}" rx="8"/><text x="12" y="19">${node.label}</text><text x="12" y="36" class="sub">${node.below}</text></a>`;
  });
  return html`<div class="lineage" role="group" aria-label="${title}"><svg width="${String(width)}" height="${String(height)}" viewBox="${`0 0 ${width} ${height}`}" xmlns="http://www.w3.org/2000/svg"><g>${edges}</g>${boxes}</svg></div>`;
}

type Place = { readonly row: number; readonly lane: number };

/**
 * A row for each generation (one below the lowest parent); within a row the lane of the first parent where it is free, else the next free one. So a straight
 * history is a straight line, and what is merged lies side by side below the merge.
 */
export function placeNodes(nodes: readonly Pick<LineageNode, 'id' | 'parents'>[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>();
  const taken = new Set<string>();
  for (const { id, parents } of nodes) {
    const known = parents.flatMap((parent) => places.get(parent) ?? []);
    const row = known.reduce((lowest, place) => Math.max(lowest, place.row + 1), 0);
    // A merge stands in the lane of the base, which all that it merges came from.
    let lane = known.reduce((leftmost, place) => Math.min(leftmost, place.lane), known[0]?.lane ?? 0);
    while (taken.has(`${row}.${lane}`)) lane++;
    taken.add(`${row}.${lane}`);
    places.set(id, { row, lane });
  }
  return places;
}
