import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { AnswerCertificate } from '../../src/audit/answer/answerCertificate.ts';
import { makeAnswerCertificate } from '../../src/audit/answer/makeAnswerCertificate.ts';
import { verifyAnswer } from '../../src/audit/answer/verifyAnswer.ts';
import { decodeCertificate, encodeCertificate, encodeCertificateCbor } from '../../src/audit/encodeCertificate.ts';
import { wordOf } from '../../src/audit/verdict.ts';
import { collectSegments } from '../../src/audit/wellFormed/collectSegments.ts';
import { proveSegments } from '../../src/audit/wellFormed/proveSegments.ts';
import { honkInferenceVerifierDeployedBytecode } from '../../src/chain/generated/HonkInferenceVerifier.ts';
import { R } from '../../src/commitment/field.ts';
import { encodePresentation, presentationContext } from '../../src/commitment/presentation.ts';
import type { InferenceInstance } from '../../src/proof/circuitInstance.ts';
import { buildInferenceArtifacts, type InferenceArtifacts, inferenceCircuitId } from '../../src/proof/inference/inferenceArtifacts.ts';
import { proveInference } from '../../src/proof/inference/proveInference.ts';
import { rememberCircuit } from '../../src/proof/knownCircuits.ts';
import type { ProofFile } from '../../src/proof/proofFile.ts';
import { firstLargest, forwardPass } from '../../src/quant/forwardPass.ts';
import { type AuditWorld, auditWorld } from '../utils/auditWorld.ts';
import { codeOf } from '../utils/codeOf.ts';
import { flip, plusOne } from '../utils/forgedHex.ts';
import { testInference } from '../utils/inferenceFixture.ts';
import { testCache, testCeremony } from '../utils/windowFixture.ts';

const features = Uint8Array.of(3, 0, 9, 1, 7, 7, 2, 12);
const salt = 5n;
const tools = { assay: '0.0.0', barretenberg: '0.0.0' };
const build = { ceremony: { directory: testCeremony() }, cacheDirectory: join(testCache(), 'artifacts') };

let world: AuditWorld;
let artifacts: InferenceArtifacts;
let proof: ProofFile;
/** Its input is open; and the same of another model, whose input stays hidden. */
let good: AnswerCertificate;
let other: AnswerCertificate;
let answers: number[];

beforeAll(async () => {
  world = await auditWorld();
  const { p2, kzg, honk, wellFormed, verifiers } = world;
  const instance = (await rememberCircuit(testInference([4, 3, 2], { inputs: 2 }), build.cacheDirectory)) as InferenceInstance;
  artifacts = await buildInferenceArtifacts({ instance, ...build });
  const statementVerifier = '0x00000000000000000000000000000000000000a3';
  const circuitId = inferenceCircuitId(artifacts, honkInferenceVerifierDeployedBytecode);
  const presentation = {
    chainId: 31337n,
    verifier: statementVerifier,
    prover: `0x${'00'.repeat(20)}`,
    nonce: `0x${'77'.repeat(32)}`,
    expiry: 2_000_000_000n,
    circuitId,
  } as const;
  const answer = async (label: string): Promise<{ file: ProofFile; certificate: AnswerCertificate }> => {
    const model = await world.commit(label);
    const made = await proveInference({
      artifacts,
      prover: { system: 'noir', honk },
      p2,
      kzg,
      model,
      features,
      salt,
      context: presentationContext(presentation),
      chainId: 31337n,
      verifier: statementVerifier,
      circuitId,
    });
    const { statementVerifierCodeHash, proofVerifierCodeHash } = (await import('../../src/audit/nameCircuit.ts')).nameCircuit(
      { address: statementVerifier, code: honkInferenceVerifierDeployedBytecode },
      circuitId,
      artifacts.shapeBytes,
      artifacts.proofVerifierCode,
    ) as { statementVerifierCodeHash: `0x${string}`; proofVerifierCodeHash: `0x${string}` };
    const file: ProofFile = {
      ...made,
      chainId: 31337n,
      statementVerifier,
      circuitId,
      statementVerifierCodeHash,
      proofVerifierCodeHash,
      shapeBytes: artifacts.shapeBytes,
      open: false,
      contextPreimage: encodePresentation(presentation),
    };
    const shown = await proveSegments({
      p2,
      kzg,
      honk,
      artifacts: wellFormed,
      verifier: verifiers.wellFormedVerifier,
      model,
      chainId: 31337,
      registry: `0x${'00'.repeat(20)}`,
    });
    const input = label === 'asked' ? { input: { featureBits: 4, width: 4, features, salt } } : {};
    const { z } = forwardPass(instance.spec, instance.sizes, model.weights, features).at(-1) as { z: Float64Array };
    if (label === 'asked') answers = firstLargest(z, 2);
    return { file, certificate: makeAnswerCertificate({ proof: file, artifacts, ...input, wellFormed: shown, tools }) };
  };
  ({ file: proof, certificate: good } = await answer('asked'));
  ({ certificate: other } = await answer('another'));
}, 600_000);

