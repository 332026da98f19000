import { assertArchitecture } from '../model/architecture.ts';
import { type ArithmeticSpec, assertSpec } from '../quant/spec.ts';
import type { Engine } from './engine.ts';
import { referenceStep } from './referenceStep.ts';

/** The reference step behind the interface of an engine: slower than ONNX Runtime, and nothing but TypeScript. */
export function createReferenceEngine(spec: ArithmeticSpec, sizes: readonly number[]): Engine {
  assertSpec(spec);
  assertArchitecture(sizes);
  return {
    async step(weights, batch) {
      const { weights: next, loss } = referenceStep(spec, sizes, weights, batch);
      return { weights: next, loss };
    },
    async close() {},
  };
}
