import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { R } from '../../src/commitment/field.ts';
import type { Weights } from '../../src/commitment/kzg.ts';
import { batchIndex, buildTree, leafDigest } from '../../src/commitment/merkle.ts';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import type { Minibatch } from '../../src/data/minibatch.ts';
import type { WindowInstance } from '../../src/proof/circuitInstance.ts';
import { buildWindowArtifacts, type WindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import type { StepValues, WindowWitnessParameters } from '../../src/proof/windowWitness.ts';
import { type ArithmeticSpec, defaultSpec, weightBits } from '../../src/quant/spec.ts';
import { referenceStep } from '../../src/train/referenceStep.ts';
import { fieldElements, integers } from './random.ts';

/** What compiled circuits, keys and ceremony files of the tests are kept in between runs. */
export function testCache(): string {
  return process.env['ASSAY_CACHE'] ?? join(tmpdir(), 'assay-test-cache');
}

/** Folder of the tests' dev ceremony. */
export const testCeremony = (): string => join(testCache(), 'ceremony');

/** An instance that circuits.json does not have. */
export function testInstance(sizes: readonly number[], options: { lb?: number; steps?: number; treeDepth?: number } = {}): WindowInstance {
  const { lb = 1, steps = 1, treeDepth = 2 } = options;
  const name = `test-${sizes.join('-')}-b${2 ** lb}-k${steps}-t${treeDepth}`;
  return { name, statement: 'train-window', system: 'noir', sizes, spec: defaultSpec(lb), steps, blockLog: 7, treeDepth };
}

/** Program, key and verifier of an instance under the dev ceremony, from the tests' cache where they are there. */
export function windowArtifactsOf(instance: WindowInstance): Promise<WindowArtifacts> {
  return buildWindowArtifacts({
    instance,
    ceremony: { directory: testCeremony() },
    cacheDirectory: join(testCache(), 'artifacts'),
  });
}

/** Everything that a window circuit is told about one honest window, and what only its trainer knows. */
export type WindowCase = WindowWitnessParameters & {
  readonly p2: Poseidon2;
  readonly batches: readonly Minibatch[];
  /** The whole data set, in the order of its leaves. */
  readonly dataset: readonly Minibatch[];
  readonly leaves: readonly bigint[];
};

export type WindowCaseParameters = {
  readonly instance: WindowInstance;
  readonly label: string;
  /** Bits of the weights beyond one; negative: below. Default 0. */
  readonly gain?: number;
  /** Quotients f that the first neurons of layer 0 get on the first sample of the first step. */
  readonly hidden?: readonly number[];
  /** Quotients that the first output neurons get there. */
  readonly output?: readonly number[];
  readonly weights?: (spec: ArithmeticSpec, sizes: readonly number[]) => Int32Array[];
};

/** Deterministic integers in [low, high] from a label. */
export function between(label: string, count: number, low: number, high: number): number[] {
  return integers(label, count).map((x) => low + Number(x % BigInt(high - low + 1)));
}

/** An honest window, trained by the reference engine on a data set of five salted minibatches. */
export async function windowCase(parameters: WindowCaseParameters): Promise<WindowCase> {
  const { instance, label, gain = 0, hidden = [], output = [] } = parameters;
  const { spec, sizes, steps, treeDepth } = instance;
  const p2 = await loadPoseidon2();
  const samples = 2 ** spec.lb;
  const classes = sizes.at(-1) as number;
  const count = Math.min(5, 2 ** treeDepth);
  const salts = fieldElements(`${label} salts`, count);
  const dataset = Array.from({ length: count }, (_, i) => ({
    features: Uint8Array.from(between(`${label} features ${i}`, samples * (sizes[0] as number), 0, 2 ** spec.fx - 1)),
    labels: Uint8Array.from(between(`${label} labels ${i}`, samples, 0, classes - 1)),
    salt: salts[i] as bigint,
  }));
  const leaves = dataset.map((batch) => leafDigest(p2, batch.features, spec.fx, batch.labels, batch.salt));
  const tree = buildTree(p2, leaves, treeDepth);
  const [context, parentId, childId, maskId, batchSeed, blinder, ...mask] = fieldElements(`${label} fields`, 22) as [
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    bigint,
    ...bigint[],
  ];
  const firstStep = 40;
  const indices = Array.from({ length: steps }, (_, k) => batchIndex(p2, batchSeed, firstStep + k, treeDepth));
  const batches = indices.map((index) => dataset[index % count] as Minibatch);
  const largest = Math.min(spec.wmax, Math.ceil(2 ** (weightBits(spec) + gain)));
  const parent =
    parameters.weights?.(spec, sizes) ??
    sizes.slice(1).map((m, l) => Int32Array.from(between(`${label} weights ${l}`, ((sizes[l] as number) + 1) * m, -largest, largest)));
  tune(spec, sizes, parent, batches[0] as Minibatch, hidden, output);
  let weights: Int32Array[] = parent.map((layer) => layer.slice());
  let loss = 0;
  const values: StepValues[] = batches.map((batch, k) => {
    const trace = referenceStep(spec, sizes, weights, batch);
    weights = trace.weights;
    loss += trace.loss;
    return { layers: trace.layers, loss: trace.loss, ...batch, path: tree.path(indices[k] as number) };
  });
  return {
    p2,
    instance,
    statement: [context, parentId, childId, maskId, tree.root, batchSeed, BigInt(firstStep), BigInt(loss)],
    steps: values,
    parent,
    child: weights,
    mask,
    blinder: blinder % R,
    batches,
    dataset,
    leaves,
  };
}

/** Sets biases so that, on the first sample, neurons of the first and of the last layer get the quotients asked for. */
function tune(
  spec: ArithmeticSpec,
  sizes: readonly number[],
  weights: Weights,
  batch: Minibatch,
  hidden: readonly number[],
  output: readonly number[],
): void {
  const fw = weightBits(spec);
  const last = weights.length - 1;
  const set = (l: number, targets: readonly number[], bits: number, offset: number): void => {
    const rows = sizes[l] as number;
    const columns = sizes[l + 1] as number;
    const { z } = referenceStep(spec, sizes, weights, batch).layers[l] as { z: Float64Array };
    targets.forEach((target, j) => {
      const layer = weights[l] as Int32Array;
      const at = rows * columns + j;
      // A bias moves z by 2^fa times itself, less than a quotient's unit.
      const wanted = (target - offset + 0.5) * 2 ** bits;
      layer[at] = (layer[at] as number) + Math.round((wanted - (z[j] as number)) / 2 ** spec.fa);
    });
  };
  if (hidden.length > 0) set(0, hidden, fw, 0);
  if (output.length > 0) set(last, output, fw + 2, 2 ** (spec.fd - 1));
}
