import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inv, mod } from '../../src/commitment/field.ts';
import { leafDigest } from '../../src/commitment/merkle.ts';
import { auditLayout } from '../../src/proof/audit/circuit.ts';
import type { AuditInstance } from '../../src/proof/circuitInstance.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { forwardPass } from '../../src/quant/forwardPass.ts';
import { auditArtifactsOf, auditCase, testAudit } from '../utils/auditFixture.ts';
import { type ForgeAuditParameters, forgeAudit } from '../utils/auditForgery.ts';
import { codeOf } from '../utils/codeOf.ts';
import { type Bench, expectAccepted, expectForgery } from '../utils/forgedProof.ts';
import { readAcir } from '../utils/windowAcir.ts';
import { circuitSources } from '../utils/windowMutant.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

// Forged counts whose transcript is redone: everything but the lie itself agrees with it. What is not of audits alone (activations, argmax, sketches)
// is forged in inferenceForgeries.test.ts: those constraints are the same lines.

const instance = testAudit([4, 3, 2]);
const given = await auditCase(instance, 'forged audit', 1);
const { z } = forwardPass(instance.spec, instance.sizes, given.weights, given.features).at(-1) as { z: Float64Array };
const classes = 2;
const { zBits } = auditLayout(instance);

// Three classes and four bins; the samples' margins are 7728, 2938, 4854, 5333 and 6291, and all but the second have one label and one answer.
const marginInstance = testAudit([4, 3, 3], { samples: 5, groups: 1, thresholds: [3000, 5000, 6500] });
const margins = await auditCase(marginInstance, 'margins f', 1);
const tooWide = `range ${auditLayout(marginInstance).zBits.at(-1)}`;
const half = inv(2n);

let honk: UltraHonk;
let bench: Bench;
let benches: Map<AuditInstance, Bench>;

beforeAll(async () => {
  benches = new Map();
  for (const one of [instance, marginInstance]) {
    const artifacts = await auditArtifactsOf(one);
    honk ??= await createUltraHonk({ srs: artifacts.srs });
    const verdict = await honkVerdict(artifacts.honkVerifier.runtime);
    benches.set(one, { honk, artifacts, acir: readAcir(artifacts.program), verdict, p2: given.p2 });
  }
  bench = benches.get(instance) as Bench;
});

afterAll(async () => {
  await honk.close();
});

/** Moves one count from the first entry that has any to the next one. */
const moved = (counts: readonly bigint[]): bigint[] => {
  const from = counts.findIndex((count) => count > 0n);
  const to = (from + 1) % counts.length;
  return counts.map((count, k) => (k === from ? count - 1n : k === to ? count + 1n : count));
};

/** One sample more in the first entry: one more right answer. */
const raised = (counts: readonly bigint[]): bigint[] => counts.map((count, k) => (k === 0 ? count + 1n : count));

/** Values of the first two counts with their packing as said and their sum at b as it is. */
function solvedPair(said: readonly bigint[], truth: readonly bigint[], b: bigint): bigint[] {
  const at = (counts: readonly bigint[], base: bigint): bigint => counts.reduceRight((sum, count) => mod(sum * base + count), 0n);
  const rest = said.map((count, k) => (k < 2 ? 0n : count));
  const packed = (said[0] as bigint) + (said[1] as bigint) * 2n ** 16n;
  const sum = mod(at(truth, b) - at(rest, b));
  const second = mod((sum - packed) * inv(mod(b - 2n ** 16n)));
  return [mod(packed - second * 2n ** 16n), second, ...said.slice(2)];
}

const other = (labels: readonly number[], shift: number): number[] => labels.map((label, s) => (s === 0 ? (label + shift) % 4 : label));
const leafOf = (labels: readonly number[]): bigint => leafDigest(given.p2, given.features, instance.spec.fx, labels, given.salt);

