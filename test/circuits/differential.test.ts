import { Noir } from '@noir-lang/noir_js';
import { beforeAll, describe, expect, test } from 'vitest';
import { exportOnnx } from '../../src/model/exportOnnx.ts';
import { buildCircomInferenceWitness } from '../../src/proof/circom/circomWitness.ts';
import { type CircomInputs, createWitnessCalculator } from '../../src/proof/circom/witnessCalculator.ts';
import { getCircuit, getWindowCircuit, type InferenceInstance } from '../../src/proof/circuitInstance.ts';
import { buildInferenceWitness } from '../../src/proof/inference/noirWitness.ts';
import { buildWindowWitness } from '../../src/proof/windowWitness.ts';
import { firstLargest, forwardPass } from '../../src/quant/forwardPass.ts';
import { classify } from '../../src/train/classify.ts';
import { createOnnxEngine } from '../../src/train/createOnnxEngine.ts';
import { loadOnnxRuntime } from '../../src/train/loadOnnxRuntime.ts';
import { circomProgramOf } from '../utils/circomFixture.ts';
import { bigintForward } from '../utils/circomReference.ts';
import { codeOf } from '../utils/codeOf.ts';
import { inferenceArtifactsOf, inferenceCase } from '../utils/inferenceFixture.ts';
import { integers } from '../utils/random.ts';
import { windowArtifactsOf, windowCase } from '../utils/windowFixture.ts';

// One arithmetic, written five times: the TypeScript reference, BigInt, ONNX Runtime, the circom circuit and the Noir circuit give the same integers, or all
// refuse. `npm run -s test:differential` runs 10,000 cases, CI fewer.

const count = Number(process.env['ASSAY_DIFFERENTIAL'] ?? 300);
const outputs = ['class', 'logits'] as const;
const noirInstances: Record<string, InferenceInstance> = {};
const circomInstances: Record<string, InferenceInstance> = {};
const noirPrograms: Record<string, Noir> = {};
const circomPrograms: Record<string, (inputs: CircomInputs) => Uint8Array> = {};

beforeAll(async () => {
  for (const output of outputs) {
    const suffix = output === 'class' ? '' : '-logits';
    const noir = (await getCircuit(`inference-16-8-4${suffix}`)) as InferenceInstance;
    const circom = (await getCircuit(`inference-groth16-16-8-4${suffix}`)) as InferenceInstance;
    noirInstances[output] = noir;
    circomInstances[output] = circom;
    noirPrograms[output] = new Noir((await inferenceArtifactsOf(noir)).program as never);
    circomPrograms[output] = await createWitnessCalculator((await circomProgramOf(circom)).wasm);
  }
}, 300_000);

/** The wires after the constant are the public signals, in order. */
function publicOf(witness: Uint8Array, length: number): bigint[] {
  return Array.from({ length }, (_, i) => {
    let value = 0n;
    for (let j = 31; j >= 0; j--) value = (value << 8n) | BigInt(witness[32 * (i + 1) + j] as number);
    return value;
  });
}

/** What makes one case: where its quotients and logits lie, deterministic in its number. */
function recipe(i: number, top: number): { gain: number; hidden: number[]; tied: number[] } {
  const [g, h, t] = integers(`differential ${i}`, 3).map((x) => Number(x % 1_000_003n)) as [number, number, number];
  const edges = [-1, 0, 1, top - 1, top, top + 1];
  return {
    gain: (g % 7) - 4,
    hidden: h % 3 === 0 ? [] : edges.slice(h % 6).concat(edges.slice(0, h % 6)),
    tied: t % 3 === 0 ? [0, 0, 0] : t % 3 === 1 ? [0, 1, -1] : [],
  };
}

