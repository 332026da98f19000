import { R } from '../../src/commitment/field.ts';
import { wellFormedLayout } from '../../src/proof/wellFormed/circuit.ts';
import { testWellFormed, wellFormedCase } from './wellFormedFixture.ts';
import type { ForgeWeightsParameters } from './wellFormedForgery.ts';

type Change = NonNullable<ForgeWeightsParameters['weights']>;

export const weightsInstance = testWellFormed([4, 3, 2], { blocksPerProof: 2 });
/** An honest segment of it. */
export const weightsCase = await wellFormedCase(weightsInstance, 'forged well-formed');

const wmax = BigInt(weightsInstance.spec.wmax);
const width = 1n << BigInt(wellFormedLayout(weightsInstance).bits);

/** Weight i of slot t replaced. */
export const weightAt =
  (t: number, i: number, w: bigint): Change =>
  (honest) =>
    honest.map((slot, k) => (k === t ? slot.with(i, w) : slot));

/** Weights beyond wmax: a segment with one is refused by its ranges alone. */
export const weightForgeries: readonly (readonly [string, Change])[] = [
  ['wmax + 1', weightAt(0, 3, wmax + 1n)],
  ['-wmax - 1', weightAt(0, 3, -wmax - 1n)],
  ['wmax + 1 in the second slot', weightAt(1, 7, wmax + 1n)],
  ['as much as its packing holds', weightAt(0, 3, width - 1n - wmax)],
  ['one half, as the field has it', weightAt(1, 0, (R + 1n) / 2n)],
  // Packed, these are what two weights within the range are: the range alone tells them apart.
  [
    '2^bits more, and its neighbour one less',
    (honest) => {
      const moved = weightAt(0, 4, (honest[0]?.[4] as bigint) - 1n)(honest);
      return weightAt(0, 3, (honest[0]?.[3] as bigint) + width)(moved.map((slot) => [...slot]));
    },
  ],
];
