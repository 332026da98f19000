import { createHash } from 'node:crypto';
import type { Store } from '../../src/store/openStore.ts';
import type { Hex, NewSubmission, SubmissionEvent } from '../../src/store/submissionState.ts';

export function hash(text: string): Hex {
  return `0x${createHash('sha256').update(text).digest('hex')}`;
}

export const contract = `0x${'c0'.repeat(20)}` as Hex;
export const sender = `0x${'5e'.repeat(20)}` as Hex;

export function leaseOf(windowIndex: number): NewSubmission {
  return {
    submissionId: hash(`submission ${windowIndex}`),
    chainId: 31337,
    jobManager: contract,
    jobId: 1,
    windowIndex,
    contributionIndex: 0,
    leaseNonce: 1,
    operator: sender,
  };
}

/** What happens to a submission whose worker is lucky, with `nonce` for its transaction. */
export function eventsOf(windowIndex: number, nonce: number): SubmissionEvent[] {
  return [
    { type: 'trained', checkpointCid: `checkpoint ${windowIndex}` },
    { type: 'proved', statement: [hash('word')], proofHash: hash(`proof ${windowIndex}`), proofCid: `proof ${windowIndex}` },
    { type: 'announced', announcement: new TextEncoder().encode(`announcement ${windowIndex}`) },
    {
      type: 'submitting',
      sender,
      nonce,
      transactionHash: hash(`transaction ${nonce} ${windowIndex}`),
      raw: `0x${windowIndex.toString(16).padStart(8, '0')}`,
    },
    { type: 'settled', transactionHash: hash(`transaction ${nonce} ${windowIndex}`), blockNumber: 100 + windowIndex },
  ];
}

/** Everything in the store as plain data, to compare. */
export async function dump(store: Store): Promise<unknown> {
  return {
    submissions: await store.submissions.all(),
    attestations: await store.attestations.all(),
    evidence: await store.evidence.all(),
    cursor: await store.cursors.get(31337, contract),
    blobs: await store.blobs.list(),
  };
}
