import type { Curve, Element } from 'ffjavascript';
import { blocksOf } from './blocks.ts';
import { type Claims, factorsAt, inferenceClaims, wellFormedClaims, windowClaims } from './claims.ts';
import { loadCurve } from './curve.ts';
import { inv, mod, Q, R } from './field.ts';
import {
  type AuditShape,
  auditWords,
  checkpointId,
  type InferenceShape,
  inferenceWords,
  type ModelShape,
  maskId,
  modelId,
  type StatementName,
  type WellFormedShape,
} from './ids.ts';
import type { Point } from './kzg.ts';
import {
  challengeKappa,
  challengeZ,
  decodeOpening,
  isStatement,
  type Opening,
  type OpeningBinding,
  type OpeningDecodeError,
} from './openingBytes.ts';
import { srsIdOf } from './srs.ts';

type VerifyParameters<S> = OpeningBinding & {
  readonly shape: S;
  /** The opening's bytes, from anywhere. */
  readonly opening: Uint8Array;
};

export type VerifyOpeningParameters = VerifyParameters<ModelShape>;
export type VerifyInferenceOpeningParameters = Omit<VerifyParameters<InferenceShape>, 'open'>;
export type VerifyAuditOpeningParameters = Omit<VerifyParameters<AuditShape>, 'open'>;
export type VerifyWellFormedOpeningParameters = Omit<VerifyParameters<WellFormedShape>, 'open'>;

/** Why an opening is refused. */
export type OpeningReason =
  | OpeningDecodeError
  /** The sizes cannot be cut into blocks, or the SRS id and tau's point disagree, or that point is not in the group. */
  | 'OPENING_SHAPE_INVALID'
  /** The statement is not as many field elements as it has words. */
  | 'OPENING_STATEMENT_RANGE'
  /** The checkpoint has no such segment. */
  | 'OPENING_SEGMENT_RANGE'
  /** The points are not those of the statement's parentId, childId, checkpointId or maskId. */
  | 'OPENING_PARENT_ID'
  | 'OPENING_CHILD_ID'
  | 'OPENING_CHECKPOINT_ID'
  | 'OPENING_MASK_ID'
  /** A pure claim or a third quotient where weights are not open. */
  | 'OPENING_PURE_UNEXPECTED'
  /** z is zero or a geometric sum has ratio 1; no honest prover meets this. */
  | 'OPENING_CHALLENGE_ZERO'
  /** The commitments do not hold what is claimed. */
  | 'OPENING_PAIRING';

export type OpeningVerdict = { readonly valid: true } | { readonly valid: false; readonly reason: OpeningReason };

const identity: Point = [0n, 0n];
const refuse = (reason: OpeningReason): OpeningVerdict => ({ valid: false, reason });

/**
 * Verifies the opening of a training window: that the committed parent, child and mask have the sketches whose combination is E.
 * It says nothing about b, a and E themselves: the UltraHonk proof does.
 *
 * Never throws on any bytes; the window verifier contract comes to the same verdict.
 */
export function verifyOpening(parameters: VerifyOpeningParameters): Promise<OpeningVerdict> {
  const { sizes, blockLog } = parameters.shape;
  return verifyClaims('train-window', parameters, (a, b) => windowClaims(sizes, blockLog, parameters.open, a, b));
}

/** Verifies the opening of an inference proof, as `verifyOpening` does that of a window. Never throws on any bytes. */
export async function verifyInferenceOpening(parameters: VerifyInferenceOpeningParameters): Promise<OpeningVerdict> {
  const { shape, statement } = parameters;
  if (countBlocks(shape) === undefined) return refuse('OPENING_SHAPE_INVALID');
  if (statement.length !== inferenceWords(shape)) return refuse('OPENING_STATEMENT_RANGE');
  return verifyClaims('inference', { ...parameters, open: false }, (a, b) => inferenceClaims(shape.sizes, shape.blockLog, a, b));
}

/** Verifies the opening of a well-formed proof, as `verifyOpening` does that of a window. Never throws on any bytes. */
export async function verifyWellFormedOpening(parameters: VerifyWellFormedOpeningParameters): Promise<OpeningVerdict> {
  const { shape, statement } = parameters;
  const { sizes, blockLog, blocksPerProof } = shape;
  const blocks = countBlocks(shape);
  if (blocks === undefined || !Number.isSafeInteger(blocksPerProof) || blocksPerProof < 1) return refuse('OPENING_SHAPE_INVALID');
  if (!isStatement('well-formed', statement)) return refuse('OPENING_STATEMENT_RANGE');
  if ((statement[3] as bigint) >= BigInt(Math.ceil(blocks / blocksPerProof))) return refuse('OPENING_SEGMENT_RANGE');
  const first = Number(statement[3]) * blocksPerProof;
  return verifyClaims('well-formed', { ...parameters, open: false }, (a, b) =>
    wellFormedClaims(sizes, blockLog, first, blocksPerProof, a, b),
  );
}

/** Verifies the opening of an audit's proof, as `verifyOpening` does that of a window. Never throws on any bytes. */
export async function verifyAuditOpening(parameters: VerifyAuditOpeningParameters): Promise<OpeningVerdict> {
  const { shape, statement } = parameters;
  if (countBlocks(shape) === undefined) return refuse('OPENING_SHAPE_INVALID');
  if (statement.length !== auditWords(shape)) return refuse('OPENING_STATEMENT_RANGE');
  return verifyClaims('audit', { ...parameters, open: false }, (a, b) => inferenceClaims(shape.sizes, shape.blockLog, a, b));
}

