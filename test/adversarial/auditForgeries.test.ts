import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { leafDigest } from '../../src/commitment/merkle.ts';
import type { AuditInstance } from '../../src/proof/circuitInstance.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { auditArtifactsOf } from '../utils/auditFixture.ts';
import {
  auditForgeries,
  auditGiven,
  auditInstance,
  marginForgeries,
  marginGiven,
  marginInstance,
  otherLabels,
  tooWide,
} from '../utils/auditForgeries.ts';
import { forgeAudit } from '../utils/auditForgery.ts';
import { codeOf } from '../utils/codeOf.ts';
import { type Bench, expectAccepted, expectForgedHints, expectForgery, recomposed } from '../utils/forgedProof.ts';
import { fractionalPath } from '../utils/fractionalPath.ts';
import { expectHintsListed } from '../utils/hintsPage.ts';
import { readAcir } from '../utils/windowAcir.ts';
import { circuitSources } from '../utils/windowMutant.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

// Forged counts whose transcript is redone: everything but the lie itself agrees with it. What is not of audits alone (activations, sketches) is forged
// in inferenceForgeries.test.ts: those constraints are the same lines. docs/security/hints.md says which forgery edits which hint.

const instance = auditInstance;
const given = auditGiven;

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

test('the forger that does not lie is accepted', async () => {
  await expectAccepted(bench, forgeAudit({ given }));
  const honest = forgeAudit({ given: marginGiven });
  await expectAccepted(benches.get(marginInstance) as Bench, honest);
});

test('the forger that does not lie is accepted: another set, under its own root', async () => {
  const labels = otherLabels(Array.from(given.labels), 1);
  let node = leafDigest(given.p2, given.features, instance.spec.fx, labels, given.salt);
  for (const [level, sibling] of given.path.entries()) {
    node = given.p2.sponge(2, (given.chunk >> level) % 2 === 1 ? [sibling, node] : [node, sibling]);
  }
  expect(node).not.toBe(given.root);
  await expectAccepted(bench, forgeAudit({ given, labels: () => labels, root: node }));
});

const proofs = process.env['ASSAY_FORGERIES'] === 'all' ? auditForgeries.length : 1;

describe.each(auditForgeries)('%s', (name, breaks, _line, parameters) => {
  test('is refused by exactly its constraints; without them it passes', async () => {
    await expectForgery(bench, forgeAudit(parameters), breaks, auditForgeries.findIndex(([said]) => said === name) < proofs);
  });
});

describe.each(marginForgeries)('%s', (_name, breaks, _line, parameters) => {
  test('is refused by exactly its constraints; without them it passes', async () => {
    await expectForgery(benches.get(marginInstance) as Bench, forgeAudit(parameters), breaks, process.env['ASSAY_FORGERIES'] === 'all');
  });
});

test('a tie has the margin 0 and the first class', async () => {
  const weights = marginGiven.weights.map((layer) => layer.map(() => 0));
  const tied = { ...marginGiven, weights };
  const of = benches.get(marginInstance) as Bench;
  await expectAccepted(of, forgeAudit({ given: tied }));
  const reaching = forgeAudit({ given: tied, bins: (rows) => rows.with(0, [0n, 1n, 0n, 0n]) });
  await expectForgery(of, reaching, [tooWide], false);
  const last = forgeAudit({ given: tied, oneHot: (rows) => rows.with(0, [0n, 0n, 1n]) });
  await expectForgery(of, last, [tooWide], false);
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

test('a chunk of another set does not stand under this root, with a number that is a fraction', async () => {
  const labels = otherLabels(Array.from(given.labels), 1);
  const leafOf = (of: readonly number[]): bigint => leafDigest(given.p2, given.features, instance.spec.fx, of, given.salt);
  const path = fractionalPath(leafOf(labels), leafOf(Array.from(given.labels)), given.chunk, given.path);
  const { inputs } = forgeAudit({ given, labels: () => labels, chunk: path.index, path: path.siblings });
  await expectForgedHints(bench, inputs, () => path.bits, ['range 1']);
});

test('a chunk is not counted again under the number of another, whose bits are not those of its place', async () => {
  const { inputs } = forgeAudit({ given, chunk: 0n });
  const bits = [0, 1].map((level) => BigInt((given.chunk >> level) % 2));
  await expectForgedHints(bench, inputs, () => bits, [recomposed]);
});

test('the counts are drawn into b before they are summed at it', () => {
  // One equation in as many unknowns as there are counts: chosen after b, a hundred of 16 bits each would fit any sum.
  const source = circuitSources(instance)['main.nr'] as string;
  const absorbed = source.indexOf('transcript = packing::place(transcript, counts, 3);');
  expect(absorbed).toBeGreaterThan(0);
  expect(source.indexOf('let b = sponge::hash')).toBeGreaterThan(absorbed);
  expect(source.indexOf('audit::assert_counts')).toBeGreaterThan(source.indexOf('let b = sponge::hash'));
});

test('every hint stands in docs/security/hints.md, with the tests that edit it', () => {
  const of = benches.get(marginInstance) as Bench;
  expectHintsListed('audit', of, ['binding', 'root', 'chunk', 'counts']);
});

test('no constraint of the sources is left out', () => {
  const sources = circuitSources(instance);
  const inference = sources['inference.nr'] as string;
  // What an answer is, for it is what audits count.
  const classes = inference.slice(inference.indexOf('pub fn classes'), inference.indexOf('pub fn evaluate_z'));
  const lines = [sources['audit.nr'], sources['main.nr'], classes]
    .flatMap((text) => (text as string).split('\n'))
    .map((line) => line.trim())
    .filter((line) => /\bassert\(|assert_max_bit_size/.test(line) && !line.startsWith('//'));
  expect(lines.length).toBeGreaterThan(12);
  // Freivalds' lines are forged in inferenceForgeries.test.ts; the range of a label is implied by the table, which has no entry above 4.
  const elsewhere = (line: string): boolean => line.includes('Z v differs from A y') || line.startsWith('labels[s].assert_max_bit_size');
  const all = [...auditForgeries, ...marginForgeries];
  expect(lines.filter((line) => !elsewhere(line) && !all.some(([, , said]) => line.includes(said)))).toEqual([]);
  expect(all.filter(([, , said]) => !lines.some((line) => line.includes(said)))).toEqual([]);
});
