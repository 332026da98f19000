import { join } from 'node:path';
import type { Weights } from '../../src/commitment/kzg.ts';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import type { InferenceInstance } from '../../src/proof/circuitInstance.ts';
import { buildNoirInferenceArtifacts, type NoirInferenceArtifacts } from '../../src/proof/inference/noirArtifacts.ts';
import type { InferenceWitnessParameters } from '../../src/proof/inference/noirWitness.ts';
import { forwardPass } from '../../src/quant/forwardPass.ts';
import { defaultSpec, weightBits } from '../../src/quant/spec.ts';
import { fieldElements } from './random.ts';
import { between, testCache, testCeremony } from './windowFixture.ts';

/** A Noir inference instance that circuits.json does not have. */
export function testInference(
  sizes: readonly number[],
  options: { lb?: number; inputs?: number; output?: 'class' | 'logits' } = {},
): InferenceInstance {
  const { lb = 1, inputs = 1, output = 'class' } = options;
  const name = `test-inference-${sizes.join('-')}-b${2 ** lb}-x${inputs}-${output}`;
  return { name, statement: 'inference', system: 'noir', sizes, spec: defaultSpec(lb), blockLog: 7, inputs, output };
}

/** Program, key and verifier of an instance under the dev ceremony, from the tests' cache where they are there. */
export function inferenceArtifactsOf(instance: InferenceInstance): Promise<NoirInferenceArtifacts> {
  return buildNoirInferenceArtifacts({
    instance,
    ceremony: { directory: testCeremony() },
    cacheDirectory: join(testCache(), 'artifacts'),
  });
}

/** Everything that an inference circuit is told about one honest proof. */
export type InferenceCase = InferenceWitnessParameters & { readonly p2: Poseidon2 };

export type InferenceCaseParameters = {
  readonly instance: InferenceInstance;
  readonly label: string;
  /** Bits of the weights beyond one; negative: below. Default 0. */
  readonly gain?: number;
  /** Quotients f that the first neurons of layer 0 get on the first input. */
  readonly hidden?: readonly number[];
  /** The first output neurons have one logit on every input, but for these multiples of 2^fa. */
  readonly tied?: readonly number[];
};

/** An honest case. Weights are random, biases set so that the first input meets what is asked for. */
export async function inferenceCase(parameters: InferenceCaseParameters): Promise<InferenceCase> {
  const { instance, label, gain = 0, hidden = [], tied = [] } = parameters;
  const { spec, sizes, inputs } = instance;
  const largest = Math.min(spec.wmax, Math.ceil(2 ** (weightBits(spec) + gain)));
  const weights = sizes
    .slice(1)
    .map((m, l) => Int32Array.from(between(`${label} weights ${l}`, ((sizes[l] as number) + 1) * m, -largest, largest)));
  const features = Uint8Array.from(between(`${label} features`, inputs * (sizes[0] as number), 0, 2 ** spec.fx - 1));
  const [binding, salt, blinder, ...mask] = fieldElements(`${label} fields`, 19) as [bigint, bigint, bigint, ...bigint[]];
  const z = (l: number): Float64Array => (forwardPass(spec, sizes, weights, features)[l] as { z: Float64Array }).z;
  tune(
    sizes,
    weights,
    0,
    z(0),
    hidden.map((f) => (f + 0.5) * 2 ** weightBits(spec)),
    spec.fa,
  );
  const last = sizes.length - 2;
  if (tied.length > 0) {
    // Rows of inputs equal in every tied column leave the biases alone to tell their logits apart.
    const layer = weights[last] as Int32Array;
    const columns = sizes[last + 1] as number;
    for (let i = 0; i <= (sizes[last] as number); i++)
      for (let j = 1; j < tied.length; j++) layer[i * columns + j] = layer[i * columns] as number;
    tied.forEach((offset, j) => {
      const at = (sizes[last] as number) * columns + j;
      layer[at] = (layer[at] as number) + offset;
    });
  }
  return { p2: await loadPoseidon2(), instance, binding, features, weights, mask, salt, blinder };
}

/** Sets biases so that the first neurons of a layer get the z asked for on the first input, to within half of 2^fa. */
function tune(sizes: readonly number[], weights: Weights, l: number, z: Float64Array, targets: readonly number[], fa: number): void {
  const columns = sizes[l + 1] as number;
  targets.forEach((target, j) => {
    const layer = weights[l] as Int32Array;
    const at = (sizes[l] as number) * columns + j;
    layer[at] = (layer[at] as number) + Math.round((target - (z[j] as number)) / 2 ** fa);
  });
}