afterAll(async () => {
  await world.honk.close();
});

const now = 1_900_000_000;
const verify = (certificate: AnswerCertificate, at = now) => verifyAnswer({ certificate, ...build }, at);

test('an honest certificate is valid, with its input shown or hidden; it can be written and read', async () => {
  expect(await verify(good)).toEqual({ valid: true, failures: [], open: [], ceremony: 'dev' });
  expect(good.answers).toEqual(answers);
  expect(await verify(other)).toMatchObject({ valid: true, open: [expect.stringContaining('.input file')] });
  for (const one of [good, other]) {
    expect(decodeCertificate(encodeCertificate(one))).toEqual(one);
    expect(decodeCertificate(encodeCertificateCbor(one))).toEqual(one);
  }
  // Until it expires.
  expect((await verify(good, 2_000_000_001)).failures).toEqual([expect.stringContaining('expired')]);
});

test('a certificate is made of a proof of an answer that was made to be shown, for its circuit', async () => {
  const make = (change: Partial<ProofFile>) =>
    codeOf(() => makeAnswerCertificate({ proof: { ...proof, ...change }, artifacts, wellFormed: good.wellFormed, tools }));
  expect(await make({})).toBeUndefined();
  expect(await make({ statementName: 'audit' })).toBe('AUDIT_PROOF_MISMATCH');
  expect(await make({ shapeBytes: world.artifacts.shapeBytes })).toBe('AUDIT_PROOF_MISMATCH');
  expect(await make({ contextPreimage: '0x' })).toBe('AUDIT_PROOF_MISMATCH');
  expect(await codeOf(() => collectSegments([]))).toBe('AUDIT_PROOF_MISMATCH');
  expect(await codeOf(() => collectSegments([proof]))).toBe('AUDIT_PROOF_MISMATCH');
});

