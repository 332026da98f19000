import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { listCircuits } from '../../src/proof/circuitInstance.ts';
import { runCli } from '../utils/runCli.ts';
import { useScratch } from '../utils/useScratch.ts';

const scratch = useScratch('estimate');

test('estimates are the measured window times the windows, for every circuit that was measured', async () => {
  const file = new URL('../../circuits/measurements.json', import.meta.url);
  const { rows } = JSON.parse(await readFile(file, 'utf8')) as { rows: { circuit: string; size: number; proveSeconds: number }[] };
  const names = (await listCircuits()).map(({ name }) => name);
  for (const { circuit } of rows) expect(names).toContain(circuit);
  const row = rows.find(({ circuit }) => circuit === 'train-window-784-128-10');
  const args = [
    'job',
    'estimate',
    '--circuit',
    'train-window-784-128-10',
    '--windows',
    '10',
    '--price',
    '2.5',
    '--gas-price',
    '2',
    '--json',
  ];
  const { code, stdout } = await runCli(args, { home: scratch.path });
  expect(code).toBe(0);
  type Estimate = { window: { gas: number }; total: { gas: number; gasEther: string; seconds: number } };
  const estimate = JSON.parse(stdout) as Estimate;
  expect(estimate).toMatchObject({
    parameters: 101_770,
    steps: 40,
    samples: 640,
    gates: row?.size,
    paddedGates: 2 ** 19,
    srsPoints: 2 ** 19 + 1,
  });
  expect(estimate).toMatchObject({ window: { proveSeconds: row?.proveSeconds }, total: { escrow: '25', gas: 10 * estimate.window.gas } });
  expect(Number(estimate.total.gasEther)).toBeCloseTo(estimate.total.gas * 2e-9, 12);
  expect(estimate.window.gas).toBeLessThan(1_600_000);
});

test('a circuit that nobody measured, or nobody knows, is not guessed at', async () => {
  const args = ['job', 'estimate', '--windows', '10', '--circuit'];
  const small = await runCli([...args, 'train-window-16-8-4'], { home: scratch.path });
  expect(small.stderr).toContain('CIRCUIT_NOT_MEASURED');
  expect(small.code).toBe(1);
  const unknown = await runCli([...args, 'train-window-1-2-3'], { home: scratch.path });
  expect(unknown.stderr).toContain('CIRCUIT_UNKNOWN');
  expect(unknown.code).toBe(1);
});
