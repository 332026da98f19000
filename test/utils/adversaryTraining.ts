import type { LeaseRecord } from '../../src/chain/getLease.ts';
import { batchIndex } from '../../src/commitment/merkle.ts';
import { datasetTree, type MinibatchSet, minibatchAt } from '../../src/data/minibatchSet.ts';
import { type CommittedCheckpoint, commitWeights } from '../../src/node/jobMaterial.ts';
import type { StepValues } from '../../src/proof/windowWitness.ts';
import { referenceStep } from '../../src/train/referenceStep.ts';
import type { AdversaryDevnet, Round } from './adversaryDevnet.ts';
import { contextFor, type Story } from './adversaryProofs.ts';

/** How to train a window; what is left out is as the job says. */
export type Training = {
  readonly context: bigint;
  readonly parent: CommittedCheckpoint;
  readonly firstStep: number;
  /** Which batches the seed selects. */
  readonly batchSeed?: bigint;
  /** The data set that the trainer looks into. */
  readonly dataset?: MinibatchSet;
  /** Moves the leaf that the seed selects. */
  readonly shift?: number;
  /** Multiplies every update. */
  readonly rate?: number;
};

/** Trains a window, well or not, and tells it as if it were the one that was asked for. */
export async function trainStory(devnet: AdversaryDevnet, round: Round, training: Training): Promise<Story> {
  const { p2, kzg, artifacts } = devnet;
  const { spec, sizes, steps: count, treeDepth } = artifacts.instance;
  const { context, parent, firstStep, batchSeed = round.batchSeed, dataset = round.dataset, shift = 0, rate = 1 } = training;
  const tree = datasetTree(p2, dataset);
  let weights = parent.weights;
  let lossSum = 0;
  const steps: StepValues[] = [];
  for (let t = firstStep; t < firstStep + count; t++) {
    const index = (batchIndex(p2, batchSeed, t, treeDepth) + shift) % 2 ** treeDepth;
    const minibatch = minibatchAt(p2, dataset, index);
    const trace = referenceStep(spec, sizes, weights, minibatch);
    steps.push({ ...minibatch, layers: trace.layers, loss: trace.loss, path: tree.path(index) });
    lossSum += trace.loss;
    weights = trace.weights.map((layer, l) => layer.map((w, i) => (weights[l]?.[i] as number) + rate * (w - (weights[l]?.[i] as number))));
  }
  const child = await commitWeights(kzg, artifacts, weights);
  return { context, parent, child, datasetRoot: tree.root, batchSeed, firstStep, lossSum, steps };
}

/** The honest story of a lease's window from `parent`, for its holder. */
export function honestStory(devnet: AdversaryDevnet, round: Round, lease: LeaseRecord, parent: CommittedCheckpoint): Promise<Story> {
  const unit = Number(lease.windowIndex) * round.contributions + Number(lease.contributionIndex);
  const firstStep = unit * devnet.artifacts.instance.steps;
  return trainStory(devnet, round, { context: contextFor(devnet, lease), parent, firstStep });
}
