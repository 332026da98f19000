import { readFileSync } from 'node:fs';
import {
  concat,
  decodeFunctionResult,
  encodeFunctionData,
  encodePacked,
  type Hex,
  hexToBigInt,
  keccak256,
  parseAbi,
  stringToHex,
  toHex,
} from 'viem';
import { beforeAll, describe, expect, test } from 'vitest';
import { decodeInferenceShape, decodeMembershipShape, decodeShape, decodeWellFormedShape } from '../../src/commitment/decodeShape.ts';
import { R } from '../../src/commitment/field.ts';
import * as ids from '../../src/commitment/ids.ts';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { encodingVectors } from '../utils/encodingVectors.ts';
import { runtimeCode, testEvm } from '../utils/evm.ts';

type Vectors = Awaited<ReturnType<typeof encodingVectors>>;
const vectors: Vectors = JSON.parse(readFileSync(new URL('../vectors/encodings.json', import.meta.url), 'utf8'));

test('the vectors are what the code computes', async () => {
  expect(JSON.parse(JSON.stringify(await encodingVectors()))).toEqual(vectors);
});

describe('an id computed from its words by hand is that of the vectors', () => {
  const tagOf = (name: string): Hex => keccak256(stringToHex(name));
  const words = (...values: (Hex | bigint | number)[]): Hex =>
    concat(values.map((value) => toHex(typeof value === 'string' ? hexToBigInt(value) : BigInt(value), { size: 32 })));
  const field = (hash: Hex): Hex => toHex(hexToBigInt(hash) % R, { size: 32 });

  test('spec, SRS, model, checkpoint, mask', () => {
    const { spec } = vectors.specId;
    expect(keccak256(words(tagOf('assay.spec.v1'), spec.fx, spec.fa, spec.fd, spec.lrk, spec.lb, spec.actBits, spec.wmax))).toBe(
      vectors.specId.id,
    );
    expect(keccak256(words(tagOf('assay.srs.v1'), ...vectors.srsId.g2Tau))).toBe(vectors.srsId.id);
    const { specId, srsId, blockLog, sizes } = vectors.modelId;
    const packedSizes = keccak256(encodePacked(['uint32', 'uint32', 'uint32'], sizes as [number, number, number]));
    expect(keccak256(words(tagOf('assay.model.v1'), specId, srsId, blockLog, packedSizes))).toBe(vectors.modelId.id);
    expect(field(keccak256(words(tagOf('assay.ckpt.v1'), vectors.modelId.id, ...vectors.checkpointId.points)))).toBe(
      vectors.checkpointId.id,
    );
    expect(field(keccak256(words(tagOf('assay.mask.v1'), ...vectors.maskId.point)))).toBe(vectors.maskId.id);
  });

  test('audit set, audit, its context, its draw', () => {
    const { auditSet: set, audit: a } = vectors;
    const setId = field(
      keccak256(words(tagOf('assay.audit-set.v1'), set.root, set.depth, set.chunks, set.samples, set.classes, set.groups)),
    );
    expect(setId).toBe(set.id);
    expect(a.setId).toBe(set.id);
    const auditId = keccak256(
      words(
        tagOf('assay.audit.v1'),
        a.chainId,
        a.registry,
        a.opener,
        a.circuitId,
        a.checkpointId,
        a.setId,
        a.wellFormedCircuitId,
        a.draws,
        a.nonce,
      ),
    );
    expect(auditId).toBe(a.id);
    expect(field(keccak256(words(tagOf('assay.context.audit.v1'), a.chainId, a.registry, a.id)))).toBe(a.context);
    expect(keccak256(words(a.blockHash, a.id))).toBe(a.seed);
    const left = Array.from({ length: set.chunks }, (_, chunk) => chunk);
    for (const [i, chunk] of a.drawn.entries()) {
      const step = Number(hexToBigInt(keccak256(words(tagOf('assay.audit.draw.v1'), a.seed, i))) % BigInt(left.length));
      expect(left[step]).toBe(chunk);
      // The first of those that are left takes the place of the one that is taken.
      left[step] = left[0] as number;
      left.shift();
    }
    expect(a.drawn).toHaveLength(a.draws);
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
    const { proofVerifierCodeHash, statementVerifierCodeHash } = circuitId;
    expect(
      keccak256(
        words(
          tagOf('assay.circuit.train-window.v1'),
          keccak256(circuitId.verifyingKey),
          proofVerifierCodeHash,
          statementVerifierCodeHash,
          keccak256(shape.encoded),
        ),
      ),
    ).toBe(circuitId.id);
    const c = context;
    const tag = tagOf('assay.context.train-window.v1');
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
    expect(keccak256(words(tagOf('assay.submission.v1'), ...lease))).toBe(vectors.submissionId);
    expect(keccak256(words(tagOf('assay.statement.train-window.v1'), ...statementHash.statement))).toBe(statementHash.hash);
    expect(keccak256(words(keccak256(proofHash.proof as Hex), keccak256(proofHash.opening as Hex)))).toBe(proofHash.hash);
    expect(keccak256(words(tagOf('assay.evidence.v1'), e.submissionId, e.statementHash, e.proofHash, e.finder, e.salt))).toBe(e.commitment);
    const d = vectors.datasetId;
    const terms = [d.uses, d.feeBps, d.expiryBlock, d.revocable ? 1 : 0];
    const content = [d.registrant, d.root, d.depth, d.minibatches, keccak256(d.cid), keccak256(stringToHex(d.licence))];
    expect(keccak256(words(tagOf('assay.dataset.v2'), ...content, ...terms))).toBe(d.id);
    const point = (i: number): Hex[] => checkpointId.points.slice(2 * i, 2 * i + 2);
    const commitments = [0, 1, 1, 2, 3, 4, 0].flatMap(point);
    const bound = [c.chainId, o.verifier, c.circuitId, 1, ...statementHash.statement, ...o.outputs];
    expect(field(keccak256(words(tagOf('assay.opening.z.v1'), ...bound, ...commitments, o.pureClaim)))).toBe(o.z);
    expect(field(keccak256(words(tagOf('assay.opening.k.v1'), o.z, o.negativeValue, ...[1, 2, 3].flatMap(point))))).toBe(o.kappa);
  });

  test('inference, well-formed and presentations', () => {
    const { inference: i, wellFormed: w, presentation: p, context: c, circuitId: code } = vectors;
    const { specId, srsId, blockLog, sizes } = vectors.modelId;
    const shape = (offset: number, ...own: (Hex | number)[]): Hex =>
      concat([words(specId, srsId, blockLog, offset, ...own, ...vectors.srsId.g2Tau), words(sizes.length, ...sizes)]);
    expect(shape(416, i.inputs, i.outputKind, i.outputBits, i.proofBytes, i.setupId)).toBe(i.encoded);
    expect(shape(352, w.blocksPerProof, w.wmax, w.proofBytes)).toBe(w.encoded);
    const circuit = (name: string, encoded: Hex): Hex =>
      keccak256(
        words(
          tagOf(`assay.circuit.${name}.v1`),
          keccak256(code.verifyingKey),
          code.proofVerifierCodeHash,
          code.statementVerifierCodeHash,
          keccak256(encoded),
        ),
      );
    expect(circuit('inference', i.encoded)).toBe(i.circuitId);
    expect(circuit('well-formed', w.encoded)).toBe(w.circuitId);
    const lease = [c.chainId, c.jobManager, c.jobId, c.windowIndex, c.contributionIndex, c.leaseNonce, c.registrationNonce, c.operator];
    expect(field(keccak256(words(tagOf('assay.context.inference.v1'), ...lease, i.circuitId)))).toBe(i.context);
    expect(field(keccak256(words(tagOf('assay.context.well-formed.v1'), c.chainId, w.registry, w.circuitId)))).toBe(w.context);
    expect(
      field(keccak256(words(tagOf('assay.context.presentation.v1'), p.chainId, p.verifier, p.prover, p.nonce, p.expiry, p.circuitId))),
    ).toBe(p.context);
    expect(keccak256(words(tagOf('assay.statement.inference.v1'), ...i.statement))).toBe(i.statementHash);
    expect(keccak256(words(tagOf('assay.statement.well-formed.v1'), ...w.statement))).toBe(w.statementHash);
    expect(field(keccak256(words(...i.statement.slice(0, 3))))).toBe(i.binding);
    expect(field(keccak256(words(...w.statement)))).toBe(w.binding);
  });

  test('membership: shape, circuit, statement; a record packs its triples as a leaf does', async () => {
    const { membership: m, circuitId: code } = vectors;
    const { specId, srsId, blockLog } = vectors.modelId;
    const own = [m.batch, m.treeDepth, m.proofBytes];
    expect(concat([words(specId, srsId, blockLog, 352, ...own, ...vectors.srsId.g2Tau), words(m.sizes.length, ...m.sizes)])).toBe(
      m.encoded,
    );
    const parts = [keccak256(code.verifyingKey), code.proofVerifierCodeHash, code.statementVerifierCodeHash, keccak256(m.encoded)];
    expect(keccak256(words(tagOf('assay.circuit.membership.v1'), ...parts))).toBe(m.circuitId);
    expect(keccak256(words(tagOf('assay.statement.membership.v1'), ...m.statement))).toBe(m.statementHash);
    const { features, fx, label, salt, digest } = m.record;
    const count = Math.floor((features.length + 4) / 3);
    const fields = [0n, 0n];
    // Feature i of the record: which triple, which digit of it.
    for (const [i, value] of features.entries()) {
      const [digit, t] = i < count ? [0, i] : i < 2 * count - 1 ? [1, i - count] : [2, i - 2 * count + 1];
      fields[Math.floor(t / 21)] = (fields[Math.floor(t / 21)] as bigint) + (BigInt(value) << BigInt(fx * (3 * (t % 21) + digit)));
    }
    const p2 = await loadPoseidon2();
    // The sponge, step by step: tag 10, four items.
    const permute = (state: bigint[], items: bigint[]): bigint[] =>
      p2.permute(state.map((value, i) => (value + (items[i] ?? 0n)) % R) as never) as unknown as bigint[];
    const first = permute([0n, 0n, 0n, 10n * 2n ** 64n + 4n], [...fields, BigInt(label)]);
    expect(words(permute(first, [hexToBigInt(salt)])[0] as bigint)).toBe(digest);
  });

  test('an encoded shape reads back, and only its one encoding does', () => {
    const cases = [
      [decodeShape, vectors.shape.encoded, ids.encodeShape],
      [decodeInferenceShape, vectors.inference.encoded, ids.encodeInferenceShape],
      [decodeWellFormedShape, vectors.wellFormed.encoded, ids.encodeWellFormedShape],
      [decodeMembershipShape, vectors.membership.encoded, ids.encodeMembershipShape],
    ] as const;
    for (const [decode, encoded, encode] of cases) {
      expect((encode as (shape: unknown) => Hex)(decode(encoded))).toBe(encoded);
      const huge = 'f'.repeat(64);
      const others = [
        `${encoded}00`,
        `${encoded}${'0'.repeat(64)}`,
        encoded.slice(0, -2),
        '0x',
        // A block size beyond every integer, and an offset that points elsewhere.
        `${encoded.slice(0, 130)}${huge}${encoded.slice(194)}`,
        `${encoded.slice(0, 194)}${huge}${encoded.slice(258)}`,
      ];
      for (const other of others) {
        expect(() => decode(other as Hex)).toThrow(expect.objectContaining({ code: 'COMMITMENT_SHAPE_MALFORMED' }));
      }
    }
    const kind = 2 + 64 * 5;
    const third = `${vectors.inference.encoded.slice(0, kind + 63)}2${vectors.inference.encoded.slice(kind + 64)}` as Hex;
    expect(() => decodeInferenceShape(third)).toThrow(expect.objectContaining({ code: 'COMMITMENT_SHAPE_MALFORMED' }));
  });

  test('refuses what has no encoding', () => {
    expect(() => ids.checkpointId(vectors.modelId.id, [[2n ** 254n, 0n]])).toThrow(
      expect.objectContaining({ code: 'COMMITMENT_POINT_RANGE' }),
    );
    for (const [name, count] of [
      ['train-window', 7],
      ['inference', 4],
      ['well-formed', 5],
      ['membership', 4],
    ] as const) {
      const words = Array.from({ length: count }, () => 1n);
      expect(() => ids.statementHash(name, words)).toThrow(expect.objectContaining({ code: 'COMMITMENT_STATEMENT_LENGTH' }));
    }
  });
});

