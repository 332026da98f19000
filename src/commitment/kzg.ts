import type { Curve, Element } from 'ffjavascript';
import { AssayError } from '../errors.ts';
import { blocksOf } from './blocks.ts';
import { startCurve } from './curve.ts';
import { R } from './field.ts';
import { multiExp } from './multiExp.ts';
import type { Srs } from './srs.ts';

/** A point of BN254's G1 in affine standard form; the identity is `[0n, 0n]`. */
export type Point = readonly [bigint, bigint];

/** Weights by layer: row-major, (sizes[l] + 1) rows by sizes[l + 1] columns, the bias row last. */
export type Weights = readonly Int32Array[];

/** KZG commitments over one SRS, computed by worker threads. */
export type Kzg = {
  readonly srs: Srs;
  /** The engine below; it belongs to this object. */
  readonly curve: Curve;
  /**
   * Commits every block of a checkpoint, layer by layer, block by block.
   *
   * @param sigmas one secret field element a block, where weights are private; without them the commitments are pure
   * @throws COMMITMENT_SIZES, COMMITMENT_WEIGHTS_SHAPE, COMMITMENT_FIELD_RANGE, SRS_TOO_SMALL
   */
  commitCheckpoint(sizes: readonly number[], blockLog: number, weights: Weights, sigmas?: readonly bigint[]): Promise<Point[]>;
  /** Commits the 16 coefficients of a mask polynomial. Throws COMMITMENT_MASK_LENGTH, COMMITMENT_FIELD_RANGE. */
  commitMask(coefficients: readonly bigint[]): Promise<Point>;
  /** Commits coefficients given as 32-byte little-endian integers below R, constant term first. Throws SRS_TOO_SMALL. */
  commitScalars(scalars: Uint8Array): Promise<Point>;
  /** Runs tasks that compute in the engine's own memory one after the other. */
  exclusive<T>(task: () => Promise<T>): Promise<T>;
  /** Ends the worker threads, which otherwise keep the process alive. */
  close(): Promise<void>;
};

/** Coefficients of a mask polynomial. */
const maskCoefficients = 16;

const pointBytes = 64;
const scalarBytes = 32;
/** R is below 2^254. */
const scalarBits = 254;

/** Starts the worker threads of a committer. Call `close()` when done. */
export async function createKzg(srs: Srs): Promise<Kzg> {
  const curve = await startCurve();
  const { G1 } = curve;
  let bases: Uint8Array = new Uint8Array(0);
  let last: Promise<unknown> = Promise.resolve();
  const sums = new Map<number, Promise<Element>>();

  const basesUpTo = async (count: number): Promise<Uint8Array> => {
    if (count > srs.count) {
      throw new AssayError('SRS_TOO_SMALL', `${count} SRS points are needed, ${srs.count} are loaded`, {
        hint: 'Load more points, or cut the model into smaller blocks.',
      });
    }
    if (bases.length < count * pointBytes) bases = await G1.batchUtoLEM(srs.g1.slice(0, count * pointBytes));
    return bases.subarray(0, count * pointBytes);
  };

  // The sum of the first SRS points, which takes back the offset that makes weights unsigned.
  const sumOfBases = (count: number): Promise<Element> => {
    let sum = sums.get(count);
    if (sum === undefined) {
      sum = basesUpTo(count).then((points) => multiExp(curve, points, new Uint8Array(count).fill(1), 1));
      sums.set(count, sum);
    }
    return sum;
  };

  const commitScalars = async (scalars: Uint8Array): Promise<Point> => {
    // Small models leave the upper part of a block empty.
    let end = scalars.length;
    while (end > 0 && scalars[end - 1] === 0) end--;
    const count = Math.ceil(end / scalarBytes);
    return toPoint(curve, await multiExp(curve, await basesUpTo(count), scalars.subarray(0, count * scalarBytes), scalarBits));
  };

  const commitWeights = async (weights: Int32Array): Promise<Element> => {
    const bits = weightBits(weights);
    const width = Math.ceil(bits / 8);
    const offset = 2 ** (bits - 1);
    const scalars = new Uint8Array(weights.length * width);
    for (let i = 0, at = 0; i < weights.length; i++) {
      let value = (weights[i] as number) + offset;
      for (let j = 0; j < width; j++, at++) {
        scalars[at] = value & 0xff;
        value = Math.floor(value / 256);
      }
    }
    const points = await basesUpTo(weights.length);
    const [shifted, sum] = await Promise.all([multiExp(curve, points, scalars, bits), sumOfBases(weights.length)]);
    return G1.sub(shifted, G1.timesScalar(sum, BigInt(offset)));
  };

  return {
    srs,
    curve,
    async commitCheckpoint(sizes, blockLog, weights, sigmas) {
      const blocks = blocksOf(sizes, blockLog);
      assertWeights(sizes, weights);
      if (sigmas !== undefined) assertScalars(sigmas, blocks.length);
      const top = sigmas === undefined ? undefined : (await basesUpTo(2 ** blockLog + 1)).slice(2 ** blockLog * pointBytes);
      return Promise.all(
        blocks.map(async ({ layer, firstRow, rows, columns }, i) => {
          const values = (weights[layer] as Int32Array).subarray(firstRow * columns, (firstRow + rows) * columns);
          const pure = await commitWeights(values);
          const blinded = top === undefined ? pure : G1.add(pure, G1.timesScalar(top, sigmas?.[i] as bigint));
          return toPoint(curve, blinded);
        }),
      );
    },
    async commitMask(coefficients) {
      assertMask(coefficients);
      return commitScalars(scalarsOf(coefficients));
    },
    commitScalars,
    exclusive(task) {
      const turn = last.then(task);
      last = turn.catch(() => undefined);
      return turn;
    },
    close: () => curve.terminate(),
  };
}

