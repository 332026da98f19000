import type { Minibatch } from '../data/minibatch.ts';
import { AssayError } from '../errors.ts';
import { largestWeight } from '../quant/exact.ts';
import type { ArithmeticSpec } from '../quant/spec.ts';
import type { Engine } from './engine.ts';

export type WindowResult = {
  /** The child checkpoint's weights. */
  readonly weights: Int32Array[];
  /** Sum of e^2 over every step and sample: the statement's lossSum. */
  readonly lossSum: number;
  /** Loss of each step, in order. */
  readonly losses: number[];
};

/**
 * A window may start only from |W| <= wmax: from there every state that it reaches has cells wide enough to be proved.
 *
 * @throws TRAIN_WEIGHTS_TOO_LARGE
 */
export function assertWindowStart(spec: ArithmeticSpec, weights: readonly Int32Array[]): void {
  const largest = largestWeight(weights);
  if (largest > spec.wmax) {
    throw new AssayError('TRAIN_WEIGHTS_TOO_LARGE', `a weight of magnitude ${largest} is beyond wmax = ${spec.wmax}`, {
      hint: 'No window can be proved from this checkpoint; the job ends here.',
    });
  }
}

/**
 * The steps of one window, in order, from `weights`.
 *
 * @param batches the minibatches of the window's K steps
 */
export async function trainWindow(
  engine: Pick<Engine, 'step'>,
  weights: readonly Int32Array[],
  batches: readonly Pick<Minibatch, 'features' | 'labels'>[],
): Promise<WindowResult> {
  if (batches.length === 0) throw new AssayError('TRAIN_WINDOW_EMPTY', 'a window has at least one step');
  let current: readonly Int32Array[] = weights;
  const losses: number[] = [];
  for (const batch of batches) {
    const { weights: next, loss } = await engine.step(current, batch);
    losses.push(loss);
    current = next;
  }
  return { weights: [...current], lossSum: losses.reduce((sum, loss) => sum + loss, 0), losses };
}
