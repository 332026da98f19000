import { type Address, concat, type Hex, hexToBigInt, keccak256, numberToHex } from 'viem';
import { Q, R } from './field.ts';
import { hasStatementWords, tag } from './ids.ts';
import type { Point } from './kzg.ts';

/** The opening of one training window, decoded. Scalars are below R; points are on the curve or the identity `[0n, 0n]`. */
export type Opening = {
  /** b, a and the masked claim E: the circuit's outputs. */
  readonly outputs: readonly [bigint, bigint, bigint];
  readonly parent: readonly Point[];
  readonly child: readonly Point[];
  readonly mask: Point;
  /** Commitments to the identity's positive part S1 and negative part S2. */
  readonly positive: Point;
  readonly negative: Point;
  /** Combined plain evaluation of the child blocks at b; 0 where weights are not open. */
  readonly pureClaim: bigint;
  /** s2 = S2(1/z). */
  readonly negativeValue: bigint;
  /** pi1 at z, pi2 at 1/z, pi3 at b. */
  readonly quotients: readonly [Point, Point, Point];
};

/** What an opening is bound to besides its own bytes. */
export type OpeningBinding = {
  readonly chainId: bigint;
  /** Address of the window verifier. */
  readonly verifier: Address;
  readonly circuitId: Hex;
  /** Weights are open. */
  readonly open: boolean;
  /** The 8 words of the statement. */
  readonly statement: readonly bigint[];
};

/** Length of an opening of a checkpoint with `blocks` commitments, in bytes. */
export function openingLength(blocks: number): number {
  return 32 * (3 + 4 * blocks + 2 + 4 + 1 + 1 + 6);
}

/** True for a point on the curve with canonical coordinates, and for the identity `[0n, 0n]`. */
export function isPoint([x, y]: Point): boolean {
  if (x < 0n || y < 0n || x >= Q || y >= Q) return false;
  return (x === 0n && y === 0n) || (y * y - x * x * x - 3n) % Q === 0n;
}

/** The bytes of an opening: all words, in the order of docs/reference/encodings.md. */
export function encodeOpening(opening: Opening): Uint8Array {
  const words = [
    ...opening.outputs,
    ...opening.parent.flat(),
    ...opening.child.flat(),
    ...opening.mask,
    ...opening.positive,
    ...opening.negative,
    opening.pureClaim,
    opening.negativeValue,
    ...opening.quotients.flat(),
  ];
  return Uint8Array.from(Buffer.from(words.map((word) => word.toString(16).padStart(64, '0')).join(''), 'hex'));
}

/** What is wrong with bytes that are not an opening. */
export type OpeningDecodeError = 'OPENING_LENGTH' | 'OPENING_SCALAR_RANGE' | 'OPENING_POINT_INVALID';

/** Decodes the opening of a checkpoint with `blocks` commitments; anything but the one encoding is refused with a code. */
export function decodeOpening(bytes: Uint8Array, blocks: number): Opening | OpeningDecodeError {
  if (bytes.length !== openingLength(blocks)) return 'OPENING_LENGTH';
  const hex = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
  let at = 0;
  const scalars: bigint[] = [];
  const points: Point[] = [];
  const word = (): bigint => {
    at += 64;
    return BigInt(`0x${hex.slice(at - 64, at)}`);
  };
  const scalar = (): bigint => {
    const value = word();
    scalars.push(value);
    return value;
  };
  const point = (): Point => {
    const value = [word(), word()] as const;
    points.push(value);
    return value;
  };
  const opening: Opening = {
    outputs: [scalar(), scalar(), scalar()],
    parent: Array.from({ length: blocks }, point),
    child: Array.from({ length: blocks }, point),
    mask: point(),
    positive: point(),
    negative: point(),
    pureClaim: scalar(),
    negativeValue: scalar(),
    quotients: [point(), point(), point()],
  };
  if (!scalars.every((value) => value < R)) return 'OPENING_SCALAR_RANGE';
  if (!points.every(isPoint)) return 'OPENING_POINT_INVALID';
  return opening;
}

/** What the challenge z absorbs, item by item; every item is one or more words. */
export function openingItems(binding: OpeningBinding, opening: OpeningCommitments): Record<OpeningItem, readonly bigint[]> {
  return {
    chainId: [binding.chainId],
    verifier: [hexToBigInt(binding.verifier)],
    circuitId: [hexToBigInt(binding.circuitId)],
    open: [binding.open ? 1n : 0n],
    statement: binding.statement,
    outputs: opening.outputs,
    parent: opening.parent.flat(),
    child: opening.child.flat(),
    mask: opening.mask,
    positive: opening.positive,
    negative: opening.negative,
    pureClaim: [opening.pureClaim],
  };
}

/** The part of an opening that is fixed before z is drawn. */
export type OpeningCommitments = Omit<Opening, 'negativeValue' | 'quotients'>;

export type OpeningItem =
  | 'chainId'
  | 'verifier'
  | 'circuitId'
  | 'open'
  | 'statement'
  | 'outputs'
  | 'parent'
  | 'child'
  | 'mask'
  | 'positive'
  | 'negative'
  | 'pureClaim';

/** Hash of words under a tag, as a field element. */
export function challenge(name: string, words: readonly bigint[]): bigint {
  return hexToBigInt(keccak256(concat([tag(name), ...words.map((word) => numberToHex(word, { size: 32 }))]))) % R;
}

/** The challenge z: drawn when everything but s2 and the quotients is fixed. */
export function challengeZ(binding: OpeningBinding, opening: OpeningCommitments): bigint {
  return challenge('assay.opening.z.v1', Object.values(openingItems(binding, opening)).flat());
}

/** The challenge kappa: drawn last. */
export function challengeKappa(z: bigint, negativeValue: bigint, quotients: readonly [Point, Point, Point]): bigint {
  return challenge('assay.opening.k.v1', [z, negativeValue, ...quotients.flat()]);
}

/** True where every word of the statement is a canonical field element. */
export function isStatement(statement: readonly bigint[]): boolean {
  return hasStatementWords('train-window', statement.length) && statement.every((word) => word >= 0n && word < R);
}