/** Throws COMMITMENT_MASK_LENGTH or COMMITMENT_FIELD_RANGE unless these are a mask's 16 coefficients. */
export function assertMask(coefficients: readonly bigint[]): void {
  if (coefficients.length !== maskCoefficients) {
    throw new AssayError('COMMITMENT_MASK_LENGTH', `a mask has ${maskCoefficients} coefficients, not ${coefficients.length}`);
  }
  assertScalars(coefficients, maskCoefficients);
}

/** Throws COMMITMENT_FIELD_RANGE unless these are `count` canonical field elements. */
export function assertScalars(values: readonly bigint[], count: number): void {
  if (values.length !== count || values.some((value) => value < 0n || value >= R)) {
    throw new AssayError('COMMITMENT_FIELD_RANGE', `${count} canonical field elements are needed`);
  }
}

/** Throws COMMITMENT_WEIGHTS_SHAPE unless the layers' lengths fit the sizes. */
export function assertWeights(sizes: readonly number[], weights: Weights): void {
  const fits =
    weights.length === sizes.length - 1 &&
    weights.every((layer, l) => layer.length === ((sizes[l] as number) + 1) * (sizes[l + 1] as number));
  if (!fits) throw new AssayError('COMMITMENT_WEIGHTS_SHAPE', `the weights do not have the shape of ${sizes.join('-')}`);
}

/** Canonical field elements as 32-byte little-endian integers. */
export function scalarsOf(values: readonly bigint[]): Uint8Array {
  const words = new BigUint64Array(values.length * 4);
  for (const [i, value] of values.entries()) {
    for (let j = 0; j < 4; j++) words[4 * i + j] = BigInt.asUintN(64, value >> BigInt(64 * j));
  }
  return new Uint8Array(words.buffer);
}

/** Affine standard form of an engine's point. */
function toPoint(curve: Curve, element: Element): Point {
  if (curve.G1.isZero(element)) return [0n, 0n];
  const bytes = new Uint8Array(pointBytes);
  curve.G1.toRprUncompressed(bytes, 0, element);
  const hex = Buffer.from(bytes).toString('hex');
  return [BigInt(`0x${hex.slice(0, 64)}`), BigInt(`0x${hex.slice(64)}`)];
}

/** Bits of the weights in two's complement. */
function weightBits(weights: Int32Array): number {
  let most = 0;
  for (const weight of weights) most = Math.max(most, weight < 0 ? -weight - 1 : weight);
  return most === 0 ? 1 : Math.floor(Math.log2(most)) + 2;
}