describe('the contracts compute the same', () => {
  const abi = parseAbi([
    'function srsId(uint256[4] tau) pure returns (bytes32)',
    'function modelId(bytes32 specId, bytes32 srsId, uint256 blockLog, uint32[] sizes) pure returns (bytes32)',
    'function checkpointId(bytes32 modelId, bytes points) pure returns (uint256)',
    'function circuitId(bytes32 circuitTag, bytes32 vkHash, bytes32 proofCodeHash, bytes32 statementCodeHash, bytes32 shapeHash) pure returns (bytes32)',
    'function submissionId(address jobManager, uint256 jobId, uint256 windowIndex, uint256 contributionIndex, uint256 leaseNonce) view returns (bytes32)',
    'function statementHash(bytes32 statementType, uint256[] statement) pure returns (bytes32)',
    'function proofHash(bytes proof, bytes opening) pure returns (bytes32)',
    'function evidenceCommitment(bytes32 submissionId, bytes32 statementHash, bytes32 proofHash, address finder, bytes32 salt) pure returns (bytes32)',
    'function datasetId((address registrant, uint32 depth, uint64 minibatches, uint256 root, bytes32 cidHash, bytes32 licenceHash, (uint8 uses, uint16 feeBps, uint64 expiryBlock, bool revocable) terms, bool revoked) dataset) pure returns (bytes32)',
    'function auditSetId((uint256 root, uint8 depth, uint16 chunks, uint16 samples, uint8 classes, uint8 groups) set) pure returns (uint256)',
    'function auditId(address registry, address opener, (bytes32 circuitId, bytes32 wellFormedCircuitId, uint256 checkpointId, uint256 setId, address setOwner, uint16 draws) question, uint256 nonce) view returns (bytes32)',
    'function auditContext(address registry, bytes32 auditId) view returns (uint256)',
    'function drawSeed(bytes32 blockHash, bytes32 auditId) pure returns (bytes32)',
    'function drawn(bytes32 seed, uint256 chunks, uint256 draws) pure returns (uint256)',
    'function describe(bytes shape) pure returns ((bytes32 statementType, bytes32 circuitTag, bytes32 modelId, bytes32 srsId, uint32 steps, uint32 treeDepth, uint32 statementWords, uint32 proofBytes, uint32 openingBytes))',
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
    const { srsId, modelId, checkpointId, circuitId, context: c, statementHash, proofHash, evidence: e, shape, datasetId: d } = vectors;
    const { auditSet: set, audit: a } = vectors;
    const run = async (data: Hex, to = library): Promise<Hex> => (await call({ to, data })).returned;
    const big = (values: readonly Hex[]): bigint[] => values.map((value) => hexToBigInt(value));
    const tau = big(srsId.g2Tau) as unknown as readonly [bigint, bigint, bigint, bigint];
    const hashOf = (name: string, statement: readonly Hex[]): Hex =>
      encodeFunctionData({ abi, functionName: 'statementHash', args: [keccak256(stringToHex(name)), big(statement)] });
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
            keccak256(stringToHex('assay.circuit.train-window.v1')),
            keccak256(circuitId.verifyingKey),
            circuitId.proofVerifierCodeHash,
            circuitId.statementVerifierCodeHash,
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
      [hashOf('train-window', statementHash.statement), statementHash.hash],
      [hashOf('inference', vectors.inference.statement), vectors.inference.statementHash],
      [encodeFunctionData({ abi, functionName: 'proofHash', args: [proofHash.proof as Hex, proofHash.opening as Hex] }), proofHash.hash],
      [
        encodeFunctionData({
          abi,
          functionName: 'evidenceCommitment',
          args: [e.submissionId, e.statementHash, e.proofHash, e.finder, e.salt],
        }),
        e.commitment,
      ],
      ...[false, true].map((revoked): [Hex, Hex] => [
        encodeFunctionData({
          abi,
          functionName: 'datasetId',
          args: [
            {
              ...d,
              minibatches: BigInt(d.minibatches),
              root: hexToBigInt(d.root),
              cidHash: keccak256(d.cid),
              licenceHash: keccak256(stringToHex(d.licence)),
              terms: { uses: d.uses, feeBps: d.feeBps, expiryBlock: BigInt(d.expiryBlock), revocable: d.revocable },
              revoked,
            },
          ],
        }),
        d.id,
      ]),
      [encodeFunctionData({ abi, functionName: 'auditSetId', args: [{ ...set, root: hexToBigInt(set.root) }] }), set.id],
      [
        encodeFunctionData({
          abi,
          functionName: 'auditId',
          args: [
            a.registry,
            a.opener,
            // Who registered the set is not part of the id: the registry keeps it beside the question.
            { ...a, checkpointId: hexToBigInt(a.checkpointId), setId: hexToBigInt(a.setId), setOwner: a.registry },
            BigInt(a.nonce),
          ],
        }),
        a.id,
      ],
      [encodeFunctionData({ abi, functionName: 'auditContext', args: [a.registry, a.id] }), a.context],
      [encodeFunctionData({ abi, functionName: 'drawSeed', args: [a.blockHash, a.id] }), a.seed],
      [
        encodeFunctionData({ abi, functionName: 'drawn', args: [a.seed, BigInt(set.chunks), BigInt(a.draws)] }),
        toHex(
          a.drawn.reduce((bits, chunk) => bits | (1n << BigInt(chunk)), 0n),
          { size: 32 },
        ),
      ],
    ];
    for (const [data, id] of expected) expect(await run(data)).toBe(id);
    const described = await run(encodeFunctionData({ abi, functionName: 'describe', args: [shape.encoded] }), verifier);
    expect(decodeFunctionResult({ abi, functionName: 'describe', data: described })).toEqual({
      statementType: keccak256(stringToHex('train-window')),
      circuitTag: keccak256(stringToHex('assay.circuit.train-window.v1')),
      modelId: modelId.id,
      srsId: srsId.id,
      steps: shape.steps,
      treeDepth: shape.treeDepth,
      statementWords: 8,
      proofBytes: shape.honkProofBytes,
      openingBytes: 32 * (17 + 4 * 5),
    });
  });
});
