import { AssayError } from '../errors.ts';

/** Lowercase hexadecimal with 0x. */
export type Hex = `0x${string}`;

/** One signed transaction; `raw` can be broadcast again as often as needed. */
export type Attempt = { transactionHash: Hex; raw: Hex };

/** A transaction that must take effect at most once: all attempts spend the same nonce of the same sender. */
export type Transaction = { sender: Hex; nonce: number; attempts: readonly Attempt[] };

type Lease = {
  submissionId: Hex;
  chainId: number;
  jobManager: Hex;
  jobId: number;
  windowIndex: number;
  contributionIndex: number;
  leaseNonce: number;
  operator: Hex;
};
type Training = { checkpointCid: string };
type Proof = { statement: readonly Hex[]; proofHash: Hex; proofCid: string };
/** The announcement as it went over the wire. Made once: a second, different one could be held against its signer. */
type Announced = { announcement: Uint8Array };
/** Transactions of earlier tries that were mined and reverted. */
type Reverts = { reverted: readonly Hex[] };
/** The transaction that submitted it. */
type Mined = { transaction: Transaction; transactionHash: Hex; blockNumber: number };

/** A worker's submission; each state has all that the states before it had. */
export type Submission =
  | (Lease & { state: 'leased' })
  | (Lease & Training & { state: 'trained' })
  | (Lease & Training & Proof & { state: 'proved' })
  | (Lease & Training & Proof & Announced & Reverts & { state: 'announced' })
  | (Lease & Training & Proof & Announced & Reverts & { transaction: Transaction } & { state: 'submitting' })
  /** On chain without a verdict: an optimistic job's window, until it is final, rejected or orphaned. */
  | (Lease & Training & Proof & Announced & Reverts & Mined & { state: 'submitted' })
  | (Lease & Training & Proof & Announced & Reverts & Mined & { state: 'settled' })
  | (Lease & Partial<Training & Proof & Announced & Reverts> & { state: 'abandoned'; reason: string });

export type SubmissionState = Submission['state'];
export type NewSubmission = Lease;

/** What can happen to a submission. */
export type SubmissionEvent =
  | ({ type: 'trained' } & Training)
  | ({ type: 'proved' } & Proof)
  | ({ type: 'announced' } & Announced)
  /** Journal it before the transaction is broadcast for the first time. */
  | ({ type: 'submitting'; sender: Hex; nonce: number } & Attempt)
  /** Another transaction in place of the last, with the same nonce (a higher fee). */
  | ({ type: 'replaced'; nonce: number } & Attempt)
  /** An attempt was mined and reverted, its nonce is spent; the submission may be tried anew. */
  | { type: 'reverted'; transactionHash: Hex }
  | { type: 'submitted'; transactionHash: Hex; blockNumber: number }
  /** Paid: from `submitting` by the transaction that proved it, from `submitted` by whatever made it final. */
  | { type: 'settled'; transactionHash: Hex; blockNumber: number }
  /** Given up, with a stable code why: lease expired, released, parent orphaned. Not while a transaction could still take effect. */
  | { type: 'abandoned'; reason: string };

/** States from which nothing more happens. */
export const finalStates: ReadonlySet<SubmissionState> = new Set(['settled', 'abandoned']);

/**
 * The submission after `event`; pure.
 *
 * @throws STORE_TRANSITION where the event cannot follow: out of order, another nonce for a transaction that is under way, or a transaction not its own
 */
export function advanceSubmission(current: Submission, event: SubmissionEvent): Submission {
  function refuse(why: string): never {
    throw new AssayError('STORE_TRANSITION', `A submission that is ${current.state} cannot become ${event.type}`, {
      details: `${current.submissionId}: ${why}`,
    });
  }
  const { type, ...facts } = event;
  switch (event.type) {
    case 'trained':
      if (current.state !== 'leased') return refuse('training comes first');
      return { ...current, ...(facts as Training), state: 'trained' };
    case 'proved':
      if (current.state !== 'trained') return refuse('a proof follows training');
      return { ...current, ...(facts as Proof), state: 'proved' };
    case 'announced':
      if (current.state !== 'proved') return refuse('one announcement follows the proof');
      return { ...current, ...(facts as Announced), reverted: [], state: 'announced' };
    case 'submitting': {
      if (current.state !== 'announced') return refuse('it must be announced and without a transaction');
      const { sender, nonce, transactionHash, raw } = event;
      return { ...current, transaction: { sender, nonce, attempts: [{ transactionHash, raw }] }, state: 'submitting' };
    }
    case 'replaced': {
      if (current.state !== 'submitting') return refuse('there is no transaction to replace');
      if (event.nonce !== current.transaction.nonce)
        return refuse(`nonce ${event.nonce} instead of ${current.transaction.nonce} could take effect beside the first`);
      const { transactionHash, raw } = event;
      return { ...current, transaction: { ...current.transaction, attempts: [...current.transaction.attempts, { transactionHash, raw }] } };
    }
    case 'reverted': {
      if (current.state !== 'submitting') return refuse('there is no transaction');
      if (!current.transaction.attempts.some((attempt) => attempt.transactionHash === event.transactionHash))
        return refuse('not one of its transactions');
      const { transaction: _, ...rest } = current;
      return { ...rest, reverted: [...current.reverted, event.transactionHash], state: 'announced' };
    }
    case 'submitted': {
      if (current.state !== 'submitting') return refuse('there is no transaction');
      const { transactionHash, blockNumber } = event;
      return { ...current, transactionHash, blockNumber, state: 'submitted' };
    }
    case 'settled': {
      if (current.state !== 'submitting' && current.state !== 'submitted') return refuse('there is no transaction');
      // Settling is open to anyone, so the transaction need not be one of ours.
      const { transactionHash, blockNumber } = event;
      return { ...current, transactionHash, blockNumber, state: 'settled' };
    }
    case 'abandoned': {
      if (current.state === 'submitting') return refuse('its transaction could still take effect');
      if (finalStates.has(current.state)) return refuse('it has ended');
      return { ...current, reason: event.reason, state: 'abandoned' };
    }
    default:
      return refuse(`unknown event ${String(type)}`);
  }
}
