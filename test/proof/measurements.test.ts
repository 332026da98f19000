import { expect, test } from 'vitest';
import { listCircuits } from '../../src/proof/circuitInstance.ts';
import { type Measurement, readMeasurement } from '../../src/proof/measurements.ts';

// What circuits must not cost more than, held against the committed figures of `npm run -s bench -- prove --json`: a change that makes one dearer shows
// where they are measured anew.

const most: Readonly<Record<string, Partial<Pick<Measurement, 'size' | 'logSize' | 'transactionGas'>>>> = {
  'inference-groth16-196-25-10': { size: 15_000, transactionGas: 480_000 },
  'inference-groth16-784-128-10': { logSize: 16, transactionGas: 550_000 },
  // 1,500 gates an image.
  'inference-196-25-10-x100': { size: 150_000 },
  'train-window-784-128-10': { logSize: 19, transactionGas: 1_350_000 },
};

test.each(Object.entries(most))('%s costs no more than it may', async (name, limits) => {
  const measured = (await readMeasurement(name)) as Measurement;
  for (const [what, limit] of Object.entries(limits)) {
    expect(measured[what as keyof typeof limits], what).toBeLessThanOrEqual(limit);
  }
});

test('no compiler took 4 GB', async () => {
  const built: number[] = [];
  for (const { name } of await listCircuits()) {
    const measured = await readMeasurement(name);
    if (measured !== undefined) built.push(measured.buildMemory);
  }
  expect(built.length).toBeGreaterThan(10);
  expect(Math.min(...built)).toBeGreaterThan(100);
  expect(Math.max(...built)).toBeLessThan(4_096);
});