const forgeries: readonly (readonly [string, readonly string[], string, ForgeAuditParameters])[] = [
  ['a count moved: another answer', ['audit: other counts'], 'assert(seen == said, "audit: other counts");', { given, counts: moved }],
  [
    'one right answer more than there are',
    ['audit: other counts'],
    'assert(seen == said, "audit: other counts");',
    { given, counts: raised },
  ],
  [
    'counts that only look right in the packing',
    ['range 16'],
    'counts[k].assert_max_bit_size::<16>();',
    { given, counts: moved, table: solvedPair },
  ],
  [
    'words of other counts',
    ['the counts differ'],
    'assert(said[i] == counts[i], "the counts differ");',
    { given, words: ([word]) => [(word as bigint) + 1n] },
  ],
  [
    'another class of one sample',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, labels: (labels) => other(labels, 1) },
  ],
  [
    'another group of one sample',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, labels: (labels) => other(labels, 2) },
  ],
  [
    'a sample that is said to only fill',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, labels: (labels) => labels.with(0, 4) },
  ],
  [
    'this chunk under the number of another',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, chunk: 0n },
  ],
  [
    'this chunk under the number of another, with its path',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, chunk: 0n, path: given.tree.path(0) },
  ],
  [
    'a set of other labels, under the root of this one',
    ['audit: not that chunk of the set'],
    'assert(node == root, "audit: not that chunk of the set");',
    { given, labels: (labels) => other(labels, 3), path: given.path },
  ],
];

const marginForgeries: typeof forgeries = [
  [
    'a margin that is said to reach a threshold more',
    [tooWide],
    '(margin - lower).assert_max_bit_size::<ZB>();',
    { given: margins, bins: (rows) => rows.with(2, [0n, 0n, 1n, 0n]) },
  ],
  [
    'a margin that is said to reach a threshold less',
    [tooWide],
    '(upper - 1 - margin).assert_max_bit_size::<ZB>();',
    { given: margins, bins: (rows) => rows.with(2, [1n, 0n, 0n, 0n]) },
  ],
  [
    'a margin over the third, not the second',
    [tooWide],
    'gap.assert_max_bit_size::<ZB>();',
    { given: margins, second: (honest) => honest.with(2, thirdOf(2)), bins: (rows) => rows.with(2, [0n, 0n, 0n, 1n]) },
  ],
  [
    'a margin over something that is no logit',
    ['margin: the second is no other logit'],
    'assert(missed == 0, "margin: the second is no other logit");',
    { given: margins, second: (honest) => honest.with(0, (honest[0] as number) + 2000), bins: (rows) => rows.with(0, [0n, 0n, 1n, 0n]) },
  ],
  [
    'a margin over the answer itself',
    ['margin: the second is no other logit'],
    'assert(missed == 0, "margin: the second is no other logit");',
    { given: margins, second: (honest) => honest.with(0, (honest[0] as number) + 7728), bins: (rows) => rows.with(0, [1n, 0n, 0n, 0n]) },
  ],
  [
    'two samples, each half in the bin of the other',
    ['margin: a bin is not a bit'],
    'assert(bit * bit == bit, "margin: a bin is not a bit");',
    { given: margins, bins: (rows) => rows.with(2, [0n, half, half, 0n]).with(3, [0n, half, half, 0n]) },
  ],
  [
    'a sample that counts in two bins',
    ['margin: not one bin'],
    'assert(chosen == 1, "margin: not one bin");',
    { given: margins, bins: (rows) => rows.with(2, [1n, 1n, 0n, 0n]) },
  ],
  [
    'one sample more in the highest bin than there is',
    ['audit: other counts'],
    'assert(seen == said, "audit: other counts");',
    { given: margins, counts: (counts) => counts.with(2, (counts[2] as bigint) - 1n).with(3, (counts[3] as bigint) + 1n) },
  ],
];

/** The smallest logit of a sample, as the circuit takes it. */
function thirdOf(sample: number): number {
  const passes = forwardPass(marginInstance.spec, marginInstance.sizes, margins.weights, margins.features);
  const logits = (passes.at(-1) as { z: Float64Array }).z.subarray(3 * sample, 3 * sample + 3);
  return Math.min(...logits) + 2 ** ((auditLayout(marginInstance).zBits.at(-1) as number) - 1);
}

test('the forger that does not lie is accepted', async () => {
  await expectAccepted(bench, forgeAudit({ given }));
  const honest = forgeAudit({ given: margins });
  await expectAccepted(benches.get(marginInstance) as Bench, honest);
});

test('the forger that does not lie is accepted: another set, under its own root', async () => {
  const labels = other(Array.from(given.labels), 1);
  let node = leafOf(labels);
  for (const [level, sibling] of given.path.entries()) {
    node = given.p2.sponge(2, (given.chunk >> level) % 2 === 1 ? [sibling, node] : [node, sibling]);
  }
  expect(node).not.toBe(given.root);
  await expectAccepted(bench, forgeAudit({ given, labels: () => labels, root: node }));
});

