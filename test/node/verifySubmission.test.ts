import type { Hex } from 'viem';
import { beforeEach, expect, it, vi } from 'vitest';
import { contextOf, proofHash } from '../../src/commitment/ids.ts';
import { verifySubmission } from '../../src/node/verifySubmission.ts';
import { verifyProof } from '../../src/proof/verifyProof.ts';

// What a window's verification asks of the verifier; whether the verifier is right is for the tests of circuits to show.
const circuitId = `0x${'c1'.repeat(32)}` as Hex;
const submissionId = `0x${'5a'.repeat(32)}` as Hex;
const operator = '0x00000000000000000000000000000000000000aa';
const jobManager = '0x00000000000000000000000000000000000000cc';
const found = { proof: Uint8Array.of(1), opening: Uint8Array.of(2) };

vi.mock('../../src/proof/verifyProof.ts', () => ({ verifyProof: vi.fn() }));
vi.mock('../../src/proof/circuitIdOf.ts', () => ({ circuitIdOf: () => circuitId }));
vi.mock('../../src/chain/getCircuit.ts', () => ({ getCircuit: async () => ({ statementVerifier: jobManager }) }));

beforeEach(() => vi.clearAllMocks());

const lease = { operator, leaseNonce: 1n, registrationNonce: 2n } as const;
const parentId = 7n;
const terms = { jobId: 3n, circuitId, contributions: 1, steps: 4, datasetRoot: 11n, batchSeed: 12n };
const context = contextOf('train-window', {
  ...lease,
  chainId: 31337n,
  jobManager,
  jobId: 3n,
  windowIndex: 0n,
  contributionIndex: 0n,
  circuitId,
});
const window = {
  submissionId,
  operator,
  windowIndex: 0n,
  contributionIndex: 0n,
  statement: [context, parentId, 8n, 9n, 11n, 12n, 0n, 88n],
  proofHash: proofHash(found.proof, found.opening),
  provedIn: undefined,
};

/** Verifies the window of a job; the proof is true of weights that are open, or of hidden ones. */
const verify = (job: { readonly open: boolean }, proofIsOpen: boolean): Promise<readonly string[]> => {
  vi.mocked(verifyProof).mockImplementation(async ({ open }) => ({ valid: open === proofIsOpen, gas: 0 }));
  return verifySubmission({
    chain: { chainId: 31337 } as never,
    deployment: { addresses: { jobManager } } as never,
    job: { ...terms, ...job } as never,
    artifacts: { honkVerifier: { runtime: '0x' }, shapeBytes: '0x' } as never,
    window: window as never,
    lease,
    parentId,
    findProof: async () => found,
  });
};

it.each([true, false])('a proof is judged by whether its job’s weights are open: %s', async (open) => {
  expect(await verify({ open }, open)).toEqual([]);
  expect(verifyProof).toHaveBeenCalledOnce();
  // One that is true of the other kind only is false.
  expect(await verify({ open }, !open)).toEqual(['its proof is false']);
});
