import type { Hex } from 'viem';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { commitAttestation } from '../../src/chain/commitAttestation.ts';
import { demandProof } from '../../src/chain/demandProof.ts';
import { getDemand } from '../../src/chain/getDemand.ts';
import { getSubmission } from '../../src/chain/getSubmission.ts';
import { settle } from '../../src/chain/settle.ts';
import { statementHash } from '../../src/commitment/ids.ts';
import { createAncestors } from '../../src/node/ancestors.ts';
import { answerDemands } from '../../src/node/answerDemands.ts';
import { createDemandDesk } from '../../src/node/demandDesk.ts';
import { createSeatDesk } from '../../src/node/seatDesk.ts';

// The chain as these desks see it: one submission of an optimistic job that stands, with one validator's seat.
const submissionId = `0x${'5a'.repeat(32)}` as Hex;
const proofHash = `0x${'77'.repeat(32)}` as Hex;
const validator = '0x00000000000000000000000000000000000000aa';
const worker = '0x00000000000000000000000000000000000000bb';
const words = (lossSum: bigint) => [1n, 2n, 3n, 4n, 5n, 6n, 7n, lossSum];
const submitted = statementHash('train-window', words(8n));
const other = statementHash('train-window', words(9n));

vi.mock('../../src/chain/getSubmission.ts', () => ({ getSubmission: vi.fn() }));
vi.mock('../../src/chain/getSubmissionAt.ts', () => ({ getSubmissionAt: async () => submissionId }));
vi.mock('../../src/chain/getLease.ts', () => ({ getLease: async () => ({ state: 'submitted', operator: worker }) }));
vi.mock('../../src/chain/getJob.ts', () => ({
  getJob: async () => ({ mode: 'optimistic', validators: 1, finalityBlocks: 40, answerBlocks: 10 }),
}));
vi.mock('../../src/chain/getDrawn.ts', () => ({ getDrawn: async () => validator }));
vi.mock('../../src/chain/getSeat.ts', () => ({ getSeat: async () => ({ state: 'empty', operator: undefined }) }));
vi.mock('../../src/chain/commitAttestation.ts', () => ({ commitAttestation: vi.fn() }));
vi.mock('../../src/chain/getDemand.ts', () => ({ getDemand: vi.fn() }));
vi.mock('../../src/chain/demandProof.ts', () => ({ demandProof: vi.fn(async () => ({ hash: '0x01' })) }));
vi.mock('../../src/chain/settle.ts', () => ({ settle: vi.fn(async () => ({ hash: '0x02' })) }));
vi.mock('../../src/chain/getEvents.ts', () => ({
  getEvents: async () => [{ name: 'WindowSubmitted', args: { submissionId, jobId: 1n } }],
}));
vi.mock('../../src/proof/proofFile.ts', () => ({
  decodeProofFile: () => ({ proof: Uint8Array.of(1), opening: Uint8Array.of(2), statement: words(8n) }),
}));

const height = { now: 116n };
const chain = { chainId: 31337, client: { getBlockNumber: async () => height.now } } as never;
const deployment = { addresses: { jobManager: '0x00000000000000000000000000000000000000Cc' } } as never;
const emit = () => {};

beforeEach(() => {
  vi.clearAllMocks();
  height.now = 116n;
  vi.mocked(getDemand).mockResolvedValue(undefined);
  vi.mocked(getSubmission).mockResolvedValue({
    submissionId,
    statementHash: submitted,
    proofHash,
    resultId: 3n,
    submittedAt: 100n,
    proved: false,
    withheld: false,
  });
});

describe('a true proof of another statement than the one submitted, with the same bytes', () => {
  it.each([
    ['the one submitted', submitted, 1],
    ['another one', other, 0],
  ])('a seat is taken for %s only', async (_, judged, taken) => {
    const seats = { get: async () => undefined, take: async (record: object) => record, open: async () => [] };
    const desk = createSeatDesk({ chain, deployment, store: { seats } as never }, validator, emit);
    desk.found({ submissionId, jobId: 1n, statementHash: judged, proofHash, proof: Uint8Array.of(1), opening: Uint8Array.of(2) });
    await desk.tend();
    expect(commitAttestation).toHaveBeenCalledTimes(taken);
  });

  it.each([
    ['that was judged', 'accept', submitted, 0],
    ['of which another statement was judged', 'accept', other, 1],
    ['whose announcement came without its proof', 'PROOF_FILE_MISMATCH', submitted, 1],
  ])('a submission %s is demanded where nobody showed its proof', async (_, verdict, judged, demanded) => {
    height.now = 125n;
    const get = async (id: Hex, statement: Hex, hash: Hex) =>
      id === submissionId && statement === judged && hash === proofHash ? { verdict } : undefined;
    const desk = createDemandDesk({ chain, deployment, store: { attestations: { get } } as never }, undefined, emit);
    await desk.tend();
    expect(demandProof).toHaveBeenCalledTimes(demanded);
  });

  it.each([
    ['the one submitted', 8n, true],
    ['another one', 9n, false],
  ])('a worker builds on %s: %s, %s', async (_, lossSum, holds) => {
    const ancestors = createAncestors();
    const statement = words(lossSum).map((word) => `0x${word.toString(16).padStart(64, '0')}` as Hex);
    ancestors.receive({ submissionId, proofHash, statement } as never, 'peer');
    const judge = vi.fn(async () => ({ verdict: 'accept' as const, proof: undefined }));
    expect(await ancestors.hold({ chain, deployment }, { jobId: 1n, finalized: 0, submitted: 1 } as never, validator, judge)).toBe(holds);
    // Others say other things under the same name: the right one is still known.
    ancestors.receive({ submissionId, proofHash, statement: [...statement].reverse() } as never, 'peer');
    expect(await ancestors.hold({ chain, deployment }, { jobId: 1n, finalized: 0, submitted: 1 } as never, validator, judge)).toBe(holds);
  });
});

describe('answerDemands', () => {
  const journaled = {
    submissionId,
    chainId: 31337,
    jobManager: '0x00000000000000000000000000000000000000cc',
    state: 'submitted',
    proofCid: 'cid',
  };
  const run = async (submission: object, open: boolean): Promise<void> => {
    const ended = new AbortController();
    vi.mocked(getDemand).mockResolvedValue(open ? ({ open } as never) : undefined);
    const store = {
      submissions: {
        unfinished: async () => {
          ended.abort();
          return [submission];
        },
      },
      blobs: { get: async () => Uint8Array.of(0) },
    };
    await answerDemands({ chain, deployment, store: store as never }, emit, ended.signal);
  };

  it.each([
    ['a proof that is demanded', journaled, true, 1],
    ['one whose submission is on its way', { ...journaled, state: 'submitting' }, true, 1],
    ['not one that is not demanded', journaled, false, 0],
    ['not one of another deployment', { ...journaled, jobManager: worker }, true, 0],
    ['not one that was never submitted', { ...journaled, state: 'announced' }, true, 0],
  ])('posts %s', async (_, submission, open, times) => {
    await run(submission, open);
    expect(settle).toHaveBeenCalledTimes(times);
  });
});
