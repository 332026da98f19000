import { afterAll, beforeAll, expect, test } from 'vitest';
import { blockCount } from '../../src/commitment/blocks.ts';
import { bindingOf, checkpointId, type ModelShape, maskId, modelId } from '../../src/commitment/ids.ts';
import { createKzg, type Kzg } from '../../src/commitment/kzg.ts';
import { openInference } from '../../src/commitment/openInference.ts';
import { openWellFormed } from '../../src/commitment/openWellFormed.ts';
import { verifyAuditOpening, verifyInferenceOpening, verifyWellFormedOpening } from '../../src/commitment/verifyOpening.ts';
import type { AuditArtifacts } from '../../src/proof/audit/artifacts.ts';
import { buildAuditWitness } from '../../src/proof/audit/witness.ts';
import type { NoirInferenceArtifacts } from '../../src/proof/inference/noirArtifacts.ts';
import { buildInferenceWitness } from '../../src/proof/inference/noirWitness.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import type { WellFormedArtifacts } from '../../src/proof/wellFormed/artifacts.ts';
import { wellFormedLayout } from '../../src/proof/wellFormed/circuit.ts';
import { buildWellFormedWitness } from '../../src/proof/wellFormed/witness.ts';
import { auditArtifactsOf, auditCase, testAudit } from '../utils/auditFixture.ts';
import { codeOf } from '../utils/codeOf.ts';
import { inferenceArtifactsOf, inferenceCase, testInference } from '../utils/inferenceFixture.ts';
import { forgeAnswer, solvedAnswerSketches } from '../utils/inferenceForgery.ts';
import { fieldElements } from '../utils/random.ts';
import { testWellFormed, wellFormedArtifactsOf, wellFormedCase } from '../utils/wellFormedFixture.ts';

// The circuits end in a claim E; what it says of the committed weights is the opening's to prove.

const place = { chainId: 31337n, verifier: '0x00000000000000000000000000000000000000aa', circuitId: `0x${'c2'.repeat(32)}` } as const;
let answers: NoirInferenceArtifacts;
let counts: AuditArtifacts;
let segments: WellFormedArtifacts;
let kzg: Kzg;

beforeAll(async () => {
  answers = await inferenceArtifactsOf(testInference([4, 3, 4], { inputs: 2 }));
  counts = await auditArtifactsOf(testAudit([4, 3, 2]));
  segments = await wellFormedArtifactsOf(testWellFormed([6, 3, 2], { blockLog: 3, blocksPerProof: 2 }));
  kzg = await createKzg(answers.srs);
});

afterAll(async () => {
  await kzg.close();
});

/** Blinded commitments of a checkpoint and a mask, and the first three words of a statement about them. */
async function committed(model: ModelShape, weights: readonly Int32Array[], mask: readonly bigint[]) {
  const sigmas = fieldElements('opened answers', blockCount(model.sizes, model.blockLog));
  const points = await kzg.commitCheckpoint(model.sizes, model.blockLog, weights, sigmas);
  return { sigmas, points, words: [77n, checkpointId(modelId(model), points), maskId(await kzg.commitMask(mask))] };
}

test('the claim of an answer is opened; a false answer that the circuit takes is not', async () => {
  const { instance, shape, program } = answers;
  const base = await inferenceCase({ instance, label: 'opened' });
  const { sigmas, points, words } = await committed(shape, base.weights, base.mask);
  const given = { ...base, binding: bindingOf(words) };
  const common = { ...place, sizes: instance.sizes, blockLog: instance.blockLog, weights: given.weights, sigmas, points, mask: given.mask };

  const built = buildInferenceWitness(given.p2, given);
  expect((await solveWitness(program, built.inputs)).outputs).toEqual(built.outputs);
  const statement = [...words, built.inputId, ...built.words];
  const opening = await openInference(kzg, { ...common, outputs: built.outputs, statement });
  expect(await verifyInferenceOpening({ ...place, shape, statement, opening })).toEqual({ valid: true });
  const other = statement.with(4, (statement[4] as bigint) ^ 1n);
  expect(await verifyInferenceOpening({ ...place, shape, statement: other, opening })).toEqual({ valid: false, reason: 'OPENING_PAIRING' });

  // Sketches of no checkpoint, solved so that the first class wins whatever the model says.
  const forged = forgeAnswer({
    given,
    logits: (_s, z) => z.map((value, j) => (j === 0 ? value + 2n ** 14n : value)),
    sketches: (_honest, b, trace) => solvedAnswerSketches(instance, trace, b),
  });
  expect((await solveWitness(program, forged.inputs)).outputs).toEqual(forged.outputs);
  expect(forged.outputs[2]).not.toBe(forged.opened);
  const lie = [...words, forged.inputId, ...forged.words];
  expect(await codeOf(() => openInference(kzg, { ...common, outputs: forged.outputs, statement: lie }))).toBe('OPENING_CLAIM_MISMATCH');
});

