import {
  type Address,
  bytesToHex,
  concat,
  encodeAbiParameters,
  encodePacked,
  type Hex,
  hexToBigInt,
  keccak256,
  numberToHex,
  stringToHex,
} from 'viem';
import { AssayError } from '../errors.ts';
import { Q, R } from './field.ts';
import type { Point } from './kzg.ts';
import { packThresholds } from './marginThresholds.ts';
import { pack, packedBits } from './packing.ts';
import { type Poseidon2, spongeTags } from './poseidon2.ts';

// Every id and hash of docs/reference/encodings.md outside of data sets and transcripts. Field-valued ones are bigint, the others are 32-byte hex.

/** What a proof can say; every tag of a statement carries its name. */
export type StatementName = 'train-window' | 'inference' | 'well-formed' | 'audit' | 'membership';

/** The fields of an arithmetic spec, in the order in which they are hashed (see `ArithmeticSpec` in src/quant/spec.ts). */
export type SpecFields = {
  readonly fx: number;
  readonly fa: number;
  readonly fd: number;
  readonly lrk: number;
  readonly lb: number;
  readonly actBits: number;
  readonly wmax: number;
};

/** What the verifier of any statement must know of a model and of the SRS it is committed with. */
export type ModelShape = {
  readonly specId: Hex;
  readonly srsId: Hex;
  /** A block's polynomial has at most 2^blockLog coefficients (and sigma above them). */
  readonly blockLog: number;
  /** Neurons per layer, inputs first, outputs last (no bias row). */
  readonly sizes: readonly number[];
  /** tau in G2, EIP-197 order: x_1, x_0, y_1, y_0. */
  readonly g2Tau: readonly [bigint, bigint, bigint, bigint];
};

/** What a window verifier must know of a circuit instance besides its code; hashed into the circuit id. */
export type Shape = ModelShape & {
  /** Samples a minibatch. */
  readonly batch: number;
  /** Steps a window. */
  readonly steps: number;
  readonly treeDepth: number;
  /** Exact length of the UltraHonk proof. */
  readonly honkProofBytes: number;
};

/** What an inference verifier must know of a circuit instance besides its code; hashed into the circuit id. */
export type InferenceShape = ModelShape & {
  /** Inputs that one proof answers. */
  readonly inputs: number;
  readonly output: 'class' | 'logits';
  /** Width of one packed output: 8 for classes, zBits of the last layer for logits. */
  readonly outputBits: number;
  /** Exact length of the proof: 256 for Groth16. */
  readonly proofBytes: number;
  /** What ends phase 2 of a Groth16 ceremony; 0 for UltraHonk, which needs none. */
  readonly setupId: Hex;
};

/** What a well-formed verifier must know of a circuit instance besides its code; hashed into the circuit id. */
export type WellFormedShape = ModelShape & {
  /** Blocks of a segment: what one proof covers. */
  readonly blocksPerProof: number;
  /** Every weight is within [-wmax, wmax]. */
  readonly wmax: number;
  /** Exact length of the UltraHonk proof. */
  readonly proofBytes: number;
};

/** What an audit verifier must know of a circuit instance besides its code; hashed into the circuit id. */
export type AuditShape = ModelShape & {
  /** Samples of a chunk. */
  readonly samples: number;
  readonly groups: number;
  /** Depth of the audit set's tree. */
  readonly treeDepth: number;
  readonly output: 'counts' | 'committed';
  /** Margins that counts are told apart by, in units of the logits, rising; none for counts by label and answer alone. */
  readonly thresholds: readonly number[];
  /** Exact length of the UltraHonk proof. */
  readonly proofBytes: number;
};

/** What a membership verifier must know of a circuit instance besides its code; hashed into the circuit id. Sizes are features and 256. */
export type MembershipShape = ModelShape & {
  /** Samples of a minibatch. */
  readonly batch: number;
  /** Depth of the data set's tree. */
  readonly treeDepth: number;
  /** Exact length of the UltraHonk proof. */
  readonly proofBytes: number;
};

/** A committed audit set: what its id covers. */
export type AuditSetFields = {
  readonly root: bigint;
  readonly depth: number;
  /** Real ones, before the tree is filled. */
  readonly chunks: number;
  /** Samples of a chunk; the last one is filled up. */
  readonly samples: number;
  readonly classes: number;
  readonly groups: number;
};

