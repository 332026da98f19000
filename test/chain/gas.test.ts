import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { callsOfUsers, withoutAction } from '../utils/callsOfUsers.ts';
import { gasTable } from '../utils/gasTable.ts';

// Gas of every call that users make, small and at the largest that the contracts allow, against what was committed: a change of the contracts that makes
// one dearer or cheaper shows in its diff. `ASSAY_GAS=write vitest run test/chain/gas.test.ts` writes the table anew.

const file = fileURLToPath(new URL('../vectors/gas.json', import.meta.url));
/** Block hashes decide how many bytes of the seed are zero, and so what the calldata costs; and who is drawn, and so how far a search goes. */
const toleranceOf = (name: string): number => (name.startsWith('ValidatorManager.commitAttestation') ? 0.05 : 0.01);
/** EIP-7825: no transaction has more. */
const transactionLimit = 16_777_216;
/** What the timelock calls in its turn: part of the governor's `execute`. */
const byVote = ['Parameters.setGasPrice', 'Parameters.setEmissionBps', 'CircuitNames.setName'];

it('every call costs what is committed, within one percent, and fits into a transaction at its largest', async () => {
  const rows = await gasTable();
  const costs = Object.fromEntries(rows.map(({ call, at, gas }) => [at === '' ? call : `${call}, ${at}`, gas]));
  expect(Object.keys(costs)).toHaveLength(rows.length);
  if (process.env['ASSAY_GAS'] === 'write') writeFileSync(file, `${JSON.stringify(costs, undefined, 2)}\n`);
  const committed = JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>;
  expect(Object.keys(costs)).toEqual(Object.keys(committed));
  const moved = Object.entries(costs).filter(([name, gas]) => Math.abs(gas / (committed[name] as number) - 1) > toleranceOf(name));
  expect(Object.fromEntries(moved.map(([name, gas]) => [name, { gas, committed: committed[name] }]))).toEqual({});
  expect(rows.filter(({ gas }) => gas > transactionLimit)).toEqual([]);

  const excused = new Set([...Object.values(withoutAction).flat(), ...byVote]);
  const calls = (await callsOfUsers()).filter(({ call, writes }) => writes && !excused.has(call));
  expect(calls.length).toBeGreaterThan(60);
  const measured = new Set(rows.map(({ call }) => call));
  expect(calls.filter(({ call }) => !measured.has(call))).toEqual([]);
}, 300_000);
