import type { Hex } from 'viem';
import { beforeEach, expect, it, vi } from 'vitest';
import { revealAttestation } from '../../src/chain/revealAttestation.ts';
import { settleSeat } from '../../src/chain/settleSeat.ts';
import { createSeatDesk } from '../../src/node/seatDesk.ts';

// One seat that this validator has committed, of a submission of block 100 with a silence of 41 blocks and 10 to answer.
const submissionId = `0x${'5a'.repeat(32)}` as Hex;
const operator = '0x00000000000000000000000000000000000000aa';
const record = { submissionId, seat: 0, jobId: 1, digest: `0x${'01'.repeat(32)}`, salt: `0x${'02'.repeat(32)}`, settled: false };
const seen = vi.hoisted(() => ({ seat: 'committed', lease: 'submitted' }));

vi.mock('../../src/chain/getSubmission.ts', () => ({ getSubmission: async () => ({ submittedAt: 100n, proved: false }) }));
vi.mock('../../src/chain/getLease.ts', () => ({ getLease: async () => ({ state: seen.lease }) }));
vi.mock('../../src/chain/getSeat.ts', () => ({ getSeat: async () => ({ state: seen.seat, operator }) }));
vi.mock('../../src/chain/getJob.ts', () => ({
  getJob: async () => ({ mode: 'optimistic', validators: 1, finalityBlocks: 41, answerBlocks: 10 }),
}));
vi.mock('../../src/chain/revealAttestation.ts', () => ({ revealAttestation: vi.fn() }));
vi.mock('../../src/chain/settleSeat.ts', () => ({ settleSeat: vi.fn() }));

beforeEach(() => {
  vi.clearAllMocks();
});

/** What the desk does with `block` the latest one. */
async function tendAt(block: bigint): Promise<void> {
  const chain = { client: { getBlockNumber: async () => block } } as never;
  const seats = { open: async () => [record], settle: async () => undefined };
  await createSeatDesk({ chain, deployment: {} as never, store: { seats } as never }, operator, () => {}).tend();
}

// Committing ends with block 120: a digest that is revealed before could be copied.
it.each([
  [119n, 0],
  [120n, 1],
  [140n, 1],
  [141n, 0],
])('reveals no earlier than others can commit, and no later than counts: after block %s', async (block, times) => {
  [seen.seat, seen.lease] = ['committed', 'submitted'];
  await tendAt(block);
  expect(revealAttestation).toHaveBeenCalledTimes(times);
});

it.each([
  [150n, 0],
  [151n, 1],
])('settles the seat of what is final when its digest cannot be exposed any more: after block %s', async (block, times) => {
  [seen.seat, seen.lease] = ['revealed', 'finalized'];
  await tendAt(block);
  expect(settleSeat).toHaveBeenCalledTimes(times);
  expect(revealAttestation).not.toHaveBeenCalled();
});