/** One question: which model, which set, how its chunks are chosen. */
export type AuditFields = {
  readonly chainId: bigint;
  /** The AuditRegistry where it was opened; the zero address without a chain. */
  readonly registry: Address;
  /** Who opened it; the zero address without a chain. */
  readonly opener: Address;
  readonly circuitId: Hex;
  readonly checkpointId: bigint;
  readonly setId: bigint;
  /** The circuit under which the checkpoint is well-formed. */
  readonly wellFormedCircuitId: Hex;
  /** Chunks that are drawn; 0 where all are taken. */
  readonly draws: number;
  readonly nonce: bigint;
};

/** What a proof that is made for a job is bound to: a training window's, or an answer's. */
export type WindowContext = {
  readonly chainId: bigint;
  readonly jobManager: Address;
  readonly jobId: bigint;
  readonly windowIndex: bigint;
  readonly contributionIndex: bigint;
  readonly leaseNonce: bigint;
  readonly registrationNonce: bigint;
  /** The operator's cold address. */
  readonly operator: Address;
  readonly circuitId: Hex;
};

/** A dataset's registration, with the terms of its licence. */
export type DatasetFields = {
  readonly registrant: Address;
  readonly root: bigint;
  readonly depth: number;
  /** Real ones, before the tree is filled. */
  readonly minibatches: number;
  /** CIDv1 bytes of the dataset blob. */
  readonly cid: Uint8Array;
  readonly licence: string;
  /** Bits: 1 training, 2 evaluation and audits. */
  readonly uses: number;
  /** Least share of a job's price, in 1/10,000. */
  readonly feeBps: number;
  /** Last block in which a job may open; 0 for none. */
  readonly expiryBlock: bigint;
  readonly revocable: boolean;
};

const bytes32 = { type: 'bytes32' } as const;
const uint256 = { type: 'uint256' } as const;
const address = { type: 'address' } as const;
const bool = { type: 'bool' } as const;

/** `keccak(utf8(name))`: the first word of everything that is hashed. */
export function tag(name: string): Hex {
  return keccak256(stringToHex(name));
}

function toField(hash: Hex): bigint {
  return hexToBigInt(hash) % R;
}

function pointBytes(point: Point): Hex {
  for (const coordinate of point) {
    if (coordinate < 0n || coordinate >= Q)
      throw new AssayError('COMMITMENT_POINT_RANGE', 'a point coordinate is not below the base field');
  }
  return encodePacked(['uint256', 'uint256'], [point[0], point[1]]);
}

/** Id of an arithmetic spec. */
export function specId(spec: SpecFields): Hex {
  const values = [spec.fx, spec.fa, spec.fd, spec.lrk, spec.lb, spec.actBits, spec.wmax].map((value) => BigInt(value));
  return keccak256(encodeAbiParameters([bytes32, ...values.map(() => uint256)], [tag('assay.spec.v1'), ...values]));
}

/** Id of a model: its arithmetic, its SRS, its cut into blocks and its layer sizes. */
export function modelId(model: Pick<Shape, 'specId' | 'srsId' | 'blockLog' | 'sizes'>): Hex {
  const sizes = keccak256(concat(model.sizes.map((size) => numberToHex(size, { size: 4 }))));
  return keccak256(
    encodeAbiParameters(
      [bytes32, bytes32, bytes32, uint256, bytes32],
      [tag('assay.model.v1'), model.specId, model.srsId, BigInt(model.blockLog), sizes],
    ),
  );
}

/** Id of a checkpoint: its model and the commitments of its blocks, layer by layer. Throws COMMITMENT_POINT_RANGE. */
export function checkpointId(model: Hex, points: readonly Point[]): bigint {
  return toField(keccak256(concat([tag('assay.ckpt.v1'), model, ...points.map(pointBytes)])));
}

/** Id of a mask polynomial's commitment. Throws COMMITMENT_POINT_RANGE. */
export function maskId(point: Point): bigint {
  return toField(keccak256(concat([tag('assay.mask.v1'), pointBytes(point)])));
}

