import { describe, expect, test } from 'vitest';
import { type AskedClaim, claimOption, countsFacts, resolveClaims } from '../../../src/cli/audit/claims.ts';
import { assertGroupOptions, type GroupInput, groupsOf } from '../../../src/cli/audit/groups.ts';
import { perturbOption, perturbWith } from '../../../src/cli/audit/perturb.ts';
import { codeOf } from '../../utils/codeOf.ts';

const read = (...claims: string[]): readonly AskedClaim[] => claimOption.schema.parse(claims);
// Two groups of ten, of two classes.
const counts = { classes: 2, groups: 2, counts: [3, 1, 1, 5, 4, 1, 2, 3] };

describe('claims', () => {
  test('numbers are taken as they are, percentages are reached with the fewest samples; classes by name', () => {
    expect(resolveClaims(read('accuracy:15/20', 'accuracy:72.5%', 'accuracy:72.51%'), counts, null)).toEqual([
      { kind: 'accuracy', atLeast: 15, of: 20 },
      { kind: 'accuracy', atLeast: 15, of: 20 },
      { kind: 'accuracy', atLeast: 15, of: 20 },
    ]);
    expect(resolveClaims(read('accuracy:75.0001%', 'recall:1:100%', 'parity:1:5/100', 'equal-opportunity:0:12.5%'), counts, null)).toEqual([
      { kind: 'accuracy', atLeast: 16, of: 20 },
      { kind: 'recall', class: 1, atLeast: 11, of: 11 },
      { kind: 'parity', class: 1, atMost: { numerator: 5, denominator: 100 } },
      { kind: 'equal-opportunity', class: 0, atMost: { numerator: 125, denominator: 1000 } },
    ]);
    expect(resolveClaims(read('recall:well: ill:50%'), counts, ['fine', 'well: ill'])).toEqual([
      { kind: 'recall', class: 1, atLeast: 6, of: 11 },
    ]);
    // A class that is called 1 and is not the second.
    expect(resolveClaims(read('recall:1:0/9'), counts, [1, 0])).toEqual([{ kind: 'recall', class: 0, atLeast: 0, of: 9 }]);
  });

  test('of answers that are sure enough', () => {
    const binned = { classes: 2, groups: 1, bins: 2, counts: [1, 2, 1, 0, 0, 1, 1, 4] };
    expect(resolveClaims(read('calibration:1:50%'), binned, null)).toEqual([{ kind: 'calibration', margin: 1, atLeast: 4, of: 7 }]);
    expect(countsFacts(binned).margins).toEqual([
      { correct: 2, samples: 3 },
      { correct: 6, samples: 7 },
    ]);
  });

  test('what is no claim is refused', async () => {
    for (const text of [
      'accuracy',
      'accuracy:9',
      'accuracy:9/0',
      'accuracy:101%',
      'accuracy:1:50%',
      'recall:50%',
      'recall::50%',
      'calibration:0:5%',
      'parity:1:-5%',
      '',
    ])
      expect([text, claimOption.schema.safeParse([text]).success]).toEqual([text, false]);
    expect(await codeOf(() => resolveClaims(read('recall:2:50%'), counts, null))).toBe('CLI_BAD_OPTION');
    expect(await codeOf(() => resolveClaims(read('recall:0:50%'), counts, ['no', 'yes']))).toBe('CLI_BAD_OPTION');
    expect(await codeOf(() => resolveClaims(read('calibration:1:50%'), counts, null))).toBe('CLI_BAD_OPTION');
    expect(await codeOf(() => resolveClaims(read('recall:0:50%'), { classes: 2, groups: 1, counts: [0, 0, 1, 1] }, null))).toBe(
      'CLI_BAD_OPTION',
    );
  });
});

describe('groups', () => {
  const table = { count: 3, width: 1, values: Float64Array.of(1, 2, 3), labels: [0, 1, 0], bytes: false, groups: ['30', '9', '50'] };
  const input = (given: Partial<GroupInput>): GroupInput => ({
    groupColumn: 'age',
    groupFile: undefined,
    groupIsFeature: false,
    groupNames: undefined,
    groupBounds: undefined,
    ...given,
  });

  test('by value, sorted or as named, or by bounds', async () => {
    expect(await groupsOf(table, input({}))).toEqual({ of: [1, 0, 2], names: ['9', '30', '50'] });
    expect(await groupsOf(table, input({ groupNames: ['50', '30', '9'] }))).toEqual({ of: [1, 2, 0], names: ['50', '30', '9'] });
    expect(await groupsOf(table, input({ groupBounds: [30, 50] }))).toEqual({
      of: [1, 0, 2],
      names: ['below 30', '30 to below 50', '50 and above'],
    });
    expect(await groupsOf(table, input({ groupColumn: undefined }))).toBeUndefined();
  });

  test('what does not go together is refused', async () => {
    const refused: Partial<GroupInput>[] = [
      { groupFile: 'groups.npy' },
      { groupColumn: undefined, groupNames: ['a'] },
      { groupColumn: undefined, groupIsFeature: true },
      { groupBounds: [30], groupNames: ['a'] },
      { groupBounds: [50, 30] },
      { groupNames: ['a', 'a'] },
    ];
    for (const given of refused) expect([given, await codeOf(() => assertGroupOptions(input(given)))]).toEqual([given, 'CLI_BAD_OPTION']);
    expect(assertGroupOptions(input({ groupBounds: [30, 50] }))).toBeUndefined();
    expect(await codeOf(() => groupsOf(table, input({ groupNames: ['9', '30'] })))).toBe('CLI_BAD_OPTION');
    expect(await codeOf(() => groupsOf({ ...table, groups: ['f', 'm', 'f'] }, input({ groupBounds: [30] })))).toBe('CLI_BAD_OPTION');
    const { groups: _, ...images } = table;
    expect(await codeOf(() => groupsOf(images, input({})))).toBe('CLI_BAD_OPTION');
  });
});

describe('perturb', () => {
  const dataset = { count: 1, width: 4, classes: 2, featureBits: 4, features: Uint8Array.of(1, 2, 3, 4), labels: Uint8Array.of(0) };
  const seed = `0x${'11'.repeat(32)}` as const;

  test('noise takes a seed, a shift takes none; an image is square, or its width is told', async () => {
    expect([...perturbWith(dataset, { perturb: perturbOption.schema.parse('shift:1'), seed: undefined }).features]).toEqual([0, 1, 0, 3]);
    expect([...perturbWith(dataset, { perturb: perturbOption.schema.parse('shift:-1,0@4'), seed: undefined }).features]).toEqual([
      2, 3, 4, 0,
    ]);
    expect(perturbWith(dataset, { perturb: undefined, seed: undefined })).toBe(dataset);
    expect(perturbWith(dataset, { perturb: perturbOption.schema.parse('noise:2'), seed }).features).toHaveLength(4);
    for (const given of [
      { perturb: perturbOption.schema.parse('noise:2'), seed: undefined },
      { perturb: perturbOption.schema.parse('shift:1'), seed },
      { perturb: undefined, seed },
    ]) {
      expect(await codeOf(() => perturbWith(dataset, given))).toBe('CLI_BAD_OPTION');
    }
    const wide = { ...dataset, width: 3, features: Uint8Array.of(1, 2, 3) };
    expect(await codeOf(() => perturbWith(wide, { perturb: perturbOption.schema.parse('shift:1'), seed: undefined }))).toBe(
      'CLI_BAD_OPTION',
    );
    for (const text of ['noise', 'noise:-1', 'shift:', 'shift:1,2,3', 'blur:1'])
      expect(perturbOption.schema.safeParse(text).success).toBe(false);
  });
});
