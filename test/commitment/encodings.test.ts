import { readFileSync } from 'node:fs';
import { concat, encodeFunctionData, encodePacked, type Hex, hexToBigInt, keccak256, parseAbi, stringToHex, toHex } from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import * as ids from '../../src/commitment/ids.ts';
import { encodingVectors } from '../utils/encodingVectors.ts';
import { runtimeCode, testEvm } from '../utils/evm.ts';

type Vectors = Awaited<ReturnType<typeof encodingVectors>>;
const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/encodings.json', import.meta.url), 'utf8'));

test('the vectors are what the code computes', async () => {
  expect(JSON.parse(JSON.stringify(await encodingVectors()))).toEqual(vectors);
});

describe('an id computed from its words by hand is that of the vectors', () => {
  const T = (name: string): Hex => keccak256(stringToHex(name));
  const words = (...values: (Hex | bigint | number)[]): Hex =>
    concat(values.map((value) => toHex(typeof value === 'string' ? hexToBigInt(value) : BigInt(value), { size: 32 })));
  const field = (hash: Hex): Hex => toHex(hexToBigInt(hash) % R, { size: 32 });

  test('spec, SRS, model, checkpoint, mask', () => {
    const { spec } = vectors.specId;
    expect(keccak256(words(T('assay.spec.v1'), spec.fx, spec.fa, spec.fd, spec.lrk, spec.lb, spec.actBits, spec.wmax))).toBe(
      vectors.specId.id,
    );
    expect(keccak256(words(T('assay.srs.v1'), ...vectors.srsId.g2Tau))).toBe(vectors.srsId.id);
    const { specId, srsId, blockLog, sizes } = vectors.modelId;
    const packedSizes = keccak256(encodePacked(['uint32', 'uint32', 'uint32'], sizes as [number, number, number]));
    expect(keccak256(words(T('assay.model.v1'), specId, srsId, blockLog, packedSizes))).toBe(vectors.modelId.id);
    expect(field(keccak256(words(T('assay.ckpt.v1'), vectors.modelId.id, ...vectors.checkpointId.points)))).toBe(vectors.checkpointId.id);
    expect(field(keccak256(words(T('assay.mask.v1'), ...vectors.maskId.point)))).toBe(vectors.maskId.id);
  });

  test('shape, circuit, context, batch seed', () => {
    const { shape, circuitId, context, batchSeed } = vectors;
    const { specId, srsId, blockLog, sizes } = vectors.modelId;
    const body = words(
      specId,
      srsId,
      blockLog,
      384,
      shape.batch,
      shape.steps,
      shape.treeDepth,
      shape.honkProofBytes,
      ...vectors.srsId.g2Tau,
    );
    expect(concat([body, words(sizes.length, ...sizes)])).toBe(shape.encoded);
    const { honkVerifierCodeHash, windowVerifierCodeHash } = circuitId;
    expect(
      keccak256(
        words(
          T('assay.circuit.train-window.v1'),
          keccak256(circuitId.verifyingKey),
          honkVerifierCodeHash,
          windowVerifierCodeHash,
          keccak256(shape.encoded),
        ),
      ),
    ).toBe(circuitId.id);
    const c = context;
    const tag = T('assay.context.train-window.v1');
    const hash = keccak256(
      words(
        tag,
        c.chainId,
        c.jobManager,
        c.jobId,
        c.windowIndex,
        c.contributionIndex,
        c.leaseNonce,
        c.registrationNonce,
        c.operator,
        c.circuitId,
      ),
    );
    expect(field(hash)).toBe(c.context);
    expect(field(keccak256(words(batchSeed.blockHash, batchSeed.jobId)))).toBe(batchSeed.seed);
  });

  test('submission, statement, proof, evidence, challenges', () => {
    const { context: c, statementHash, proofHash, evidence: e, opening: o, checkpointId } = vectors;
    const lease = [c.chainId, c.jobManager, c.jobId, c.windowIndex, c.contributionIndex, c.leaseNonce];
    expect(keccak256(words(T('assay.submission.v1'), ...lease))).toBe(vectors.submissionId);
    expect(keccak256(words(T('assay.statement.train-window.v1'), ...statementHash.statement))).toBe(statementHash.hash);
    expect(keccak256(words(keccak256(proofHash.honkProof as Hex), keccak256(proofHash.opening as Hex)))).toBe(proofHash.hash);
    expect(keccak256(words(T('assay.evidence.v1'), e.submissionId, e.statementHash, e.proofHash, e.finder, e.salt))).toBe(e.commitment);
    const point = (i: number): Hex[] => checkpointId.points.slice(2 * i, 2 * i + 2);
    const commitments = [0, 1, 1, 2, 3, 4, 0].flatMap(point);
    const bound = [c.chainId, o.verifier, c.circuitId, 1, ...statementHash.statement, ...o.outputs];
    expect(field(keccak256(words(T('assay.opening.z.v1'), ...bound, ...commitments, o.pureClaim)))).toBe(o.z);
    expect(field(keccak256(words(T('assay.opening.k.v1'), o.z, o.negativeValue, ...[1, 2, 3].flatMap(point))))).toBe(o.kappa);
  });

  test('refuses what has no encoding', () => {
    expect(() => ids.checkpointId(vectors.modelId.id, [[2n ** 254n, 0n]])).toThrow(
      expect.objectContaining({ code: 'COMMITMENT_POINT_RANGE' }),
    );
    expect(() => ids.statementHash([1n])).toThrow(expect.objectContaining({ code: 'COMMITMENT_STATEMENT_LENGTH' }));
  });
});