/** Statements that a job can pay for. */
export type JobStatementName = Extract<StatementName, 'train-window' | 'inference'>;

/** The bytes whose hash is the context of a job's statement: who proves, for which lease of which window of which job on which chain. */
export function contextPreimage(statement: JobStatementName, context: WindowContext): Hex {
  return encodeAbiParameters(
    [bytes32, uint256, address, uint256, uint256, uint256, uint256, uint256, address, bytes32],
    [
      tag(`assay.context.${statement}.v1`),
      context.chainId,
      context.jobManager,
      context.jobId,
      context.windowIndex,
      context.contributionIndex,
      context.leaseNonce,
      context.registrationNonce,
      context.operator,
      context.circuitId,
    ],
  );
}

/** Context of a job's statement. */
export function contextOf(statement: JobStatementName, context: WindowContext): bigint {
  return toField(keccak256(contextPreimage(statement, context)));
}

/** The bytes whose hash is the context of a well-formed statement: the model registry that keeps count of a checkpoint's segments. */
export function wellFormedPreimage(chainId: bigint, registry: Address, circuitId: Hex): Hex {
  return encodeAbiParameters([bytes32, uint256, address, bytes32], [tag('assay.context.well-formed.v1'), chainId, registry, circuitId]);
}

/** Context of a well-formed statement. */
export function wellFormedContext(chainId: bigint, registry: Address, circuitId: Hex): bigint {
  return toField(keccak256(wellFormedPreimage(chainId, registry, circuitId)));
}

/** Id of an audit set: its content, its cut and its labels. */
export function auditSetId(set: AuditSetFields): bigint {
  const values = [set.root, set.depth, set.chunks, set.samples, set.classes, set.groups].map((value) => BigInt(value));
  return toField(keccak256(encodeAbiParameters([bytes32, ...values.map(() => uint256)], [tag('assay.audit-set.v1'), ...values])));
}

/** Id of an audit. */
export function auditIdOf(audit: AuditFields): Hex {
  return keccak256(
    encodeAbiParameters(
      [bytes32, uint256, address, address, bytes32, uint256, uint256, bytes32, uint256, uint256],
      [
        tag('assay.audit.v1'),
        audit.chainId,
        audit.registry,
        audit.opener,
        audit.circuitId,
        audit.checkpointId,
        audit.setId,
        audit.wellFormedCircuitId,
        BigInt(audit.draws),
        audit.nonce,
      ],
    ),
  );
}

/** The bytes whose hash is the context of every proof of one audit. */
function auditPreimage({ chainId, registry }: Pick<AuditFields, 'chainId' | 'registry'>, auditId: Hex): Hex {
  return encodeAbiParameters([bytes32, uint256, address, bytes32], [tag('assay.context.audit.v1'), chainId, registry, auditId]);
}

/** Context of an audit's statements. */
export function auditContext(audit: AuditFields): bigint {
  return toField(keccak256(auditPreimage(audit, auditIdOf(audit))));
}

/** Seed of a draw. @param blockHash hash of block `openBlock + 8` */
export function drawSeed(blockHash: Hex, auditId: Hex): Hex {
  return keccak256(concat([blockHash, auditId]));
}

