import { type Claims, inferenceClaims, wellFormedClaims, windowClaims } from '../../src/commitment/claims.ts';
import type { InferenceShape, Shape, WellFormedShape } from '../../src/commitment/ids.ts';
import * as ids from '../../src/commitment/ids.ts';
import type { OpeningBinding } from '../../src/commitment/openingBytes.ts';
import { type OpeningVerdict, verifyInferenceOpening, verifyOpening, verifyWellFormedOpening } from '../../src/commitment/verifyOpening.ts';

/** A statement and the shape that its verifier is given. */
export type Kinded =
  | { readonly kind: 'train-window'; readonly shape: Shape }
  | { readonly kind: 'inference'; readonly shape: InferenceShape }
  | { readonly kind: 'well-formed'; readonly shape: WellFormedShape };

/** An opening as it is shown to a verifier. */
export type Candidate = Kinded & OpeningBinding & { readonly opening: Uint8Array };

/** The claims that a verifier checks for these outputs. */
export function claimsOf(candidate: Kinded & Pick<OpeningBinding, 'open' | 'statement'>, outputs: readonly bigint[]): Claims {
  const { sizes, blockLog } = candidate.shape;
  const [b, a] = outputs as [bigint, bigint];
  if (candidate.kind === 'train-window') return windowClaims(sizes, blockLog, candidate.open, a, b);
  if (candidate.kind === 'inference') return inferenceClaims(sizes, blockLog, a, b);
  const count = candidate.shape.blocksPerProof;
  return wellFormedClaims(sizes, blockLog, Number(candidate.statement[3]) * count, count, a, b);
}

/** The verdict of TypeScript. */
export function verifyCandidate(candidate: Candidate): Promise<OpeningVerdict> {
  if (candidate.kind === 'train-window') return verifyOpening(candidate);
  return candidate.kind === 'inference' ? verifyInferenceOpening(candidate) : verifyWellFormedOpening(candidate);
}

/** The shape's bytes. */
export function encodeShapeOf({ kind, shape }: Kinded): `0x${string}` {
  if (kind === 'train-window') return ids.encodeShape(shape);
  return kind === 'inference' ? ids.encodeInferenceShape(shape) : ids.encodeWellFormedShape(shape);
}
