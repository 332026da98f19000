import { batchIndex, type MerkleTree } from '../commitment/merkle.ts';
import type { Poseidon2 } from '../commitment/poseidon2.ts';
import { type MinibatchSet, minibatchAt } from '../data/minibatchSet.ts';
import type { StepValues } from '../proof/windowWitness.ts';
import type { ArithmeticSpec } from '../quant/spec.ts';
import { referenceStep } from '../train/referenceStep.ts';
import { assertWindowStart } from '../train/trainWindow.ts';

export type WindowStepsParameters = {
  readonly p2: Poseidon2;
  readonly spec: ArithmeticSpec;
  readonly sizes: readonly number[];
  readonly dataset: MinibatchSet;
  readonly tree: MerkleTree;
  readonly batchSeed: bigint;
  readonly firstStep: number;
  /** SGD steps of the window. */
  readonly steps: number;
  readonly parent: readonly Int32Array[];
};

export type WindowStepsReturnType = {
  readonly child: Int32Array[];
  /** Sum of e^2 over the window. */
  readonly lossSum: number;
  /** What the witness builder needs of each step. */
  readonly steps: StepValues[];
};

/**
 * Trains one window on the minibatches that the job's seed selects, keeping everything that its proof needs.
 *
 * @throws TRAIN_WEIGHTS_TOO_LARGE where |W| of the parent is beyond wmax; DATA_LEAF_MISMATCH
 */
export function windowSteps(parameters: WindowStepsParameters): WindowStepsReturnType {
  const { p2, spec, sizes, dataset, tree, batchSeed, firstStep, parent } = parameters;
  assertWindowStart(spec, parent);
  let weights: readonly Int32Array[] = parent;
  let lossSum = 0;
  const steps: StepValues[] = [];
  for (let t = firstStep; t < firstStep + parameters.steps; t++) {
    const index = batchIndex(p2, batchSeed, t, tree.depth);
    const minibatch = minibatchAt(p2, dataset, index);
    const trace = referenceStep(spec, sizes, weights, minibatch);
    steps.push({ ...minibatch, layers: trace.layers, loss: trace.loss, path: tree.path(index) });
    lossSum += trace.loss;
    weights = trace.weights;
  }
  return { child: [...weights], lossSum, steps };
}