type Lie = readonly [name: string, why: readonly string[], change: (c: AnswerCertificate) => void];
const lie = (...one: Lie): Lie => one;
const byVerifier = 'the verifier refuses the proof';
const answersDiffer = 'its answers are not those of the statement';
const inputDiffers = 'what it opens is not the input that was answered';
const circuitDiffers = 'it names another inference circuit, or other verifier code, than this package builds';
const segment = (of: number): string => `the verifier refuses that segment ${of} is well-formed`;
const opened = (c: AnswerCertificate): NonNullable<AnswerCertificate['input']> => c.input as NonNullable<AnswerCertificate['input']>;
/** The statement's word for answers, and the answers, with the second one changed. */
const answeredOtherwise = (c: AnswerCertificate): void => {
  const [first, second] = c.answers as [number, number];
  c.answers = [first, 1 - second];
  c.outputs = [`0x${(BigInt(first) + BigInt(1 - second) * 256n).toString(16).padStart(64, '0')}`];
};
const forged = [
  lie('one answer of two', [answersDiffer], (c) => {
    c.answers = [c.answers[0] as number, 1 - (c.answers[1] as number)];
  }),
  lie('one answer of two, in the statement, too', [byVerifier], answeredOtherwise),
  lie('an answer left out', [answersDiffer], (c) => void c.answers.pop()),
  lie('an answer that is said to be logits', [answersDiffer], (c) => {
    c.answers = [[0, 1], c.answers[1] as number];
  }),
  lie('a word more', [answersDiffer, byVerifier], (c) => void c.outputs.push(`0x${'00'.repeat(32)}`)),
  lie('one feature of the input', [inputDiffers], (c) => {
    opened(c).features = flip(opened(c).features, 3);
  }),
  lie('another salt of the input', [inputDiffers], (c) => {
    opened(c).salt = plusOne(opened(c).salt);
  }),
  lie('the salt of the input + r', [inputDiffers], (c) => {
    opened(c).salt = wordOf(BigInt(opened(c).salt) + R);
  }),
  lie('a feature beyond its range', [inputDiffers], (c) => {
    opened(c).features = `0xff${opened(c).features.slice(4)}`;
  }),
  lie('another input', [byVerifier], (c) => {
    c.input = null;
    c.inputId = plusOne(c.inputId);
  }),
  lie('another model', [byVerifier, segment(0)], (c) => {
    c.checkpointId = other.checkpointId;
  }),
  lie("another model, with its well-formed proofs: that model's answer is not known", [byVerifier], (c) => {
    c.checkpointId = other.checkpointId;
    c.wellFormed = structuredClone(other.wellFormed);
  }),
  lie('well-formed proofs of another model', [segment(0)], (c) => {
    c.wellFormed = structuredClone(other.wellFormed);
  }),
  lie('the proof of another model', [byVerifier], (c) => {
    Object.assign(c, { proof: other.proof, opening: other.opening, maskId: other.maskId });
  }),
  lie('another nonce', [byVerifier], (c) => {
    c.presentation.nonce = plusOne(c.presentation.nonce);
  }),
  lie('another prover', [byVerifier], (c) => {
    c.presentation.prover = `0x${'11'.repeat(20)}`;
  }),
  lie('a later end', [byVerifier], (c) => {
    c.presentation.expiry = 0;
  }),
  lie('an end beyond all dates', [byVerifier], (c) => {
    c.presentation.expiry = Number.MAX_SAFE_INTEGER;
  }),
  lie('another chain', [byVerifier, segment(0)], (c) => {
    c.presentation.chainId = 1;
  }),
  lie('another verifier', [byVerifier], (c) => {
    c.circuit.statementVerifier = `0x${'11'.repeat(20)}`;
  }),
  lie('another circuit', [circuitDiffers, byVerifier], (c) => {
    c.circuit.circuitId = plusOne(c.circuit.circuitId);
  }),
  lie('other verifier code', [circuitDiffers], (c) => {
    c.circuit.proofVerifierCodeHash = plusOne(c.circuit.proofVerifierCodeHash);
  }),
  lie('a shape that is none', ['the shape of the inference circuit is not the encoding of one'], (c) => {
    c.circuit.shape = '0x00';
  }),
  lie('the proof', [byVerifier], (c) => {
    c.proof = flip(c.proof, 500);
  }),
  lie('the opening', [byVerifier], (c) => {
    c.opening = flip(c.opening, 65);
  }),
  lie('the mask', [byVerifier], (c) => {
    c.maskId = plusOne(c.maskId);
  }),
  lie(
    'a segment too many',
    ['2 of 1 segments are shown to be well-formed', segment(1)],
    (c) => void c.wellFormed.segments.push(structuredClone(c.wellFormed.segments[0]) as never),
  ),
  lie('the public ceremony', ['its proof is of the dev ceremony, it says public'], (c) => {
    c.ceremony = 'public';
  }),
  lie('the tools of another proof system', ['it names the tools of another proof system'], (c) => {
    c.tools.circom = '2.2.2';
  }),
];

describe('a forged certificate of an answer is refused', () => {
  test.each(forged)(
    '%s',
    async (_name, why, change) => {
      const copy = structuredClone(good);
      change(copy);
      expect(decodeCertificate(encodeCertificate(copy))).toEqual(copy);
      const { valid, failures } = await verify(copy);
      expect([valid, failures]).toEqual([false, why]);
    },
    600_000,
  );
});
