import { inv, mod, pow, R } from '../../src/commitment/field.ts';
import { datasetTree } from '../../src/data/minibatchSet.ts';
import { membershipCase, testMembership } from './membershipFixture.ts';
import type { ForgeMembershipParameters } from './membershipForgery.ts';

// Records that a data set does not contain. Each lie breaks exactly the constraints named, one of which is the line of the sources.

export const forgedInstance = testMembership(5, { lb: 2 });
export const forgedGiven = await membershipCase(forgedInstance, 'forged membership', { index: 1, place: 1 });
const given = forgedGiven;
const tree = datasetTree(given.p2, given.set);

// An honest record of the first row, for lies that another row pays for.
const first = await membershipCase(forgedInstance, 'forged membership', { index: 2, place: 0 });
const half = inv(2n);
/** b^2 - b = -1, and so is that of 1 - b: less the root of unity of order 3. (5 is no square in the field, so b^2 - b is never 1.) */
const sixth = R - pow(5n, (R - 1n) / 3n);
const triple = 2n ** (3n * BigInt(forgedInstance.spec.fx));
const leaf = ['audit: not that chunk of the set'];
const leafLine = 'assert(node == root, "audit: not that chunk of the set");';
const bits = ['place: an entry is not a bit'];
const bitLine = 'assert(bit * bit == bit, "place: an entry is not a bit");';
const rows = ['place: not one row'];
const rowLine = 'assert(rows == 1, "place: not one row");';
const set = (table: readonly (readonly bigint[])[], s: number, t: number, change: bigint): bigint[][] =>
  table.map((row, i) => row.map((value, j) => (i === s && j === t ? value + change : value)));

/** One more or one less: what stays within a triple's range. */
const up = (table: readonly (readonly bigint[])[], s: number): bigint => ((table[s] as bigint[])[0] === 0n ? 1n : -1n);

export const membershipForgeries: readonly (readonly [string, readonly string[], string, ForgeMembershipParameters])[] = [
  ['another feature of the record', leaf, leafLine, { given, triples: (table) => set(table, 1, 0, up(table, 1)) }],
  ['another label of the record', leaf, leafLine, { given, labels: (labels) => labels.with(1, (labels[1] as bigint) + 1n) }],
  ['another sample beside the record', leaf, leafLine, { given, triples: (table) => set(table, 0, 0, up(table, 0)) }],
  ['another salt', leaf, leafLine, { given, salt: given.salt + 1n }],
  ['the path of another minibatch', leaf, leafLine, { given, index: 0n, path: tree.path(0) }],
  ['the index of another minibatch', leaf, leafLine, { given, index: 0n }],
  ['the root of another set', leaf, leafLine, { given, root: given.root + 1n }],
  ['half of each of two samples', bits, bitLine, { given, oneHot: () => [half, half, 0n, 0n] }],
  ['twice a sample, less another', bits, bitLine, { given, oneHot: () => [-1n, 2n, 0n, 0n] }],
  ['two samples, less a third', bits, bitLine, { given, oneHot: () => [1n, 1n, -1n, 0n] }],
  ['two samples weighed by roots of unity', bits, bitLine, { given, oneHot: () => [sixth, 1n - sixth, 0n, 0n] }],
  ['two samples added', rows, rowLine, { given, oneHot: () => [1n, 1n, 0n, 0n] }],
  ['no sample at all', rows, rowLine, { given, oneHot: () => [0n, 0n, 0n, 0n] }],
  [
    'a triple that takes from its neighbour in the leaf',
    ['range 12'],
    'triples[s][t].assert_max_bit_size::<3 * FX>();',
    // The first row's last triple lends one to the second row's first.
    { given, triples: (table) => set(set(table, 0, (table[0] as bigint[]).length - 1, triple), 1, 0, -1n) },
  ],
  [
    'another sample, for which the last one pays by a fraction',
    ['range 12'],
    'triples[s][t].assert_max_bit_size::<3 * FX>();',
    // All triples are in one field: the leaf is the same.
    { given: first, triples: (table) => set(set(table, 0, 0, up(table, 0)), 3, 0, -up(table, 0) * inv(mod(triple ** 9n))) },
  ],
  [
    'a label that takes from its neighbour in the leaf',
    ['range 8'],
    'labels[s].assert_max_bit_size::<8>();',
    { given, labels: ([one, two, ...rest]) => [(one as bigint) + 256n, (two as bigint) - 1n, ...rest] },
  ],
];
