import { describe, expect, it } from 'vitest';
import { placeNodes } from '../../../src/explorer/web/lineageGraph.ts';

const places = (nodes: readonly { readonly id: string; readonly parents: readonly string[] }[]) => Object.fromEntries(placeNodes(nodes));

describe('places in a lineage', () => {
  it('a straight history is a straight line', () => {
    expect(
      places([
        { id: 'a', parents: [] },
        { id: 'b', parents: ['a'] },
        { id: 'c', parents: ['b'] },
      ]),
    ).toEqual({ a: { row: 0, lane: 0 }, b: { row: 1, lane: 0 }, c: { row: 2, lane: 0 } });
  });

  it('what is merged lies side by side below the merge', () => {
    expect(
      places([
        { id: 'a', parents: [] },
        { id: 'x', parents: ['a'] },
        { id: 'y', parents: ['a'] },
        { id: 'z', parents: ['a'] },
        { id: 'm', parents: ['x', 'y', 'z'] },
        { id: 'n', parents: ['m'] },
      ]),
    ).toEqual({
      a: { row: 0, lane: 0 },
      x: { row: 1, lane: 0 },
      y: { row: 1, lane: 1 },
      z: { row: 1, lane: 2 },
      m: { row: 2, lane: 0 },
      n: { row: 3, lane: 0 },
    });
  });

  it('no two share a place, also where parents are not shown', () => {
    const nodes = Array.from({ length: 40 }, (_, i) => ({
      id: String(i),
      parents: i % 3 === 0 ? ['older'] : [String(i - 1), String(Math.floor(i / 2))],
    }));
    const taken = [...placeNodes(nodes).values()].map(({ row, lane }) => `${row}.${lane}`);
    expect(new Set(taken).size).toBe(nodes.length);
  });
});
