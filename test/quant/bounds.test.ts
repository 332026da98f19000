import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { windowBounds } from '../../src/quant/bounds.ts';
import { assertStepExact, largestWeight, weightLimit } from '../../src/quant/exact.ts';
import { type ArithmeticSpec, assertSpec, defaultSpec, weightBits } from '../../src/quant/spec.ts';
import { bigintStep } from '../utils/bigintStep.ts';
import { codeOf } from '../utils/codeOf.ts';
import { stepCase } from '../utils/stepCases.ts';

describe('ArithmeticSpec', () => {
  test('the default formats', () => {
    expect(weightBits(defaultSpec(4))).toBe(13);
    expect(weightBits(defaultSpec(6))).toBe(15);
    expect(defaultSpec(4)).toEqual({ fx: 4, fa: 4, fd: 4, lrk: 1, lb: 4, actBits: 7, wmax: 32768 });
    expect(() => assertSpec(defaultSpec(4))).not.toThrow();
  });

  test('every field out of range is refused', async () => {
    const fields: [keyof ArithmeticSpec, number[]][] = [
      ['fx', [0, 9]],
      ['fd', [0, 9, Number.NaN]],
      ['lrk', [-1, 17]],
      ['lb', [-1, 11, 1.5]],
      ['actBits', [0, 16]],
      ['wmax', [0, 2 ** 31]],
    ];
    for (const [name, values] of fields) {
      for (const value of values) expect(await codeOf(() => assertSpec({ ...defaultSpec(4), [name]: value }))).toBe('QUANT_SPEC_INVALID');
    }
    expect(await codeOf(() => assertSpec({ ...defaultSpec(4), fa: 5 }))).toBe('QUANT_SPEC_INVALID');
  });
});

describe('windowBounds', () => {
  test('z, h, weights and the cells of any window stay within them', () => {
    fc.assert(
      fc.property(stepCase, fc.integer({ min: 1, max: 4 }), ({ spec, sizes, weights, features, labels }, steps) => {
        const wmax = Math.max(1, largestWeight(weights));
        const bounds = windowBounds({ ...spec, wmax }, sizes, steps);
        let current: ArrayLike<number>[] = weights;
        for (let step = 0; step < steps; step++) {
          const big = bigintStep(spec, sizes, current, features, labels);
          big.layers.forEach((layer, l) => {
            const last = l === sizes.length - 2;
            const high = last ? 2 ** spec.fd : 2 ** spec.actBits - 1;
            const { excess, delta } = bounds.layers[l] as { excess: number; delta: number };
            for (const z of layer.z) expect(Math.abs(Number(z))).toBeLessThanOrEqual(bounds.zMax[l] as number);
            for (const f of layer.f) {
              const beyond = f < 0n ? -f : f > BigInt(high) ? f - BigInt(high) : 1n;
              expect(beyond - 1n).toBeLessThan(2n ** BigInt(excess));
            }
            for (const h of layer.h ?? []) {
              expect(Math.abs(Number(h))).toBeLessThanOrEqual(bounds.hMax[l + 1] as number);
              const d = (h + (1n << BigInt(weightBits(spec) - 1))) >> BigInt(weightBits(spec));
              expect(d >= -(2n ** BigInt(delta - 1)) && d < 2n ** BigInt(delta - 1)).toBe(true);
            }
          });
          current = big.weights.map((layer) => layer.map(Number));
          current.forEach((layer, l) => {
            for (const w of Array.from(layer)) expect(Math.abs(w)).toBeLessThanOrEqual(bounds.weightMax[l] as number);
          });
        }
      }),
      { numRuns: 300, seed: 1 },
    );
  });

  test('zMax is reached: the bound is no larger than it must be', () => {
    const spec = defaultSpec(0);
    const [inputs, outputs] = [5, 3];
    const weights = [new Int32Array((inputs + 1) * outputs).fill(spec.wmax)];
    const { layers } = bigintStep(spec, [inputs, outputs], weights, new Uint8Array(inputs).fill(15), [0]);
    expect(Number(layers[0]?.z[0])).toBe(windowBounds(spec, [inputs, outputs], 1).zMax[0]);
  });

  test('refuses what float64 would round', async () => {
    const spec = { fx: 8, fa: 8, fd: 8, lrk: 1, lb: 6, actBits: 15, wmax: weightLimit };
    expect(await codeOf(() => windowBounds(spec, [784, 64, 10], 1))).toBe(undefined);
    expect(await codeOf(() => windowBounds(spec, [784, 256, 10], 1))).toBe('QUANT_BOUND_EXCEEDED');
  });
});

describe('assertStepExact', () => {
  test('refuses a step that could leave int32', async () => {
    const spec = defaultSpec(4);
    expect(await codeOf(() => assertStepExact(spec, [196, 64, 10], spec.wmax))).toBe(undefined);
    expect(await codeOf(() => assertStepExact(spec, [196, 64, 10], weightLimit))).toBe('QUANT_BOUND_EXCEEDED');
    expect(await codeOf(() => assertStepExact(spec, [196, 64, 10], weightLimit + 1))).toBe('QUANT_BOUND_EXCEEDED');
    expect(largestWeight([Int32Array.of(3, -7), Int32Array.of(5)])).toBe(7);
    expect(largestWeight([Int32Array.of(-(2 ** 31))])).toBe(2 ** 31);
  });
});
