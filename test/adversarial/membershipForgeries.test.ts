import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mod } from '../../src/commitment/field.ts';
import { leafDigest } from '../../src/commitment/merkle.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { codeOf } from '../utils/codeOf.ts';
import { type Bench, expectAccepted, expectForgedHints, expectForgery, recomposed } from '../utils/forgedProof.ts';
import { fractionalPath } from '../utils/fractionalPath.ts';
import { expectHintsListed } from '../utils/hintsPage.ts';
import { membershipArtifactsOf } from '../utils/membershipFixture.ts';
import { membershipForgeries as forgeries, forgedGiven as given, forgedInstance as instance } from '../utils/membershipForgeries.ts';
import { forgeMembership } from '../utils/membershipForgery.ts';
import { readAcir } from '../utils/windowAcir.ts';
import { circuitSources } from '../utils/windowMutant.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

let honk: UltraHonk;
let bench: Bench;

beforeAll(async () => {
  const artifacts = await membershipArtifactsOf(instance);
  honk = await createUltraHonk({ srs: artifacts.srs });
  bench = { honk, artifacts, acir: readAcir(artifacts.program), verdict: await honkVerdict(artifacts.honkVerifier.runtime), p2: given.p2 };
});

afterAll(async () => {
  await honk.close();
});

test('the forger that does not lie is accepted; so is another set, under its own root', async () => {
  await expectAccepted(bench, forgeMembership({ given }));
  const labels = Array.from(given.labels, (label) => (label + 1) % 3);
  let node = leafDigest(given.p2, given.features, instance.spec.fx, labels, given.salt);
  for (const [level, sibling] of given.path.entries()) {
    node = given.p2.sponge(2, (given.index >> level) % 2 === 1 ? [sibling, node] : [node, sibling]);
  }
  expect(node).not.toBe(given.root);
  await expectAccepted(bench, forgeMembership({ given, labels: () => labels.map(BigInt), root: node }));
});

const proofs = process.env['ASSAY_FORGERIES'] === 'all' ? forgeries.length : 1;

describe.each(forgeries)('%s', (name, breaks, _line, parameters) => {
  test('is refused by exactly its constraints; without them it passes', async () => {
    await expectForgery(bench, forgeMembership(parameters), breaks, forgeries.findIndex(([said]) => said === name) < proofs);
  });
});

test('a minibatch whose packing is that of the honest one is told from it by ranges alone', () => {
  // What the two forgeries by neighbours rest on: the leaf is the same, the record is not.
  const record = forgeMembership({ given }).outputs[0];
  const byNeighbours = forgeries.filter(([said]) => said.includes('neighbour'));
  expect(byNeighbours).toHaveLength(2);
  for (const [name, , , parameters] of byNeighbours) {
    expect(forgeMembership(parameters).outputs[0], name).not.toBe(record);
  }
});

test('an index has one way to be written: its bits are those of the tree', async () => {
  const solved = (index: bigint): Promise<string | undefined> =>
    codeOf(() => solveWitness(bench.artifacts.program, { ...forgeMembership({ given }).inputs, index: `0x${mod(index).toString(16)}` }));
  expect(await solved(BigInt(given.index))).toBeUndefined();
  // The same path, were its bits not all there are.
  expect(await solved(BigInt(given.index) + 2n ** BigInt(instance.treeDepth))).toBe('WITNESS_UNSATISFIED');
});

test('a leaf of another set does not stand under this root, with a place in the tree that is a fraction', async () => {
  const labels = Array.from(given.labels, (label) => (label + 1) % 3);
  const leafOf = (of: readonly number[]): bigint => leafDigest(given.p2, given.features, instance.spec.fx, of, given.salt);
  const path = fractionalPath(leafOf(labels), leafOf(Array.from(given.labels)), given.index, given.path);
  const { inputs } = forgeMembership({ given, labels: () => labels.map(BigInt), index: path.index, path: path.siblings });
  await expectForgedHints(bench, inputs, () => path.bits, ['range 1']);
});

test('an index has no other bits than its own', async () => {
  const { inputs } = forgeMembership({ given, index: 0n });
  const bits = [0, 1].map((level) => BigInt((given.index >> level) % 2));
  await expectForgedHints(bench, inputs, () => bits, [recomposed]);
});

test('every hint stands in docs/security/hints.md, with the tests that edit it', () => {
  expectHintsListed('membership', bench, ['context', 'root']);
});

test('no constraint of the sources is left out', () => {
  const sources = circuitSources(instance);
  const lines = [sources['membership.nr'], sources['main.nr']]
    .flatMap((text) => (text as string).split('\n'))
    .map((line) => line.trim())
    .filter((line) => /\bassert\(|assert_max_bit_size/.test(line) && !line.startsWith('//'));
  expect(lines.length).toBeGreaterThan(2);
  expect(lines.filter((line) => !forgeries.some(([, , said]) => line.includes(said)))).toEqual([]);
  const all = ['membership.nr', 'audit.nr'].map((file) => sources[file]).join('');
  expect(forgeries.filter(([, , said]) => !all.includes(said))).toEqual([]);
});