describe('inference', () => {
  test(`${count} cases: reference, BigInt, ONNX Runtime, circom and Noir agree`, async () => {
    const { InferenceSession, Tensor } = await loadOnnxRuntime();
    const seen = { clipped: 0, ties: 0 };
    for (let i = 0; i < count; i++) {
      const output = outputs[i % 2] as 'class' | 'logits';
      const instance = noirInstances[output] as InferenceInstance;
      const { spec, sizes } = instance;
      const made = await inferenceCase({ instance, label: `case ${i}`, ...recipe(i, 2 ** spec.actBits - 1) });
      const { weights, features } = made;
      const exact = bigintForward(spec, sizes, weights, features);
      const logits = exact.logits.map(Number);
      seen.clipped += exact.clipped;
      if (new Set(logits).size < logits.length) seen.ties++;
      const winner = logits.indexOf(Math.max(...logits));
      const values = output === 'class' ? [winner] : logits;

      const reference = (forwardPass(spec, sizes, weights, features).at(-1) as { z: Float64Array }).z;
      expect(Array.from(reference)).toEqual(logits);
      expect(firstLargest(reference, 4)).toEqual([winner]);
      expect(Array.from(classify(spec, sizes, weights, Uint8Array.from(features)))).toEqual([winner]);

      const session = await InferenceSession.create(exportOnnx(spec, sizes, weights), { executionProviders: ['cpu'], logSeverityLevel: 3 });
      const run = await session.run({ features: new Tensor('uint8', Uint8Array.from(features), [1, sizes[0] as number]) });
      expect(Array.from(run['logits']?.data as BigInt64Array, Number)).toEqual(logits);
      expect(Array.from(run['class']?.data as BigInt64Array, Number)).toEqual([winner]);
      await session.release();

      const noir = buildInferenceWitness(made.p2, made);
      expect([...noir.values]).toEqual(values);
      // Noir's solver checks every constraint: a witness is found only where the circuit agrees.
      const solved = await (noirPrograms[output] as Noir).execute(noir.inputs as never);
      expect((solved.returnValue as string[]).map(BigInt)).toEqual(noir.outputs);

      const circom = buildCircomInferenceWitness(made.p2, { ...made, instance: circomInstances[output] as InferenceInstance });
      expect([...circom.values]).toEqual(values);
      expect([circom.inputId, circom.words]).toEqual([noir.inputId, noir.words]);
      const witness = (circomPrograms[output] as (inputs: CircomInputs) => Uint8Array)(circom.inputs);
      expect(publicOf(witness, circom.publicSignals.length)).toEqual(circom.publicSignals);
    }
    // The cases are where they are meant to be.
    expect(seen.clipped).toBeGreaterThan(count);
    expect(seen.ties).toBeGreaterThan(count / 10);
  }, 3_600_000);

  test('weights beyond what the circuits hold are refused by both', async () => {
    for (const output of outputs) {
      const instance = noirInstances[output] as InferenceInstance;
      const made = await inferenceCase({ instance, label: `beyond ${output}` });
      const weights = made.weights.map((layer) => layer.map(() => instance.spec.wmax * 8));
      const beyond = { ...made, weights, features: Uint8Array.from(made.features, () => 15) };
      expect(await codeOf(() => buildInferenceWitness(made.p2, beyond))).toBe('COMMITMENT_PACK_RANGE');
      const circom = { ...beyond, instance: circomInstances[output] as InferenceInstance };
      expect(await codeOf(() => buildCircomInferenceWitness(made.p2, circom))).toBe('COMMITMENT_PACK_RANGE');
    }
  });
});

describe('training', () => {
  const windows = Math.max(3, Math.floor(count / 60));

  test(`${windows} windows: reference, ONNX Runtime and Noir agree`, async () => {
    const instance = await getWindowCircuit('train-window-16-8-4');
    const { program } = await windowArtifactsOf(instance);
    const noir = new Noir(program as never);
    const engine = await createOnnxEngine(instance.spec, instance.sizes);
    const top = 2 ** instance.spec.actBits - 1;
    let moved = 0;
    try {
      for (let i = 0; i < windows; i++) {
        const { gain, hidden } = recipe(i, top);
        const made = await windowCase({ instance, label: `window ${i}`, gain: Math.min(gain, 1), hidden, output: [-1, 0, 16, 17] });
        let weights: Int32Array[] = made.parent.map((layer) => layer.slice());
        let loss = 0;
        for (const batch of made.batches) {
          const step = await engine.step(weights, batch);
          weights = step.weights;
          loss += step.loss;
        }
        expect(weights).toEqual(made.child);
        expect(BigInt(loss)).toBe(made.statement[7]);
        if (weights.some((layer, l) => layer.some((w, k) => w !== (made.parent[l] as Int32Array)[k]))) moved++;
        const built = buildWindowWitness(made.p2, made);
        const solved = await noir.execute(built.inputs as never);
        expect((solved.returnValue as string[]).map(BigInt)).toEqual(built.outputs);
      }
    } finally {
      await engine.close();
    }
    expect(moved).toBeGreaterThan(windows / 2);
  }, 3_600_000);
});