async function verifyClaims(
  name: StatementName,
  parameters: VerifyParameters<ModelShape>,
  claimsAt: (a: bigint, b: bigint) => Claims,
): Promise<OpeningVerdict> {
  const { shape, statement, open } = parameters;
  if (!isStatement(name, statement)) return refuse('OPENING_STATEMENT_RANGE');
  const blocks = countBlocks(shape);
  const curve = await loadCurve();
  const tau = tauPoint(curve, shape.g2Tau);
  if (blocks === undefined || tau === undefined || srsIdOf(shape.g2Tau) !== shape.srsId.toLowerCase()) {
    return refuse('OPENING_SHAPE_INVALID');
  }
  const opening = decodeOpening(name, parameters.opening, blocks);
  if (typeof opening === 'string') return refuse(opening);
  const model = modelId(shape);
  const reasons =
    opening.checkpoints.length === 2 ? (['OPENING_PARENT_ID', 'OPENING_CHILD_ID'] as const) : (['OPENING_CHECKPOINT_ID'] as const);
  for (const [i, points] of opening.checkpoints.entries()) {
    if (checkpointId(model, points) !== statement[1 + i]) return refuse(reasons[i] as OpeningReason);
  }
  if (maskId(opening.mask) !== statement[1 + opening.checkpoints.length]) return refuse('OPENING_MASK_ID');
  const [x, y] = opening.quotients[2] ?? identity;
  if (!open && ((opening.pureClaim ?? 0n) !== 0n || x !== 0n || y !== 0n)) return refuse('OPENING_PURE_UNEXPECTED');
  const z = challengeZ(parameters, opening);
  const kappa = challengeKappa(z, opening.negativeValue, opening.quotients);
  const [b, a] = opening.outputs;
  return checkOpening(curve, claimsAt(a, b), opening, z, kappa, tau);
}

/**
 * The algebra of an opening for given challenges: docs/reference/encodings.md, Opening. Sound only where z and kappa are
 * drawn as `verifyOpening` draws them.
 *
 * @param claims the statement's claims for the opening's own a and b
 * @param tau [tau]_2 in the engine's form
 */
export async function checkOpening(
  curve: Curve,
  claims: Claims,
  opening: Opening,
  z: bigint,
  kappa: bigint,
  tau: Element,
): Promise<OpeningVerdict> {
  if (z === 0n) return refuse('OPENING_CHALLENGE_ZERO');
  const { G1 } = curve;
  const [b, , claim] = opening.outputs;
  const zInverse = inv(z);
  const factors = factorsAt(claims, zInverse);
  if (factors === undefined) return refuse('OPENING_CHALLENGE_ZERO');
  const kappa2 = (kappa * kappa) % R;
  for (const { source, factor } of claims.pure) factors[source] = ((factors[source] as bigint) + kappa2 * factor) % R;
  const pureClaim = opening.pureClaim ?? 0n;
  const value = claim + pureClaim + opening.negativeValue * zInverse;
  const [pi1, pi2, pi3 = identity] = opening.quotients;
  const left = combine(curve, [
    ...[...opening.checkpoints.flat(), opening.mask].map((point, i) => [point, factors[i] as bigint] as const),
    [opening.positive, -z],
    [opening.negative, kappa],
    [pi1, z],
    [pi2, kappa * zInverse],
    [pi3, kappa2 * b],
    [[1n, 2n], -value - kappa * opening.negativeValue - kappa2 * pureClaim],
  ]);
  const right = combine(curve, [
    [pi1, 1n],
    [pi2, kappa],
    [pi3, kappa2],
  ]);
  const holds =
    G1.isZero(left) || G1.isZero(right) ? G1.isZero(left) && G1.isZero(right) : await curve.pairingEq(left, curve.G2.g, G1.neg(right), tau);
  return holds ? { valid: true } : refuse('OPENING_PAIRING');
}

/** tau's point in the engine's form; undefined unless it is a point of order R with canonical coordinates. */
export function tauPoint(curve: Curve, g2Tau: readonly [bigint, bigint, bigint, bigint]): Element | undefined {
  const { G2 } = curve;
  const [x1, x0, y1, y0] = g2Tau;
  if (g2Tau.some((coordinate) => coordinate < 0n || coordinate >= Q) || g2Tau.every((coordinate) => coordinate === 0n)) return undefined;
  const point = G2.fromObject([
    [x0, x1],
    [y0, y1],
  ]);
  return G2.isValid(point) && G2.isZero(G2.timesScalar(point, R)) ? point : undefined;
}

function combine(curve: Curve, terms: readonly (readonly [Point, bigint])[]): Element {
  const { G1 } = curve;
  let sum = G1.zero;
  for (const [point, scalar] of terms) {
    if (point[0] === 0n && point[1] === 0n) continue;
    sum = G1.add(sum, G1.timesScalar(G1.fromObject(point), mod(scalar)));
  }
  return sum;
}

function countBlocks(shape: { readonly sizes: readonly number[]; readonly blockLog: number }): number | undefined {
  try {
    return blocksOf(shape.sizes, shape.blockLog).length;
  } catch {
    return undefined;
  }
}