test('the claim of counts is opened; that of a model that answers better than the committed one is not', async () => {
  const { instance, shape, program } = counts;
  const base = await auditCase(instance, 'opened counts');
  const { sigmas, points, words } = await committed(shape, base.weights, base.mask);
  const { sizes, blockLog } = instance;
  const given = { ...base, binding: bindingOf(words) };
  const about = (told: readonly bigint[]): bigint[] => [...words, given.root, BigInt(given.chunk), ...told];
  const common = { ...place, sizes, blockLog, sigmas, points, mask: base.mask };

  const built = buildAuditWitness(given.p2, given);
  expect((await solveWitness(program, built.inputs)).outputs).toEqual(built.outputs);
  const statement = about(built.words);
  const opening = await openInference(kzg, { ...common, weights: base.weights, outputs: built.outputs, statement }, 'audit');
  expect(await verifyAuditOpening({ ...place, shape, statement, opening })).toEqual({ valid: true });

  // Sketches of weights that nobody committed, which the circuit takes.
  const better = base.weights.map((layer) => layer.map((weight) => -weight));
  const forged = buildAuditWitness(given.p2, { ...given, weights: better });
  expect((await solveWitness(program, forged.inputs)).outputs).toEqual(forged.outputs);
  expect(forged.words).not.toEqual(built.words);
  const lie = about(forged.words);
  const parameters = { ...common, outputs: forged.outputs, statement: lie };
  expect(await codeOf(() => openInference(kzg, { ...parameters, weights: base.weights }, 'audit'))).toBe('OPENING_CLAIM_MISMATCH');
  const verdict = (bytes: Uint8Array) => verifyAuditOpening({ ...place, shape, statement: lie, opening: bytes });
  const uncommitted = await openInference(kzg, { ...parameters, weights: better }, 'audit');
  expect(await verdict(uncommitted)).toEqual({ valid: false, reason: 'OPENING_PAIRING' });
});

test('the claim of every segment is opened, and of no other segment', async () => {
  const { instance, shape, program } = segments;
  const base = await wellFormedCase(instance, 'opened segment');
  const { sigmas, points, words } = await committed(shape, base.weights, base.mask);
  const { sizes, blockLog, blocksPerProof } = instance;
  const common = { ...place, sizes, blockLog, blocksPerProof, weights: base.weights, sigmas, points, mask: base.mask };
  const { segments: count } = wellFormedLayout(instance);
  for (let segment = 0; segment < count; segment++) {
    const statement = [...words, BigInt(segment)];
    const given = { ...base, segment, binding: bindingOf(statement) };
    const built = buildWellFormedWitness(given.p2, given);
    expect((await solveWitness(program, built.inputs)).outputs).toEqual(built.outputs);
    const opening = await openWellFormed(kzg, { ...common, segment, outputs: built.outputs, statement });
    expect(await verifyWellFormedOpening({ ...place, shape, statement, opening })).toEqual({ valid: true });
    const elsewhere = (segment + 1) % count;
    const parameters = { ...common, segment: elsewhere, outputs: built.outputs, statement: [...words, BigInt(elsewhere)] };
    expect(await codeOf(() => openWellFormed(kzg, parameters))).toBe('OPENING_CLAIM_MISMATCH');
  }
});
