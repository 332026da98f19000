import { type AbiParameter, decodeAbiParameters, type Hex } from 'viem';
import { AssayError, exitCodes } from '../errors.ts';
import {
  type AuditShape,
  encodeAuditShape,
  encodeInferenceShape,
  encodeMembershipShape,
  encodeShape,
  encodeWellFormedShape,
  type InferenceShape,
  type MembershipShape,
  type ModelShape,
  type Shape,
  type WellFormedShape,
} from './ids.ts';
import { unpackThresholds } from './marginThresholds.ts';

/** Reads an encoded shape; accepts only what `encodeShape` writes. @throws COMMITMENT_SHAPE_MALFORMED (exit code 3) */
export function decodeShape(bytes: Hex): Shape {
  return read(bytes, ['uint256', 'uint256', 'uint256', 'uint256'], encodeShape, (model, [batch, steps, treeDepth, honkProofBytes]) => ({
    ...model,
    batch: Number(batch),
    steps: Number(steps),
    treeDepth: Number(treeDepth),
    honkProofBytes: Number(honkProofBytes),
  }));
}

/** Reads an encoded shape; accepts only what `encodeInferenceShape` writes. @throws COMMITMENT_SHAPE_MALFORMED (exit code 3) */
export function decodeInferenceShape(bytes: Hex): InferenceShape {
  const own = ['uint256', 'uint256', 'uint256', 'uint256', 'bytes32'];
  // An output kind above 1 does not encode back to itself.
  return read(bytes, own, encodeInferenceShape, (model, [inputs, kind, outputBits, proofBytes, setupId]) => ({
    ...model,
    inputs: Number(inputs),
    output: kind === 0n ? 'class' : 'logits',
    outputBits: Number(outputBits),
    proofBytes: Number(proofBytes),
    setupId: setupId as Hex,
  }));
}

/** Reads an encoded shape; accepts only what `encodeWellFormedShape` writes. @throws COMMITMENT_SHAPE_MALFORMED (exit code 3) */
export function decodeWellFormedShape(bytes: Hex): WellFormedShape {
  return read(bytes, ['uint256', 'uint256', 'uint256'], encodeWellFormedShape, (model, [blocksPerProof, wmax, proofBytes]) => ({
    ...model,
    blocksPerProof: Number(blocksPerProof),
    wmax: Number(wmax),
    proofBytes: Number(proofBytes),
  }));
}

/** Reads an encoded shape; accepts only what `encodeAuditShape` writes. @throws COMMITMENT_SHAPE_MALFORMED (exit code 3) */
export function decodeAuditShape(bytes: Hex): AuditShape {
  const own = ['uint256', 'uint256', 'uint256', 'uint256', 'uint256', 'uint256'];
  return read(bytes, own, encodeAuditShape, (model, [samples, groups, treeDepth, kind, thresholds, proofBytes]) => ({
    ...model,
    samples: Number(samples),
    groups: Number(groups),
    treeDepth: Number(treeDepth),
    output: kind === 0n ? 'counts' : 'committed',
    thresholds: unpackThresholds(thresholds as bigint),
    proofBytes: Number(proofBytes),
  }));
}

/** Reads an encoded shape; accepts only what `encodeMembershipShape` writes. @throws COMMITMENT_SHAPE_MALFORMED (exit code 3) */
export function decodeMembershipShape(bytes: Hex): MembershipShape {
  return read(bytes, ['uint256', 'uint256', 'uint256'], encodeMembershipShape, (model, [batch, treeDepth, proofBytes]) => ({
    ...model,
    batch: Number(batch),
    treeDepth: Number(treeDepth),
    proofBytes: Number(proofBytes),
  }));
}

function read<S>(
  bytes: Hex,
  own: readonly string[],
  encode: (shape: S) => Hex,
  make: (model: ModelShape, own: readonly (bigint | Hex)[]) => S,
): S {
  const types: AbiParameter[] = ['bytes32', 'bytes32', 'uint256', 'uint32[]', ...own, 'uint256[4]'].map((type) => ({ type }));
  try {
    const values = decodeAbiParameters(types, bytes) as unknown[];
    const [specId, srsId, blockLog, sizes] = values as [Hex, Hex, bigint, readonly number[]];
    const g2Tau = values.at(-1) as ModelShape['g2Tau'];
    const model = { specId, srsId, blockLog: Number(blockLog), sizes, g2Tau };
    const shape = make(model, values.slice(4, -1) as (bigint | Hex)[]);
    // Numbers beyond what a double holds exactly are malformed too: they do not encode back to themselves.
    if (encode(shape) === bytes) return shape;
  } catch {
    // Falls through to the one error below.
  }
  throw new AssayError('COMMITMENT_SHAPE_MALFORMED', 'not the encoded shape of a circuit', { exitCode: exitCodes.proofInvalid });
}
