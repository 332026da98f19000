import { describe, expect, test } from 'vitest';
import type { WindowInstance } from '../../src/proof/circuitInstance.ts';
import { compileCircuit } from '../../src/proof/compileCircuit.ts';
import { assertInjective, windowCircuitSource, windowLayout } from '../../src/proof/windowCircuit.ts';
import { buildWindowWitness } from '../../src/proof/windowWitness.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { codeOf } from '../utils/codeOf.ts';
import { useScratch } from '../utils/useScratch.ts';
import { between, testInstance, windowCase } from '../utils/windowFixture.ts';

const scratch = useScratch('generator');
const base = testInstance([4, 3, 2]);

describe('the generator refuses', () => {
  test.each([0, -1, 1.5, 54, 250, 253, Number.NaN])('a cell of %d bits', async (width) => {
    expect(await codeOf(() => assertInjective([4, width], 'layer 0'))).toBe('CIRCUIT_WIDTH');
  });

  test('nothing that packs injectively', () => {
    assertInjective([1, 2, 7, 53], 'layer 0');
    expect(windowCircuitSource(base)).toContain('fn main(');
  });

  // float64 stops being exact at 2^53, long before a circuit's values could come near 2^250: that bound speaks first.
  test.each<[string, Partial<WindowInstance>]>([
    [
      'weights of 31 bits under 8-bit activations',
      { spec: { ...defaultSpec(10, 16), fx: 8, fa: 8, fd: 8, actBits: 15, wmax: 2 ** 31 - 1 }, sizes: [65535, 3, 2] },
    ],
    ['so many steps that weights outgrow every width', { spec: defaultSpec(10), sizes: [65535, 60000, 60000, 10], steps: 64 }],
  ])('widths that reach too far: %s', async (_what, change) => {
    expect(await codeOf(() => windowLayout({ ...base, ...change }))).toMatch(/^(QUANT_BOUND_EXCEEDED|CIRCUIT_WIDTH)$/);
  });

  test('more rows than powers of a below rho', async () => {
    const wide = (inputs: number) => ({ ...testInstance([inputs, 2, 2], { lb: 0, treeDepth: 1 }), blockLog: 15 });
    expect(await codeOf(async () => windowLayout(wide(65_536)))).toBe('CIRCUIT_WIDTH');
    expect(windowLayout(wide(65_535)).transcriptA).toBe(1 + 65_536 + 3 + 2 + 2);
  });

  test('more than 256 classes, whose labels would run into their neighbours', async () => {
    const instance = { ...testInstance([1, 1, 257], { lb: 0, treeDepth: 1 }), blockLog: 9 };
    expect(await codeOf(() => compileCircuit({ instance, cacheDirectory: scratch.path }))).toBe('CIRCUIT_WIDTH');
    const allowed = await compileCircuit({ instance: { ...instance, name: 'test-256', sizes: [1, 1, 256] }, cacheDirectory: scratch.path });
    expect(allowed.bytecode.length).toBeGreaterThan(1000);
  }, 180_000);
});

test('no weights within the bound are unprovable: every cell of every step fits its width', async () => {
  const cases = Number(process.env['ASSAY_CASES'] ?? 150);
  let [widestExcess, widestDelta] = [0, 0];
  for (let i = 0; i < cases; i++) {
    const sizes = [
      [4, 3, 2],
      [6, 5, 4, 3],
      [3, 9, 7],
    ][i % 3] as number[];
    const instance = testInstance(sizes, { lb: i % 3, steps: 1 + (i % 4) });
    const { wmax } = instance.spec;
    const window = await windowCase({
      instance,
      label: `extreme ${i}`,
      // Weights at the bound, of one sign, of both, or a few among small ones.
      weights: () =>
        sizes
          .slice(1)
          .map((m, l) =>
            Int32Array.from(between(`extreme ${i} ${l}`, ((sizes[l] as number) + 1) * m, 0, 3), (x) =>
              i % 2 === 0 ? (x < 2 ? wmax : -wmax) : ([wmax, wmax, -wmax, x][x] as number) * (l % 2 === 0 ? 1 : -1),
            ),
          ),
    });
    // The builder packs every cell with its width, and refuses what does not fit.
    const { inputs } = buildWindowWitness(window.p2, window);
    const widths = windowLayout(instance).cellWidths;
    widths.forEach((width, l) => {
      const cells = (inputs[`cells${l}`] as (number | string)[][][][]).flat(2) as (number | string)[][];
      for (const cell of cells) {
        for (const kind of [0, 2, 3, 4, 5].filter((k) => k < width.length)) {
          const value = Number(cell[kind]);
          expect(value).toBeGreaterThanOrEqual(0);
          expect(value).toBeLessThan(2 ** (width[kind] as number));
        }
        widestExcess = Math.max(widestExcess, Math.log2(1 + Number(cell[2])) / (width[2] as number));
        if (width.length === 6)
          widestDelta = Math.max(
            widestDelta,
            Math.abs(Number(cell[4]) - 2 ** ((width[4] as number) - 1)) / 2 ** ((width[4] as number) - 1),
          );
      }
    });
  }
  // The cases come near the bounds that they try.
  expect(widestExcess).toBeGreaterThan(0.8);
  expect(widestDelta).toBeGreaterThan(0.2);
});
