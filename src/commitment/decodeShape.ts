import { decodeAbiParameters, type Hex } from 'viem';
import { AssayError, exitCodes } from '../errors.ts';
import { encodeShape, type Shape } from './ids.ts';

/** Reads an encoded shape; accepts only what `encodeShape` writes. @throws COMMITMENT_SHAPE_MALFORMED (exit code 3) */
export function decodeShape(bytes: Hex): Shape {
  try {
    const [specId, srsId, blockLog, sizes, batch, steps, treeDepth, honkProofBytes, g2Tau] = decodeAbiParameters(
      [
        { type: 'bytes32' },
        { type: 'bytes32' },
        { type: 'uint256' },
        { type: 'uint32[]' },
        { type: 'uint256' },
        { type: 'uint256' },
        { type: 'uint256' },
        { type: 'uint256' },
        { type: 'uint256[4]' },
      ],
      bytes,
    );
    const small = [blockLog, batch, steps, treeDepth, honkProofBytes].map(Number) as [number, number, number, number, number];
    const shape = {
      specId,
      srsId,
      blockLog: small[0],
      sizes,
      batch: small[1],
      steps: small[2],
      treeDepth: small[3],
      honkProofBytes: small[4],
      g2Tau,
    };
    if (encodeShape(shape) === bytes) return shape;
  } catch {
    // Falls through to the one error below.
  }
  throw new AssayError('COMMITMENT_SHAPE_MALFORMED', 'not the encoded shape of a circuit', { exitCode: exitCodes.proofInvalid });
}
