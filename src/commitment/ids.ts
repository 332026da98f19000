import { type Address, concat, encodeAbiParameters, encodePacked, type Hex, hexToBigInt, keccak256, numberToHex, stringToHex } from 'viem';
import { AssayError } from '../errors.ts';
import { Q, R } from './field.ts';
import type { Point } from './kzg.ts';

// Every id and hash of docs/reference/encodings.md that is not a sponge. Field-valued ones are bigint, the others are 32-byte hex.

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

/** What a window verifier must know of a circuit instance besides its code; hashed into the circuit id. */
export type Shape = {
  readonly specId: Hex;
  readonly srsId: Hex;
  /** A block's polynomial has at most 2^blockLog coefficients (and sigma above them). */
  readonly blockLog: number;
  /** Neurons per layer, inputs first, outputs last (no bias row). */
  readonly sizes: readonly number[];
  /** Samples a minibatch. */
  readonly batch: number;
  /** Steps a window. */
  readonly steps: number;
  readonly treeDepth: number;
  /** Exact length of the UltraHonk proof. */
  readonly honkProofBytes: number;
  /** tau in G2, EIP-197 order: x_1, x_0, y_1, y_0. */
  readonly g2Tau: readonly [bigint, bigint, bigint, bigint];
};

/** What a proof of a training window is bound to. */
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

const bytes32 = { type: 'bytes32' } as const;
const uint256 = { type: 'uint256' } as const;
const address = { type: 'address' } as const;

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

/** Context of a train-window statement: who proves, for which lease of which window of which job on which chain. */
export function contextOf(context: WindowContext): bigint {
  return toField(
    keccak256(
      encodeAbiParameters(
        [bytes32, uint256, address, uint256, uint256, uint256, uint256, uint256, address, bytes32],
        [
          tag('assay.context.train-window.v1'),
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
      ),
    ),
  );
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

/** Words of a train-window statement. */
export const statementWords = 8;

/** Hash of a train-window statement's 8 words. Throws COMMITMENT_STATEMENT_LENGTH for another number of words. */
export function statementHash(statement: readonly bigint[]): Hex {
  if (statement.length !== statementWords) {
    throw new AssayError('COMMITMENT_STATEMENT_LENGTH', `a train-window statement has ${statementWords} words, not ${statement.length}`);
  }
  return keccak256(encodeAbiParameters([bytes32, ...statement.map(() => uint256)], [tag('assay.statement.train-window.v1'), ...statement]));
}

/** Hash of a window's proof: the UltraHonk proof and the opening. */
export function proofHash(honkProof: Uint8Array, opening: Uint8Array): Hex {
  return keccak256(encodeAbiParameters([bytes32, bytes32], [keccak256(honkProof), keccak256(opening)]));
}

/** The shape's bytes, as the window verifier takes them. */
export function encodeShape(shape: Shape): Hex {
  return encodeAbiParameters(
    [bytes32, bytes32, uint256, { type: 'uint32[]' }, uint256, uint256, uint256, uint256, { type: 'uint256[4]' }],
    [
      shape.specId,
      shape.srsId,
      BigInt(shape.blockLog),
      [...shape.sizes],
      BigInt(shape.batch),
      BigInt(shape.steps),
      BigInt(shape.treeDepth),
      BigInt(shape.honkProofBytes),
      shape.g2Tau,
    ],
  );
}

/** Id of a train-window circuit: its verifying key, the code of both verifiers, and the encoded shape. */
export function circuitId(circuit: {
  readonly verifyingKey: Uint8Array;
  readonly honkVerifierCodeHash: Hex;
  readonly windowVerifierCodeHash: Hex;
  readonly shape: Hex;
}): Hex {
  return keccak256(
    encodeAbiParameters(
      [bytes32, bytes32, bytes32, bytes32, bytes32],
      [
        tag('assay.circuit.train-window.v1'),
        keccak256(circuit.verifyingKey),
        circuit.honkVerifierCodeHash,
        circuit.windowVerifierCodeHash,
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
