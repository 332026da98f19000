import type { Hex } from 'viem';
import { beforeEach, expect, it, vi } from 'vitest';
import { collectDebt } from '../../src/chain/collectDebt.ts';
import { getDebt } from '../../src/chain/getDebt.ts';
import { AssayError } from '../../src/errors.ts';
import { createDebtDesk, type DebtDesk } from '../../src/node/debtDesk.ts';
import type { RoleEvent } from '../../src/node/roleEvent.ts';

// An operator that owes 100 for a lie that this validator has shown.
const submissionId = `0x${'5a'.repeat(32)}` as Hex;
const operator = '0x00000000000000000000000000000000000000aa';
const seen = vi.hoisted(() => ({ debt: 100n, stake: { active: 0n, unbonding: 0n, locked: 0n } }));

vi.mock('../../src/chain/getDebt.ts', () => ({
  getDebt: vi.fn(async () => (seen.debt === 0n ? undefined : { finder: operator, amount: seen.debt })),
}));
vi.mock('../../src/chain/getStake.ts', () => ({ getStake: async () => seen.stake }));
vi.mock('../../src/chain/collectDebt.ts', () => ({ collectDebt: vi.fn(async () => ({ collected: seen.debt, hash: '0xc0' })) }));

let told: RoleEvent[];

function deskOver(state: string): DebtDesk {
  const evidence = { all: async () => [{ state, submissionId, operator }] };
  return createDebtDesk({ chain: {} as never, deployment: {} as never, store: { evidence } as never }, (event) => told.push(event));
}

beforeEach(() => {
  vi.clearAllMocks();
  told = [];
  seen.debt = 100n;
  seen.stake = { active: 100n, unbonding: 0n, locked: 0n };
});

it.each([
  ['all of it', { active: 140n, unbonding: 0n, locked: 40n }, 1],
  ['all of it, part of which unbonds', { active: 50n, unbonding: 90n, locked: 40n }, 1],
  ['a part, while a bond may bring the rest', { active: 139n, unbonding: 0n, locked: 40n }, 0],
  ['a part, and no bond is left', { active: 60n, unbonding: 0n, locked: 0n }, 1],
  ['nothing', { active: 40n, unbonding: 0n, locked: 40n }, 0],
])('collects where the stake that is free covers %s', async (_what, stake, times) => {
  seen.stake = stake;
  await deskOver('slashed').tend();
  expect(collectDebt).toHaveBeenCalledTimes(times);
  expect(told).toEqual(times === 0 ? [] : [{ event: 'collected', submissionId, operator, amount: '100', transactionHash: '0xc0' }]);
});

it('asks no more once nothing is owed, and never for what was not slashed', async () => {
  const desk = deskOver('slashed');
  await desk.tend();
  expect(collectDebt).toHaveBeenCalledTimes(1);
  seen.debt = 0n;
  await desk.tend();
  expect(getDebt).toHaveBeenCalledTimes(2);
  await desk.tend();
  expect(getDebt).toHaveBeenCalledTimes(2);
  await deskOver('dropped').tend();
  expect(getDebt).toHaveBeenCalledTimes(2);
});

it('goes on where somebody else was first, and tells of any other failure', async () => {
  const desk = deskOver('slashed');
  vi.mocked(collectDebt).mockRejectedValueOnce(new AssayError('CHAIN_NOTHING_TO_COLLECT', 'taken'));
  await desk.tend();
  expect(told).toEqual([]);
  vi.mocked(collectDebt).mockRejectedValueOnce(new AssayError('CHAIN_UNREACHABLE', 'gone'));
  await desk.tend();
  expect(told).toEqual([{ event: 'warning', code: 'CHAIN_UNREACHABLE', message: 'gone' }]);
  await desk.tend();
  expect(told.at(-1)).toMatchObject({ event: 'collected' });
});