const proofs = process.env['ASSAY_FORGERIES'] === 'all' ? forgeries.length : 1;

describe.each(forgeries)('%s', (name, breaks, _line, parameters) => {
  test('is refused by exactly its constraints; without them it passes', async () => {
    await expectForgery(bench, forgeAudit(parameters), breaks, forgeries.findIndex(([said]) => said === name) < proofs);
  });
});

describe.each(marginForgeries)('%s', (_name, breaks, _line, parameters) => {
  test('is refused by exactly its constraints; without them it passes', async () => {
    await expectForgery(benches.get(marginInstance) as Bench, forgeAudit(parameters), breaks, process.env['ASSAY_FORGERIES'] === 'all');
  });
});

test('a tie has the margin 0 and the first class', async () => {
  const weights = margins.weights.map((layer) => layer.map(() => 0));
  const tied = { ...margins, weights };
  const of = benches.get(marginInstance) as Bench;
  await expectAccepted(of, forgeAudit({ given: tied }));
  const reaching = forgeAudit({ given: tied, bins: (rows) => rows.with(0, [0n, 1n, 0n, 0n]) });
  await expectForgery(of, reaching, [tooWide], false);
  const last = forgeAudit({ given: tied, answers: (answers) => answers.with(0, 2) });
  await expectForgery(of, last, [tooWide], false);
});

test('an answer that is not the largest logit is refused', async () => {
  // The loser of the first sample.
  const winner = (z[0] as number) >= (z[1] as number) ? 0 : 1;
  const forged = forgeAudit({ given, answers: (answers) => answers.map((answer, s) => (s === 0 ? classes - 1 - winner : answer)) });
  await expectForgery(bench, forged, [`range ${zBits.at(-1)}`], false);
});

test('a label that the table does not have has no witness', async () => {
  for (const label of [5, 255, 256, 2 ** 32 + 1]) {
    const forged = forgeAudit({ given });
    const labels = (forged.inputs['labels'] as number[]).with(0, label);
    expect(await codeOf(() => solveWitness(bench.artifacts.program, { ...forged.inputs, labels })), String(label)).toBe(
      'WITNESS_UNSATISFIED',
    );
  }
});

test('a chunk number has one way to be written: its bits are those of the tree', async () => {
  const forged = forgeAudit({ given });
  // chunk + 2^depth leads to the same path, were its bits not all there are.
  const chunk = BigInt(given.chunk) + 2n ** BigInt(instance.treeDepth);
  expect(await codeOf(() => solveWitness(bench.artifacts.program, { ...forged.inputs, chunk: `0x${chunk.toString(16)}` }))).toBe(
    'WITNESS_UNSATISFIED',
  );
});

test('the counts are drawn into b before they are summed at it', () => {
  // One equation in as many unknowns as there are counts: chosen after b, a hundred of 16 bits each would fit any sum.
  const source = circuitSources(instance)['main.nr'] as string;
  const absorbed = source.indexOf('transcript = packing::place(transcript, counts, 3);');
  expect(absorbed).toBeGreaterThan(0);
  expect(source.indexOf('let b = sponge::hash')).toBeGreaterThan(absorbed);
  expect(source.indexOf('audit::assert_counts')).toBeGreaterThan(source.indexOf('let b = sponge::hash'));
});

test('no constraint of the sources is left out', () => {
  const sources = circuitSources(instance);
  const lines = [sources['audit.nr'], sources['main.nr']]
    .flatMap((text) => (text as string).split('\n'))
    .map((line) => line.trim())
    .filter((line) => /\bassert\(|assert_max_bit_size/.test(line) && !line.startsWith('//'));
  // Freivalds' lines are forged in inferenceForgeries.test.ts; the range of a label is implied by the table, which has no entry above 4.
  const elsewhere = (line: string): boolean => line.includes('Z v differs from A y') || line.startsWith('labels[s].assert_max_bit_size');
  const all = [...forgeries, ...marginForgeries];
  expect(lines.filter((line) => !elsewhere(line) && !all.some(([, , said]) => line.includes(said)))).toEqual([]);
  expect(all.filter(([, , said]) => !lines.some((line) => line.includes(said)))).toEqual([]);
});
