import { type Address, concat, type Hex, hexToBigInt, keccak256, numberToHex } from 'viem';
import { Q, R } from './field.ts';
import { hasStatementWords, type StatementName, tag } from './ids.ts';
import type { Point } from './kzg.ts';

/** The opening of one proof, decoded. Scalars are below R; points are on the curve or the identity `[0n, 0n]`. */
export type Opening = {
  /** b, a and the masked claim E: the circuit's outputs. */
  readonly outputs: readonly [bigint, bigint, bigint];
  /** Commitments of parent and child where a window was proved, of the one checkpoint otherwise. */
  readonly checkpoints: readonly (readonly Point[])[];
  readonly mask: Point;
  /** Commitments to the identity's positive part S1 and negative part S2. */
  readonly positive: Point;
  readonly negative: Point;
  /** Windows only: combined plain evaluation of the child blocks at b; 0 where weights are not open. */
  readonly pureClaim?: bigint;
  /** s2 = S2(1/z). */
  readonly negativeValue: bigint;
  /** pi1 at z, pi2 at 1/z and, of windows only, pi3 at b. */
  readonly quotients: readonly [Point, Point, Point?];
};

/** What an opening is bound to besides its own bytes. */
export type OpeningBinding = {
  readonly chainId: bigint;
  /** Address of the statement's verifier. */
  readonly verifier: Address;
  readonly circuitId: Hex;
  /** Weights are open; always false where no window is proved. */
  readonly open: boolean;
  /** The statement's words. */
  readonly statement: readonly bigint[];
};

/** Checkpoints that a statement names, in its words 1 and following; the mask's id is the word behind them. */
export function checkpointsOf(statement: StatementName): number {
  return statement === 'train-window' ? 2 : 1;
}

/** Length in bytes of a statement's opening over checkpoints of `blocks` commitments each. */
function openingLength(statement: StatementName, blocks: number): number {
  const pure = statement === 'train-window' ? 3 : 0;
  return 32 * (3 + 2 * blocks * checkpointsOf(statement) + 2 + 4 + 1 + 4 + pure);
}

/** True for a point on the curve with canonical coordinates, and for the identity `[0n, 0n]`. */
function isPoint([x, y]: Point): boolean {
  if (x < 0n || y < 0n || x >= Q || y >= Q) return false;
  return (x === 0n && y === 0n) || (y * y - x * x * x - 3n) % Q === 0n;
}

/** The bytes of an opening: all words, in the order of docs/reference/encodings.md. */
export function encodeOpening(opening: Opening): Uint8Array {
  const words = [
    ...opening.outputs,
    ...opening.checkpoints.flat(2),
    ...opening.mask,
    ...opening.positive,
    ...opening.negative,
    ...(opening.pureClaim === undefined ? [] : [opening.pureClaim]),
    opening.negativeValue,
    ...opening.quotients.flatMap((point) => point ?? []),
  ];
  return Uint8Array.from(Buffer.from(words.map((word) => word.toString(16).padStart(64, '0')).join(''), 'hex'));
}

/** What is wrong with bytes that are not an opening. */
export type OpeningDecodeError = 'OPENING_LENGTH' | 'OPENING_SCALAR_RANGE' | 'OPENING_POINT_INVALID';

/** Decodes a statement's opening over checkpoints of `blocks` commitments each; anything but the one encoding is refused with a code. */
export function decodeOpening(statement: StatementName, bytes: Uint8Array, blocks: number): Opening | OpeningDecodeError {
  if (bytes.length !== openingLength(statement, blocks)) return 'OPENING_LENGTH';
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
  const pure = statement === 'train-window';
  const opening: Opening = {
    outputs: [scalar(), scalar(), scalar()],
    checkpoints: Array.from({ length: checkpointsOf(statement) }, () => Array.from({ length: blocks }, point)),
    mask: point(),
    positive: point(),
    negative: point(),
    ...(pure ? { pureClaim: scalar() } : {}),
    negativeValue: scalar(),
    quotients: pure ? [point(), point(), point()] : [point(), point()],
  };
  if (!scalars.every((value) => value < R)) return 'OPENING_SCALAR_RANGE';
  if (!points.every(isPoint)) return 'OPENING_POINT_INVALID';
  return opening;
}

/** The part of an opening that is fixed before z is drawn. */
export type OpeningCommitments = Omit<Opening, 'negativeValue' | 'quotients'>;

/** What the challenge z absorbs, item by item, in order; every item is one or more words. */
export function openingItems(binding: OpeningBinding, opening: OpeningCommitments): [name: string, words: readonly bigint[]][] {
  const names = opening.checkpoints.length === 2 ? ['parent', 'child'] : ['checkpoint'];
  return [
    ['chainId', [binding.chainId]],
    ['verifier', [hexToBigInt(binding.verifier)]],
    ['circuitId', [hexToBigInt(binding.circuitId)]],
    ['open', [binding.open ? 1n : 0n]],
    ['statement', binding.statement],
    ['outputs', opening.outputs],
    ...opening.checkpoints.map((points, i): [string, bigint[]] => [names[i] as string, points.flat()]),
    ['mask', opening.mask],
    ['positive', opening.positive],
    ['negative', opening.negative],
    ...(opening.pureClaim === undefined ? [] : [['pureClaim', [opening.pureClaim]] as [string, bigint[]]]),
  ];
}

/** Hash of words under a tag, as a field element. */
export function challenge(name: string, words: readonly bigint[]): bigint {
  return hexToBigInt(keccak256(concat([tag(name), ...words.map((word) => numberToHex(word, { size: 32 }))]))) % R;
}

/** The challenge z: drawn when everything but s2 and the quotients is fixed. */
export function challengeZ(binding: OpeningBinding, opening: OpeningCommitments): bigint {
  return challenge(
    'assay.opening.z.v1',
    openingItems(binding, opening).flatMap(([, words]) => words),
  );
}

/** The challenge kappa: drawn last. */
export function challengeKappa(z: bigint, negativeValue: bigint, quotients: Opening['quotients']): bigint {
  return challenge('assay.opening.k.v1', [z, negativeValue, ...quotients.flatMap((point) => point ?? [])]);
}

/** True where these are as many words as the statement has, each a canonical field element. */
export function isStatement(statement: StatementName, words: readonly bigint[]): boolean {
  return hasStatementWords(statement, words.length) && words.every((word) => word >= 0n && word < R);
}
