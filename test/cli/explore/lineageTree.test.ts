import { describe, expect, it } from 'vitest';
import { lineageTree } from '../../../src/cli/explore/lineageTree.ts';
import { createSheet } from '../../../src/cli/explore/sheet.ts';
import type { LineageNode, LineageView } from '../../../src/explorer/views.ts';

const sheet = createSheet(true, false);
const node = (id: string, kind: LineageNode['kind'], depth: number, window: number | null = null): LineageNode => ({
  id,
  kind,
  jobId: kind === 'genesis' ? null : '1',
  window,
  version: kind === 'genesis' || kind === 'child' ? null : 1,
  proved: kind === 'genesis' ? null : true,
  block: null,
  depth,
});
const edge = (from: string, to: string, kind: 'window' | 'merge' | 'base' = 'window') => ({ from, to, kind, submissionId: null });
const draw = (view: Pick<LineageView, 'nodes' | 'edges'> & Partial<LineageView>): string[] =>
  lineageTree({ id: view.nodes[0]?.id ?? '', next: null, ...view }, sheet).split('\n');

describe('the history of a checkpoint', () => {
  it('is one column where every checkpoint has one parent', () => {
    const nodes = [node('c', 'window', 0, 1), node('b', 'window', 1, 0), node('a', 'genesis', 2)];
    expect(draw({ nodes, edges: [edge('b', 'c'), edge('a', 'b')] })).toEqual([
      '●  c  window 1 of job 1, version 1, proved',
      '●  b  window 0 of job 1, version 1, proved',
      '●  a  genesis',
    ]);
  });

  it('parts at a merge and joins at what the contributions have in common', () => {
    const nodes = [
      node('m', 'merge', 0, 1),
      node('x', 'child', 0, 1),
      node('y', 'child', 0, 1),
      node('z', 'child', 0, 1),
      node('b', 'window', 1, 0),
      node('a', 'genesis', 2),
    ];
    const children = ['x', 'y', 'z'].flatMap((child) => [edge(child, 'm', 'merge'), edge('b', child, 'base')]);
    expect(draw({ nodes, edges: [...children, edge('a', 'b')] })).toEqual([
      '●  m  merge of window 1 of job 1, version 1, proved',
      '├─┬─╮',
      '● │ │  x  contribution to window 1 of job 1, proved',
      '│ ● │  y  contribution to window 1 of job 1, proved',
      '│ │ ●  z  contribution to window 1 of job 1, proved',
      '├─┴─╯',
      '●  b  window 0 of job 1, version 1, proved',
      '●  a  genesis',
    ]);
  });

  it('draws two merges in a row', () => {
    const nodes = [
      node('m', 'merge', 0, 1),
      node('x', 'child', 0, 1),
      node('y', 'child', 0, 1),
      node('n', 'merge', 1, 0),
      node('u', 'child', 1, 0),
      node('v', 'child', 1, 0),
      node('a', 'genesis', 2),
    ];
    const of = (merge: string, children: readonly string[], base: string) =>
      children.flatMap((child) => [edge(child, merge, 'merge'), edge(base, child, 'base')]);
    const lines = draw({ nodes, edges: [...of('m', ['x', 'y'], 'n'), ...of('n', ['u', 'v'], 'a')] });
    expect(lines.map((line) => line.slice(0, 3).trimEnd())).toEqual([
      '●',
      '├─╮',
      '● │',
      '│ ●',
      '├─╯',
      '●',
      '├─╮',
      '● │',
      '│ ●',
      '├─╯',
      '●',
    ]);
  });

  it('says where older history is left out', () => {
    const nodes = [node('c', 'window', 0, 5), node('b', 'window', 1, 4)];
    expect(draw({ nodes, edges: [edge('b', 'c'), edge('a', 'b')], next: 'place' }).at(-1)).toBe(
      '┆  older history is left out: --cursor place',
    );
    // The control: nothing is left out.
    expect(draw({ nodes: [...nodes, node('a', 'genesis', 2)], edges: [edge('b', 'c'), edge('a', 'b')] }).join()).not.toContain('left out');
  });

  it('ends where a lineage comes back to itself', () => {
    const nodes = [node('b', 'window', 0, 1), node('a', 'window', 1, 0)];
    expect(draw({ nodes, edges: [edge('a', 'b'), edge('b', 'a')] })).toHaveLength(2);
  });
});
