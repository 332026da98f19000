import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import { type AuditSet, cutAuditSet } from '../../src/data/auditSet.ts';
import { decodeAuditSet, encodeAuditSet } from '../../src/data/auditSetBlob.ts';
import { decodeCsv } from '../../src/data/decodeCsv.ts';
import { perturbSamples } from '../../src/data/perturbSamples.ts';
import { codeOf } from '../utils/codeOf.ts';
import { recutSet } from '../utils/recutSet.ts';

const dataset = {
  count: 7,
  width: 4,
  classes: 2,
  featureBits: 4,
  features: Uint8Array.from({ length: 28 }, (_, i) => (5 * i) % 16),
  labels: Uint8Array.of(0, 1, 1, 0, 0, 1, 1),
};
const groups = { count: 2, of: [0, 1, 0, 1, 0, 1, 0] };
let p2: Poseidon2;
let set: AuditSet;
beforeAll(async () => {
  p2 = await loadPoseidon2();
  set = cutAuditSet(p2, dataset, { samples: 3, depth: 2, groups, salt: (i) => BigInt(i + 1) });
});

describe('the file of an audit set', () => {
  test('gives the same set back, and the same id', () => {
    const again = decodeAuditSet(p2, encodeAuditSet(set));
    expect(again.id).toBe(set.id);
    expect(again.tree.root).toBe(set.tree.root);
    expect({ ...again, tree: null, chunks: null }).toEqual({ ...set, tree: null, chunks: null });
    again.chunks.forEach((chunk, i) => {
      expect({ ...chunk, features: [...chunk.features], labels: [...chunk.labels] }).toEqual({
        ...set.chunks[i],
        features: [...(set.chunks[i]?.features ?? [])],
        labels: [...(set.chunks[i]?.labels ?? [])],
      });
    });
  });

  test('any one byte changed gives another set, or none', () => {
    const bytes = encodeAuditSet(set);
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, by) => {
        const changed = Uint8Array.from(bytes);
        changed[at] = (changed[at] as number) ^ by;
        try {
          const other = decodeAuditSet(p2, changed);
          return other.id !== set.id && Buffer.compare(encodeAuditSet(other), changed) === 0;
        } catch (error) {
          return (error as { code?: string }).code === 'DATA_SET_MALFORMED';
        }
      }),
      { numRuns: 200 },
    );
    expect(decodeAuditSet(p2, bytes).id).toBe(set.id);
  });

  test('an id does not tell how samples are cut: 4 features of 4 bits are 10 of 2', () => {
    const other = decodeAuditSet(p2, encodeAuditSet(recutSet(set)));
    expect([other.id, other.features, other.featureBits]).toEqual([set.id, 10, 2]);
  });

  test('what only fills stands at the end of the last chunk and is 0', async () => {
    const file = (at?: number, value = 0): Uint8Array => {
      const bytes = encodeAuditSet(set);
      if (at !== undefined) bytes[at] = value;
      return bytes;
    };
    const header = 8 + 28;
    const each = 3 * 4 + 3 + 32;
    // One sample, then two that fill: a label of none is 4.
    const label = (chunk: number, sample: number): number => header + chunk * each + 12 + sample;
    const refused = [
      file(label(0, 2), 4),
      file(label(2, 0), 4),
      file(label(2, 2), 0),
      file(header + 2 * each + 4, 1),
      file(label(0, 0), 5),
      file().subarray(1),
      new Uint8Array(),
    ];
    for (const bytes of refused) expect(await codeOf(() => decodeAuditSet(p2, bytes))).toBe('DATA_SET_MALFORMED');
    expect(decodeAuditSet(p2, file()).id).toBe(set.id);
  });
});

describe('perturbSamples', () => {
  const seed = `0x${'a5'.repeat(32)}` as const;

  test('noise moves every feature by so many levels at most, each as likely, the same ones for the same seed', () => {
    const many = { ...dataset, count: 9000, width: 1, features: new Uint8Array(9000).fill(8), labels: new Uint8Array(9000) };
    const noisy = perturbSamples(many, { kind: 'noise', levels: 1, seed });
    const found = [7, 8, 9].map((level) => noisy.features.filter((value) => value === level).length);
    expect(found.reduce((sum, count) => sum + count)).toBe(9000);
    for (const count of found) expect(Math.abs(count - 3000)).toBeLessThan(250);
    expect(perturbSamples(many, { kind: 'noise', levels: 1, seed })).toEqual(noisy);
    expect(perturbSamples(many, { kind: 'noise', levels: 1, seed: `0x${'a6'.repeat(32)}` }).features).not.toEqual(noisy.features);
  });

  test('noise is cut off at both ends, and leaves labels and order', () => {
    const ends = {
      ...dataset,
      count: 100,
      width: 2,
      features: Uint8Array.from({ length: 200 }, (_, i) => (i % 2) * 15),
      labels: new Uint8Array(100),
    };
    const { features, labels } = perturbSamples(ends, { kind: 'noise', levels: 15, seed });
    expect(features.every((value) => value <= 15)).toBe(true);
    expect(features.some((value, i) => value !== ends.features[i])).toBe(true);
    expect(labels).toEqual(ends.labels);
  });

  test('a shift moves images, what comes in is 0', () => {
    const one = { ...dataset, count: 1, width: 9, features: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), labels: Uint8Array.of(0) };
    const shift = (right: number, down: number): number[] => [...perturbSamples(one, { kind: 'shift', right, down, width: 3 }).features];
    expect(shift(1, 0)).toEqual([0, 1, 2, 0, 4, 5, 0, 7, 8]);
    expect(shift(-1, 1)).toEqual([0, 0, 0, 2, 3, 0, 5, 6, 0]);
    expect(shift(0, -2)).toEqual([7, 8, 9, 0, 0, 0, 0, 0, 0]);
    expect(shift(0, 0)).toEqual([...one.features]);
  });

  test('refuses what is no perturbation', async () => {
    const bad = [
      { kind: 'noise', levels: 0, seed },
      { kind: 'noise', levels: 16, seed },
      { kind: 'shift', right: 1, down: 0, width: 3 },
      { kind: 'shift', right: 2, down: 0, width: 2 },
      { kind: 'shift', right: 0.5, down: 0, width: 2 },
    ] as const;
    for (const perturbation of bad) expect(await codeOf(() => perturbSamples(dataset, perturbation))).toBe('DATA_PERTURBATION_INVALID');
    expect(perturbSamples(dataset, { kind: 'shift', right: 1, down: 0, width: 2 }).count).toBe(7);
  });
});

describe('a column of groups', () => {
  const csv = new TextEncoder().encode('a,sex,label\n1,f,0\n2,m,1\n');
  const options = { labelColumn: 'label', header: true } as const;

  test('is told, and is a feature only where that is said', async () => {
    expect(decodeCsv(csv, { ...options, groupColumn: 'sex' })).toEqual({
      count: 2,
      width: 1,
      values: Float64Array.of(1, 2),
      labels: [0, 1],
      groups: ['f', 'm'],
    });
    const numbers = new TextEncoder().encode('a,age,label\n1,30,0\n2,50,1\n');
    const kept = decodeCsv(numbers, { ...options, groupColumn: 1, groupIsFeature: true });
    expect([kept.width, [...kept.values], kept.groups]).toEqual([2, [1, 30, 2, 50], ['30', '50']]);
    for (const groupColumn of ['label', 'none', 7]) {
      expect(await codeOf(() => decodeCsv(csv, { ...options, groupColumn }))).toBe('DATA_CSV_MALFORMED');
    }
  });
});
