import { type Hex, toHex } from 'viem';
import { R } from '../../src/commitment/field.ts';
import * as ids from '../../src/commitment/ids.ts';
import { batchIndex, buildTree, leafDigest, recordDigest } from '../../src/commitment/merkle.ts';
import { challengeKappa, challengeZ } from '../../src/commitment/openingBytes.ts';
import { pack } from '../../src/commitment/packing.ts';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { presentationContext } from '../../src/commitment/presentation.ts';
import { srsIdOf } from '../../src/commitment/srs.ts';
import { fieldElements, integers } from './random.ts';

const hash = (label: string): Hex => toHex(integers(label, 1)[0] as bigint, { size: 32 });
const address = (label: string): Hex => toHex(BigInt.asUintN(160, integers(label, 1)[0] as bigint), { size: 20 });
const word = (x: bigint): Hex => toHex(x, { size: 32 });

/** Every id and hash of docs/reference/encodings.md on fixed inputs; what test/vectors/encodings.json holds. */
export async function encodingVectors() {
  const p2 = await loadPoseidon2();
  const spec = { fx: 4, fa: 4, fd: 4, lrk: 1, lb: 4, actBits: 7, wmax: 32768 };
  const g2Tau = fieldElements('tau', 4) as unknown as readonly [bigint, bigint, bigint, bigint];
  const shape: ids.Shape = {
    specId: ids.specId(spec),
    srsId: srsIdOf(g2Tau),
    blockLog: 15,
    sizes: [784, 128, 10],
    batch: 16,
    steps: 4,
    treeDepth: 12,
    honkProofBytes: 14_080,
    g2Tau,
  };
  const model = ids.modelId(shape);
  const points = fieldElements('points', 10);
  const pairs = points.flatMap((x, i) => (i % 2 === 0 ? [[x, points[i + 1] as bigint] as const] : []));
  const encoded = ids.encodeShape(shape);
  const circuit = {
    verifyingKey: Uint8Array.from({ length: 100 }, (_, i) => i),
    proofVerifierCodeHash: hash('honk code'),
    statementVerifierCodeHash: hash('window code'),
    shape: encoded,
  };
  const context = {
    chainId: 31337n,
    jobManager: address('job manager'),
    jobId: 3n,
    windowIndex: 7n,
    contributionIndex: 0n,
    leaseNonce: 9n,
    registrationNonce: 2n,
    operator: address('operator'),
    circuitId: ids.circuitId('train-window', circuit),
  };
  const statement = fieldElements('statement', 8);
  const base = { specId: shape.specId, srsId: shape.srsId, blockLog: shape.blockLog, sizes: shape.sizes, g2Tau };
  const inferenceShape: ids.InferenceShape = {
    ...base,
    inputs: 100,
    output: 'logits',
    outputBits: 37,
    proofBytes: 14_656,
    setupId: hash('setup'),
  };
  const wellFormedShape: ids.WellFormedShape = { ...base, blocksPerProof: 4, wmax: spec.wmax, proofBytes: 14_080 };
  const inferenceCircuit = { ...circuit, shape: ids.encodeInferenceShape(inferenceShape) };
  const wellFormedCircuit = { ...circuit, shape: ids.encodeWellFormedShape(wellFormedShape) };
  const membershipShape: ids.MembershipShape = { ...base, sizes: [784, 256], batch: 16, treeDepth: 12, proofBytes: 7_000 };
  const membershipCircuit = { ...circuit, shape: ids.encodeMembershipShape(membershipShape) };
  const membershipWords = fieldElements('membership statement', 3);
  const inferenceWords = fieldElements('inference statement', 6);
  const wellFormedWords = [...fieldElements('well-formed statement', 3), 1n];
  const presentation = {
    chainId: 31337n,
    verifier: address('verifier'),
    prover: address('prover'),
    nonce: hash('nonce'),
    expiry: 1_800_000_000n,
    circuitId: ids.circuitId('inference', inferenceCircuit),
  };
  const registry = address('registry');
  const auditSet = { root: fieldElements('audit set', 1)[0] as bigint, depth: 8, chunks: 200, samples: 100, classes: 10, groups: 2 };
  const audit: ids.AuditFields = {
    chainId: 31337n,
    registry: address('audit registry'),
    opener: address('opener'),
    circuitId: hash('audit circuit'),
    checkpointId: ids.checkpointId(model, pairs),
    setId: ids.auditSetId(auditSet),
    wellFormedCircuitId: ids.circuitId('well-formed', wellFormedCircuit),
    draws: 9,
    nonce: 4n,
  };
  const drawSeed = ids.drawSeed(hash('block that draws'), ids.auditIdOf(audit));
  const submission = ids.submissionId(context);
  const evidence = {
    submissionId: submission,
    statementHash: ids.statementHash('train-window', statement),
    proofHash: ids.proofHash(Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5)),
    finder: address('finder'),
    salt: hash('salt'),
  };
  const dataset: ids.DatasetFields = {
    registrant: address('registrant'),
    root: fieldElements('root', 1)[0] as bigint,
    depth: 5,
    minibatches: 17,
    cid: Uint8Array.of(1, 0x55, 0x12, 0x20),
    licence: 'CC-BY-4.0',
    uses: 3,
    feeBps: 250,
    expiryBlock: 9_000_000n,
    revocable: true,
  };
  const features = Array.from({ length: 130 }, (_, i) => (i * 7) % 16);
  const labels = [3, 9];
  const leaves = fieldElements('leaves', 3);
  const tree = buildTree(p2, leaves, 3);
  const binding = { chainId: 31337n, verifier: address('verifier'), circuitId: context.circuitId, open: true, statement };
  const [p0, p1, p2nd, p3, p4] = pairs as [(typeof pairs)[0], (typeof pairs)[0], (typeof pairs)[0], (typeof pairs)[0], (typeof pairs)[0]];
  const opening = {
    outputs: fieldElements('outputs', 3) as unknown as readonly [bigint, bigint, bigint],
    checkpoints: [
      [p0, p1],
      [p1, p2nd],
    ],
    mask: p3,
    positive: p4,
    negative: p0,
    pureClaim: 5n,
  };
  const z = challengeZ(binding, opening);
  return {
    permutation: [[0n, 1n, 2n, 3n], [R - 1n, R - 1n, R - 1n, R - 1n], fieldElements('permutation', 4)].map((state) => ({
      state: state.map(word),
      result: p2.permute(state).map(word),
    })),
    sponge: [1, 2, 3, 4, 5, 6, 7].map((tag) => {
      const message = fieldElements(`sponge ${tag}`, tag);
      return { tag, message: message.map(word), digest: word(p2.sponge(tag, message)) };
    }),
    pack: { bits: 4, values: features, elements: pack(features, 4).map(word) },
    leaf: { fx: 4, features, labels, salt: word(5n), digest: word(leafDigest(p2, features, 4, labels, 5n)) },
    tree: { depth: 3, leaves: leaves.map(word), root: word(tree.root), path: { index: 4, siblings: tree.path(4).map(word) } },
    batchIndex: [0, 1, 1000].map((step) => ({ batchSeed: word(42n), step, depth: 12, index: batchIndex(p2, 42n, step, 12) })),
    specId: { spec, id: shape.specId },
    srsId: { g2Tau: g2Tau.map(word), id: shape.srsId },
    modelId: { specId: shape.specId, srsId: shape.srsId, blockLog: shape.blockLog, sizes: shape.sizes, id: model },
    checkpointId: { modelId: model, points: points.map(word), id: word(ids.checkpointId(model, pairs)) },
    maskId: { point: p0.map(word), id: word(ids.maskId(p0)) },
    shape: {
      batch: shape.batch,
      steps: shape.steps,
      treeDepth: shape.treeDepth,
      honkProofBytes: shape.honkProofBytes,
      encoded,
    },
    circuitId: { ...circuit, verifyingKey: toHex(circuit.verifyingKey), id: context.circuitId },
    context: {
      ...context,
      ...Object.fromEntries(Object.entries(context).flatMap(([name, value]) => (typeof value === 'bigint' ? [[name, Number(value)]] : []))),
      context: word(ids.contextOf('train-window', context)),
    },
    inference: {
      inputs: inferenceShape.inputs,
      outputKind: 1,
      outputBits: inferenceShape.outputBits,
      proofBytes: inferenceShape.proofBytes,
      setupId: inferenceShape.setupId,
      encoded: inferenceCircuit.shape,
      circuitId: presentation.circuitId,
      context: word(ids.contextOf('inference', { ...context, circuitId: presentation.circuitId })),
      statement: inferenceWords.map(word),
      statementHash: ids.statementHash('inference', inferenceWords),
      binding: word(ids.bindingOf(inferenceWords.slice(0, 3))),
      inputId: { fx: 4, features, salt: word(5n), id: word(ids.inputIdOf(p2, features, 4, 5n)) },
    },
    wellFormed: {
      blocksPerProof: wellFormedShape.blocksPerProof,
      wmax: wellFormedShape.wmax,
      proofBytes: wellFormedShape.proofBytes,
      encoded: wellFormedCircuit.shape,
      circuitId: ids.circuitId('well-formed', wellFormedCircuit),
      registry,
      context: word(ids.wellFormedContext(31337n, registry, ids.circuitId('well-formed', wellFormedCircuit))),
      statement: wellFormedWords.map(word),
      statementHash: ids.statementHash('well-formed', wellFormedWords),
      binding: word(ids.bindingOf(wellFormedWords)),
    },
    auditSet: { ...auditSet, root: word(auditSet.root), id: word(audit.setId) },
    audit: {
      ...audit,
      chainId: Number(audit.chainId),
      checkpointId: word(audit.checkpointId),
      setId: word(audit.setId),
      nonce: Number(audit.nonce),
      id: ids.auditIdOf(audit),
      context: word(ids.auditContext(audit)),
      blockHash: hash('block that draws'),
      seed: drawSeed,
      drawn: ids.drawChunks(drawSeed, auditSet.chunks, audit.draws),
    },
    membership: {
      sizes: membershipShape.sizes,
      batch: membershipShape.batch,
      treeDepth: membershipShape.treeDepth,
      proofBytes: membershipShape.proofBytes,
      encoded: membershipCircuit.shape,
      circuitId: ids.circuitId('membership', membershipCircuit),
      statement: membershipWords.map(word),
      statementHash: ids.statementHash('membership', membershipWords),
      // 23 triples: two fields.
      record: {
        fx: 4,
        features: features.slice(0, 65),
        label: 9,
        salt: word(5n),
        digest: word(recordDigest(p2, features.slice(0, 65), 4, 9, 5n)),
      },
    },
    presentation: {
      ...presentation,
      chainId: Number(presentation.chainId),
      expiry: Number(presentation.expiry),
      context: word(presentationContext(presentation)),
    },
    batchSeed: { blockHash: hash('block'), jobId: 3, seed: word(ids.batchSeedOf(hash('block'), 3n)) },
    submissionId: submission,
    statementHash: { statement: statement.map(word), hash: evidence.statementHash },
    proofHash: { proof: '0x010203', opening: '0x0405', hash: evidence.proofHash },
    evidence: { ...evidence, commitment: ids.evidenceCommitment(evidence) },
    datasetId: {
      ...dataset,
      root: word(dataset.root),
      cid: toHex(dataset.cid),
      expiryBlock: Number(dataset.expiryBlock),
      id: ids.datasetId(dataset),
    },
    opening: {
      verifier: binding.verifier,
      open: true,
      outputs: opening.outputs.map(word),
      pureClaim: word(5n),
      negativeValue: word(6n),
      z: word(z),
      kappa: word(challengeKappa(z, 6n, [p1, p2nd, p3])),
    },
  };
}
