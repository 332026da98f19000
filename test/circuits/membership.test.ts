import type { Hex } from 'viem';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { membershipVerifierDeployedBytecode } from '../../src/chain/generated/MembershipVerifier.ts';
import { decodeMembershipShape } from '../../src/commitment/decodeShape.ts';
import { R } from '../../src/commitment/field.ts';
import { recordDigest } from '../../src/commitment/merkle.ts';
import { datasetTree } from '../../src/data/minibatchSet.ts';
import { circuitIdOf } from '../../src/proof/circuitIdOf.ts';
import type { MembershipInstance } from '../../src/proof/circuitInstance.ts';
import type { MembershipArtifacts } from '../../src/proof/membership/artifacts.ts';
import { membershipSource } from '../../src/proof/membership/circuit.ts';
import { proveMembership } from '../../src/proof/membership/proveMembership.ts';
import { buildMembershipWitness } from '../../src/proof/membership/witness.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { verifyProof } from '../../src/proof/verifyProof.ts';
import { codeOf } from '../utils/codeOf.ts';
import { membershipArtifactsOf, membershipCase, membershipSet, testMembership } from '../utils/membershipFixture.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

const verifierCode: Hex = membershipVerifierDeployedBytecode as Hex;

// Rows of several triples, the last one short of digits; of more than one field (64 features, 22 triples); a minibatch of one; a tree of two.
const instances: Record<string, MembershipInstance> = {
  'two rows': testMembership(5),
  'rows of two fields': testMembership(64, { lb: 2, treeDepth: 3 }),
  'one row, one feature, a tree of two': testMembership(1, { lb: 0, treeDepth: 1 }),
};

let honk: UltraHonk;
const artifacts = new Map<string, MembershipArtifacts>();

beforeAll(async () => {
  for (const [name, instance] of Object.entries(instances)) artifacts.set(name, await membershipArtifactsOf(instance));
  const largest = [...artifacts.values()].sort((x, y) => y.srs.count - x.srs.count)[0] as MembershipArtifacts;
  honk = await createUltraHonk({ srs: largest.srs });
});

afterAll(async () => {
  await honk.close();
});

describe.each(Object.keys(instances))('an honest record: %s', (name) => {
  test('every place of every leaf is solved, filled-up leaves too, and says the digest of that record and no other', async () => {
    const { instance, program } = artifacts.get(name) as MembershipArtifacts;
    const width = instance.sizes[0] as number;
    const seen = new Set<bigint>();
    for (let index = 0; index < 2 ** instance.treeDepth; index++) {
      for (let place = 0; place < 2 ** instance.spec.lb; place++) {
        const given = await membershipCase(instance, `honest ${name}`, { index, place });
        const { inputs, outputs } = buildMembershipWitness(given.p2, given);
        const row = given.features.subarray(place * width, (place + 1) * width);
        expect(outputs).toEqual([recordDigest(given.p2, row, instance.spec.fx, given.labels[place] as number, given.recordSalt)]);
        expect((await solveWitness(program, inputs)).outputs).toEqual(outputs);
        seen.add(outputs[0]);
      }
    }
    const { set } = await membershipSet(instance, `honest ${name}`);
    const contents = Array.from({ length: set.batch * set.minibatches.length }, (_, i) => {
      const { features, labels } = set.minibatches[Math.floor(i / set.batch)] as { features: Uint8Array; labels: Uint8Array };
      const place = i % set.batch;
      return `${features.subarray(place * width, (place + 1) * width)} ${labels[place]}`;
    });
    expect(seen.size).toBe(new Set(contents).size);
  });

  test('is proved and accepted; no public input can be another', async () => {
    const made = artifacts.get(name) as MembershipArtifacts;
    const given = await membershipCase(made.instance, `honest ${name}`, { place: 2 ** made.instance.spec.lb - 1 });
    const built = buildMembershipWitness(given.p2, given);
    const { witness } = await solveWitness(made.program, built.inputs);
    const proof = await honk.prove(made.program, made.verifyingKey, witness);
    expect(proof.publicInputs).toEqual([given.context, given.root, ...built.outputs]);
    const verdict = await honkVerdict(made.honkVerifier.runtime);
    expect(await verdict(proof)).toBe(true);
    for (const [i, word] of proof.publicInputs.entries()) {
      expect(await verdict({ ...proof, publicInputs: proof.publicInputs.with(i, (word + 1n) % R) }), `input ${i} + 1`).toBe(false);
      expect(await verdict({ ...proof, publicInputs: proof.publicInputs.with(i, word + R) }), `input ${i} + r`).toBe(false);
    }
  });
});