/** The chunks that a seed draws, in the order of the draw: partial Fisher-Yates from the front. */
export function drawChunks(seed: Hex, chunks: number, draws: number): number[] {
  const order = Array.from({ length: chunks }, (_, i) => i);
  for (let i = 0; i < draws; i++) {
    const hash = keccak256(concat([tag('assay.audit.draw.v1'), seed, numberToHex(i, { size: 32 })]));
    const j = i + Number(hexToBigInt(hash) % BigInt(chunks - i));
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order.slice(0, draws);
}

/**
 * The one public input that stands for several words of a statement: context, checkpointId and maskId of inference, and the segment of well-formed.
 *
 * @param words field elements
 */
export function bindingOf(words: readonly bigint[]): bigint {
  return toField(keccak256(concat(words.map((word) => numberToHex(word, { size: 32 })))));
}

/**
 * Commitment to the inputs of an inference proof: `H(7; pack(features, fx), salt)`.
 *
 * @param features integers in [0, 2^fx), sample by sample
 * @param salt 0 where the input is public, else a secret random field element
 * @throws COMMITMENT_PACK_RANGE
 */
export function inputIdOf(p2: Poseidon2, features: ArrayLike<number>, fx: number, salt: bigint): bigint {
  return p2.sponge(spongeTags.input, [...pack(features, fx), salt]);
}

/** A job's one batch seed. @param blockHash hash of block `openBlock + 8` */
export function batchSeedOf(blockHash: Hex, jobId: bigint): bigint {
  return toField(keccak256(encodeAbiParameters([bytes32, uint256], [blockHash, jobId])));
}

/** Id of the submission that one lease may make. */
export function submissionId(
  lease: Pick<WindowContext, 'chainId' | 'jobManager' | 'jobId' | 'windowIndex' | 'contributionIndex' | 'leaseNonce'>,
): Hex {
  return keccak256(
    encodeAbiParameters(
      [bytes32, uint256, address, uint256, uint256, uint256, uint256],
      [
        tag('assay.submission.v1'),
        lease.chainId,
        lease.jobManager,
        lease.jobId,
        lease.windowIndex,
        lease.contributionIndex,
        lease.leaseNonce,
      ],
    ),
  );
}

/** True for a number of words that a statement can have: 8, 4 and at least one word of outputs, 4, 5 and at least one word of counts, 3. */
export function hasStatementWords(statement: StatementName, words: number): boolean {
  if (statement === 'inference') return words >= 5;
  if (statement === 'audit') return words >= 6;
  if (statement === 'membership') return words === 3;
  return words === (statement === 'train-window' ? 8 : 4);
}

/** Words of an inference statement: 4 and those of its packed outputs. */
export function inferenceWords({
  inputs,
  output,
  outputBits,
  sizes,
}: Pick<InferenceShape, 'inputs' | 'output' | 'outputBits' | 'sizes'>): number {
  const values = output === 'class' ? inputs : inputs * (sizes.at(-1) as number);
  return 4 + Math.ceil(values / Math.floor(packedBits / outputBits));
}

/** Hash of a statement's words. Throws COMMITMENT_STATEMENT_LENGTH for another number of words than the statement has. */
export function statementHash(statement: StatementName, words: readonly bigint[]): Hex {
  if (!hasStatementWords(statement, words.length)) {
    throw new AssayError('COMMITMENT_STATEMENT_LENGTH', `no ${statement} statement has ${words.length} words`);
  }
  return keccak256(encodeAbiParameters([bytes32, ...words.map(() => uint256)], [tag(`assay.statement.${statement}.v1`), ...words]));
}

/** Hash of a proof: the proof system's and the opening. */
export function proofHash(proof: Uint8Array, opening: Uint8Array): Hex {
  return keccak256(encodeAbiParameters([bytes32, bytes32], [keccak256(proof), keccak256(opening)]));
}

/** A shape's bytes: the model and its SRS around the statement's own words, of which hex ones are 32 bytes and the others numbers. */
function shapeBytes(shape: ModelShape, ...own: readonly (number | bigint | Hex)[]): Hex {
  const types = own.map((word) => (typeof word === 'string' ? bytes32 : uint256));
  const words = own.map((word) => (typeof word === 'number' ? BigInt(word) : word));
  return encodeAbiParameters([bytes32, bytes32, uint256, { type: 'uint32[]' }, ...types, { type: 'uint256[4]' }], [
    shape.specId,
    shape.srsId,
    BigInt(shape.blockLog),
    [...shape.sizes],
    ...words,
    shape.g2Tau,
  ] as never);
}

/** The shape's bytes, as the window verifier takes them. */
export function encodeShape(shape: Shape): Hex {
  return shapeBytes(shape, shape.batch, shape.steps, shape.treeDepth, shape.honkProofBytes);
}

/** The shape's bytes, as the inference verifier takes them. */
export function encodeInferenceShape(shape: InferenceShape): Hex {
  return shapeBytes(shape, shape.inputs, shape.output === 'class' ? 0n : 1n, shape.outputBits, shape.proofBytes, shape.setupId);
}

/** The shape's bytes, as the well-formed verifier takes them. */
export function encodeWellFormedShape(shape: WellFormedShape): Hex {
  return shapeBytes(shape, shape.blocksPerProof, shape.wmax, shape.proofBytes);
}

/** The shape's bytes, as the audit verifier takes them. */
export function encodeAuditShape(shape: AuditShape): Hex {
  const { samples, groups, treeDepth, output, thresholds, proofBytes } = shape;
  return shapeBytes(shape, samples, groups, treeDepth, output === 'counts' ? 0n : 1n, packThresholds(thresholds), proofBytes);
}

/** The shape's bytes, as the membership verifier takes them. */
export function encodeMembershipShape(shape: MembershipShape): Hex {
  return shapeBytes(shape, shape.batch, shape.treeDepth, shape.proofBytes);
}

/** Words of an audit statement: 5 and those of its counts. */
export function auditWords({ groups, output, sizes, thresholds }: Pick<AuditShape, 'groups' | 'output' | 'sizes' | 'thresholds'>): number {
  const counts = groups * (sizes.at(-1) as number) ** 2 * (thresholds.length + 1);
  return 5 + (output === 'counts' ? Math.ceil(counts / Math.floor(packedBits / 16)) : 1);
}

/** Id of a statement's circuit: its verifying key, the code of both verifiers, and the encoded shape. */
export function circuitId(
  statement: StatementName,
  circuit: {
    readonly verifyingKey: Uint8Array;
    /** Of the proof system's verifier contract. */
    readonly proofVerifierCodeHash: Hex;
    /** Of the statement's verifier contract. */
    readonly statementVerifierCodeHash: Hex;
    readonly shape: Hex;
  },
): Hex {
  return keccak256(
    encodeAbiParameters(
      [bytes32, bytes32, bytes32, bytes32, bytes32],
      [
        tag(`assay.circuit.${statement}.v1`),
        keccak256(circuit.verifyingKey),
        circuit.proofVerifierCodeHash,
        circuit.statementVerifierCodeHash,
        keccak256(circuit.shape),
      ],
    ),
  );
}

/** What a finder commits to before it shows evidence, so that nobody can show it first. */
export function evidenceCommitment(evidence: {
  readonly submissionId: Hex;
  readonly statementHash: Hex;
  readonly proofHash: Hex;
  readonly finder: Address;
  readonly salt: Hex;
}): Hex {
  return keccak256(
    encodeAbiParameters(
      [bytes32, bytes32, bytes32, bytes32, address, bytes32],
      [tag('assay.evidence.v1'), evidence.submissionId, evidence.statementHash, evidence.proofHash, evidence.finder, evidence.salt],
    ),
  );
}

/** Id of a dataset's registration: its content, its registrant and the terms of its licence. */
export function datasetId(dataset: DatasetFields): Hex {
  const { registrant, root, depth, minibatches, cid, licence, uses, feeBps, expiryBlock, revocable } = dataset;
  return keccak256(
    encodeAbiParameters(
      [bytes32, address, uint256, uint256, uint256, bytes32, bytes32, uint256, uint256, uint256, bool],
      [
        tag('assay.dataset.v2'),
        registrant,
        root,
        BigInt(depth),
        BigInt(minibatches),
        keccak256(cid),
        keccak256(stringToHex(licence)),
        BigInt(uses),
        BigInt(feeBps),
        expiryBlock,
        revocable,
      ],
    ),
  );
}

/** What one validator must show that it saw of a proof: its own hash of the bytes. */
export function attestationDigest(operator: Address, proof: Uint8Array, opening: Uint8Array): Hex {
  return keccak256(
    encodePacked(['bytes32', 'address', 'bytes', 'bytes'], [tag('assay.attestation.v1'), operator, bytesToHex(proof), bytesToHex(opening)]),
  );
}

/** What a validator commits to before it reveals its digest. */
export function attestationCommitment(attestation: {
  readonly submissionId: Hex;
  readonly seat: bigint;
  readonly operator: Address;
  readonly digest: Hex;
  readonly salt: Hex;
}): Hex {
  const { submissionId, seat, operator, digest, salt } = attestation;
  return keccak256(
    encodeAbiParameters(
      [bytes32, bytes32, uint256, address, bytes32, bytes32],
      [tag('assay.attestation.commit.v1'), submissionId, seat, operator, digest, salt],
    ),
  );
}