describe('the contracts compute the same', () => {
  const abi = parseAbi([
    'function srsId(uint256[4] tau) pure returns (bytes32)',
    'function modelId(bytes32 specId, bytes32 srsId, uint256 blockLog, uint32[] sizes) pure returns (bytes32)',
    'function checkpointId(bytes32 modelId, bytes points) pure returns (uint256)',
    'function circuitId(bytes32 vkHash, bytes32 honkCodeHash, bytes32 windowCodeHash, bytes32 shapeHash) pure returns (bytes32)',
    'function submissionId(address jobManager, uint256 jobId, uint256 windowIndex, uint256 contributionIndex, uint256 leaseNonce) view returns (bytes32)',
    'function statementHash(uint256[8] statement) pure returns (bytes32)',
    'function proofHash(bytes honkProof, bytes opening) pure returns (bytes32)',
    'function evidenceCommitment(bytes32 submissionId, bytes32 statementHash, bytes32 proofHash, address finder, bytes32 salt) pure returns (bytes32)',
    'function modelIdOf(bytes shape) pure returns (bytes32)',
  ]);
  const library: Hex = `0x${'11'.repeat(20)}`;
  const verifier: Hex = `0x${'22'.repeat(20)}`;
  let call: Awaited<ReturnType<typeof testEvm>>;
  beforeAll(async () => {
    call = await testEvm({
      [library]: runtimeCode('test/utils/EncodingsHarness.sol', 'EncodingsHarness'),
      [verifier]: runtimeCode('src/WindowVerifier.sol', 'WindowVerifier'),
    });
  }, 60_000);

  test('ids and hashes', async () => {
    const { srsId, modelId, checkpointId, circuitId, context: c, statementHash, proofHash, evidence: e, shape } = vectors;
    const run = async (data: Hex, to = library): Promise<Hex> => (await call({ to, data })).returned;
    const big = (values: readonly Hex[]): bigint[] => values.map((value) => hexToBigInt(value));
    const tau = big(srsId.g2Tau) as unknown as readonly [bigint, bigint, bigint, bigint];
    const statement = big(statementHash.statement) as unknown as readonly [bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint];
    const expected: [Hex, Hex][] = [
      [encodeFunctionData({ abi, functionName: 'srsId', args: [tau] }), srsId.id],
      [
        encodeFunctionData({
          abi,
          functionName: 'modelId',
          args: [modelId.specId, modelId.srsId, BigInt(modelId.blockLog), modelId.sizes],
        }),
        modelId.id,
      ],
      [encodeFunctionData({ abi, functionName: 'checkpointId', args: [modelId.id, concat(checkpointId.points)] }), checkpointId.id],
      [
        encodeFunctionData({
          abi,
          functionName: 'circuitId',
          args: [
            keccak256(circuitId.verifyingKey),
            circuitId.honkVerifierCodeHash,
            circuitId.windowVerifierCodeHash,
            keccak256(shape.encoded),
          ],
        }),
        circuitId.id,
      ],
      [
        encodeFunctionData({
          abi,
          functionName: 'submissionId',
          args: [c.jobManager, BigInt(c.jobId), BigInt(c.windowIndex), BigInt(c.contributionIndex), BigInt(c.leaseNonce)],
        }),
        vectors.submissionId,
      ],
      [encodeFunctionData({ abi, functionName: 'statementHash', args: [statement] }), statementHash.hash],
      [
        encodeFunctionData({ abi, functionName: 'proofHash', args: [proofHash.honkProof as Hex, proofHash.opening as Hex] }),
        proofHash.hash,
      ],
      [
        encodeFunctionData({
          abi,
          functionName: 'evidenceCommitment',
          args: [e.submissionId, e.statementHash, e.proofHash, e.finder, e.salt],
        }),
        e.commitment,
      ],
    ];
    for (const [data, id] of expected) expect(await run(data)).toBe(id);
    expect(await run(encodeFunctionData({ abi, functionName: 'modelIdOf', args: [shape.encoded] }), verifier)).toBe(modelId.id);
  });
});