describe('the contract that decides', () => {
  test('accepts a proof of a sample of a data set, and refuses every edited word, byte, length and circuit', async () => {
    const made = artifacts.get('two rows') as MembershipArtifacts;
    const { p2, set } = await membershipSet(made.instance, 'contract');
    const parameters = { artifacts: made, honk, p2, set, sample: 3, recordSalt: 0n, context: 77n };
    const { statement, proof, opening } = await proveMembership(parameters);
    const row = (set.minibatches[1] as { features: Uint8Array }).features.subarray(5, 10);
    const label = (set.minibatches[1] as { labels: Uint8Array }).labels[1] as number;
    expect(statement).toEqual([77n, datasetTree(p2, set).root, recordDigest(p2, row, 4, label, 0n)]);
    expect(opening).toHaveLength(0);
    const honest = {
      chainId: 31337n,
      statementVerifier: '0x00000000000000000000000000000000000000a3' as const,
      circuitId: circuitIdOf(made, verifierCode),
      statementVerifierCode: verifierCode,
      proofVerifierCode: made.honkVerifier.runtime,
      shapeBytes: made.shapeBytes,
      open: false,
      statement,
      proof,
      opening,
    };
    const valid = async (change: Partial<typeof honest>): Promise<boolean> => (await verifyProof({ ...honest, ...change })).valid;
    expect(await valid({})).toBe(true);
    for (const i of [0, 1, 2]) {
      const word = statement[i] as bigint;
      for (const other of [(word + 1n) % R, word + R, 0n, R - 1n])
        expect(await valid({ statement: statement.with(i, other) }), `word ${i}`).toBe(false);
    }
    expect(await valid({ statement: statement.slice(0, 2) })).toBe(false);
    expect(await valid({ statement: [...statement, 0n] })).toBe(false);
    expect(await valid({ opening: new Uint8Array(1) })).toBe(false);
    expect(await valid({ open: true })).toBe(false);
    expect(await valid({ proof: proof.slice(0, -1) })).toBe(false);
    expect(await valid({ proof: Uint8Array.of(...proof, 0) })).toBe(false);
    // One bit in every 32nd word, in turn high and low.
    for (let at = 0; at < proof.length; at += 32 * 32 + 1) {
      expect(await valid({ proof: proof.with(at, (proof[at] as number) ^ 1) }), `byte ${at}`).toBe(false);
    }
    const shape = decodeMembershipShape(made.shapeBytes);
    expect(shape).toEqual(made.shape);
    expect(await valid({ proofVerifierCode: (artifacts.get('rows of two fields') as MembershipArtifacts).honkVerifier.runtime })).toBe(
      false,
    );
  });

  test('what the set has not, cannot be proved', async () => {
    const made = artifacts.get('two rows') as MembershipArtifacts;
    const { p2, set } = await membershipSet(made.instance, 'contract');
    const parameters = { artifacts: made, honk, p2, set, recordSalt: 0n, context: 77n };
    for (const sample of [-1, 6, 0.5])
      expect(await codeOf(() => proveMembership({ ...parameters, sample }))).toBe('MEMBERSHIP_SET_MISMATCH');
    const other = { ...set, minibatches: set.minibatches.map((m) => ({ ...m, labels: m.labels.with(0, 7) })) };
    expect(await codeOf(() => proveMembership({ ...parameters, set: other, sample: 0 }))).toBe('DATA_LEAF_MISMATCH');
    expect(await codeOf(() => proveMembership({ ...parameters, set: { ...set, depth: 3 }, sample: 0 }))).toBe('MEMBERSHIP_SET_MISMATCH');
    const given = await membershipCase(made.instance, 'contract');
    expect(await codeOf(() => buildMembershipWitness(p2, given))).toBeUndefined();
    expect(await codeOf(() => buildMembershipWitness(p2, { ...given, index: 2 }))).toBe('MEMBERSHIP_NOT_SHOWN');
    expect(await codeOf(() => buildMembershipWitness(p2, { ...given, place: 2 }))).toBe('PROOF_INPUTS_INVALID');
    expect(await codeOf(() => buildMembershipWitness(p2, { ...given, path: [] }))).toBe('PROOF_INPUTS_INVALID');
  });
});

test('the generator refuses what the encoding does not allow', async () => {
  const base = testMembership(5);
  expect(await codeOf(() => membershipSource(base))).toBeUndefined();
  for (const change of [
    { sizes: [5] },
    { sizes: [5, 255] },
    { sizes: [5, 4, 256] },
    { treeDepth: 0 },
    { treeDepth: 33 },
    { spec: { ...base.spec, lb: 11 } },
  ]) {
    expect(await codeOf(() => membershipSource({ ...base, ...change })), JSON.stringify(change)).toBe('CIRCUIT_SHAPE');
  }
});
