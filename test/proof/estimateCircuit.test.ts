import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AssayError } from '../../src/errors.ts';
import { assertCircuitFits, circuitProblems } from '../../src/proof/assertCircuitFits.ts';
import { buildCircomProgram } from '../../src/proof/circom/compileCircom.ts';
import { listCircuits } from '../../src/proof/circuitInstance.ts';
import { compileCircuit } from '../../src/proof/compileCircuit.ts';
import { estimateCircuit } from '../../src/proof/estimateCircuit.ts';
import { sizeOfCompiled } from '../../src/proof/honkArtifacts.ts';
import { sameCircuit } from '../../src/proof/knownCircuits.ts';
import { circuitName, makeInstance } from '../../src/proof/makeInstance.ts';
import { readMeasurement } from '../../src/proof/measurements.ts';
import { testCache } from '../utils/windowFixture.ts';

test.each([
  // The registry's smallest, which other tests compile too; in Noir they are nearly all fixed costs, and would say nothing.
  { sizes: [16, 8, 4], lb: 1, blockLog: 6, statement: 'inference', system: 'circom' },
  { sizes: [16, 8, 4], lb: 1, blockLog: 6, statement: 'well-formed', system: 'noir', blocksPerProof: 2 },
  { sizes: [16], lb: 1, blockLog: 9, statement: 'membership', system: 'noir', treeDepth: 3 },
  { sizes: [48, 24, 10], statement: 'inference', system: 'noir' },
  { sizes: [48, 24, 10], statement: 'train-window', system: 'noir', steps: 1 },
] as const)(
  'the predicted size of a circuit of $statement ($system) is that of the compiled one, within a quarter',
  async (options) => {
    const made = makeInstance(options);
    const instance = (await listCircuits()).find((known) => sameCircuit(known, made)) ?? made;
    const cacheDirectory = join(testCache(), 'artifacts');
    const compiled =
      instance.statement === 'inference' && instance.system === 'circom'
        ? (await buildCircomProgram({ instance, cacheDirectory })).constraints
        : (await sizeOfCompiled(await compileCircuit({ instance, cacheDirectory }), cacheDirectory)).gates;
    const { rows } = await estimateCircuit(instance);
    // After a change to the circuits' libraries: node scripts/fitCircuitCosts.ts
    expect([compiled, rows, Math.abs(rows / compiled - 1) < 0.25]).toEqual([compiled, rows, true]);
  },
  180_000,
);

test('the predicted gas is that which was measured, within a tenth', async () => {
  let compared = 0;
  for (const instance of await listCircuits()) {
    const measured = await readMeasurement(instance.name);
    if (measured === undefined) continue;
    const { gas } = await estimateCircuit(instance, measured.size);
    expect([instance.name, Math.abs(gas / measured.transactionGas - 1) < 0.1]).toEqual([instance.name, true]);
    compared++;
  }
  expect(compared).toBeGreaterThan(10);
});

test('names say what tells circuits apart, and the registry uses the same', async () => {
  for (const instance of await listCircuits()) {
    // Small ones of the registry are of other minibatches and blocks than their names would say.
    if (instance.sizes[0] === 16) continue;
    const made = makeInstance({
      sizes: instance.sizes,
      statement: instance.statement,
      system: instance.system,
      ...(instance.statement === 'train-window' && { steps: instance.steps }),
      ...(instance.statement === 'inference' && { inputs: instance.inputs, output: instance.output }),
      ...(instance.statement === 'audit' && {
        samples: instance.samples,
        groups: instance.groups,
        setDepth: instance.treeDepth,
        counts: instance.output,
      }),
    });
    // A model's other number of blocks a proof has a suffix.
    if (instance.statement !== 'well-formed') expect(made).toEqual(instance);
  }
  const base = { sizes: [30, 20, 10], statement: 'inference' } as const;
  const names = [{}, { system: 'circom' }, { inputs: 2 }, { output: 'logits' }, { lb: 3 }, { lrk: 2 }, { blockLog: 14 }].map(
    (options) => makeInstance({ ...base, ...(options as object) }).name,
  );
  expect(new Set(names).size).toBe(names.length);
  const plain = makeInstance(base);
  expect(circuitName({ ...plain, spec: { ...plain.spec, wmax: 1000 } })).toMatch(/^inference-30-20-10-s[0-9a-f]{8}$/);
});

test('a circuit is refused for what it lacks, and the one that is named instead fits', async () => {
  const limits = { memoryMb: 1_500 };
  const large = makeInstance({ sizes: [784, 512, 10], statement: 'train-window', steps: 8 });
  let refusal: AssayError | undefined;
  try {
    await assertCircuitFits(large, limits);
  } catch (error) {
    refusal = error as AssayError;
  }
  expect(refusal).toBeInstanceOf(AssayError);
  expect(refusal?.code).toBe('CIRCUIT_TOO_LARGE');
  const [, sizes = '', steps = '4'] = /This would fit: train-window-((?:\d+-)*\d+)(?:-k(\d+))?\.$/.exec(refusal?.hint ?? '') ?? [];
  const named = makeInstance({ sizes: sizes.split('-').map(Number), statement: 'train-window', steps: Number(steps) });
  expect(circuitProblems(await assertCircuitFits(named, limits), limits)).toEqual([]);

  // The largest Groth16 benchmark fits a machine of 8 GB, and UltraHonk takes it under a public SRS of 2^18 gates, not of 2^15.
  const wide = makeInstance({ sizes: [784, 1024, 1024, 10], statement: 'inference', system: 'circom' });
  expect((await assertCircuitFits(wide, { memoryMb: 8_000, srsPoints: 32_769 })).power).toBe(18);
  const honk = await estimateCircuit(makeInstance({ sizes: [784, 1024, 1024, 10], statement: 'inference' }));
  expect(circuitProblems(honk, { memoryMb: 8_000, srsPoints: 2 ** 18 + 1 })).toEqual([]);
  expect(circuitProblems(honk, { memoryMb: 8_000, srsPoints: 32_769 }).join()).toContain('points');
});
