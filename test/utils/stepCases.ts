import fc from 'fast-check';
import { type ArithmeticSpec, weightBits } from '../../src/quant/spec.ts';

export type StepCase = {
  spec: ArithmeticSpec;
  sizes: number[];
  weights: Int32Array[];
  features: Uint8Array;
  labels: Uint8Array;
};

/** Random specs, shapes of one to four layers, weights on both sides of every clip edge, and minibatches. */
export const stepCase: fc.Arbitrary<StepCase> = fc
  .record({
    fx: fc.integer({ min: 1, max: 4 }),
    fd: fc.integer({ min: 1, max: 6 }),
    lrk: fc.integer({ min: 0, max: 3 }),
    lb: fc.integer({ min: 0, max: 3 }),
    actBits: fc.integer({ min: 1, max: 8 }),
    sizes: fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 2, maxLength: 5 }),
    // Magnitude of the weights, in bits beyond or below a weight of one.
    gain: fc.integer({ min: -4, max: 3 }),
  })
  .chain(({ sizes, gain, ...formats }) => {
    const spec: ArithmeticSpec = { ...formats, fa: formats.fx, wmax: 2 ** 26 };
    const largest = Math.ceil(2 ** (weightBits(spec) + gain));
    const layer = (l: number): fc.Arbitrary<Int32Array> => {
      const length = ((sizes[l] as number) + 1) * (sizes[l + 1] as number);
      return fc.array(fc.integer({ min: -largest, max: largest }), { minLength: length, maxLength: length }).map((w) => Int32Array.from(w));
    };
    const samples = 2 ** spec.lb;
    const inputs = samples * (sizes[0] as number);
    return fc.record({
      spec: fc.constant(spec),
      sizes: fc.constant(sizes),
      weights: fc.tuple(...sizes.slice(1).map((_, l) => layer(l))),
      features: fc.uint8Array({ max: 2 ** spec.fx - 1, minLength: inputs, maxLength: inputs }),
      labels: fc.uint8Array({ max: (sizes.at(-1) as number) - 1, minLength: samples, maxLength: samples }),
    });
  });
