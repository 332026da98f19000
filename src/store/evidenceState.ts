import { AssayError } from '../errors.ts';
import type { Attempt, Hex, Transaction } from './submissionState.ts';

type Found = {
  submissionId: Hex;
  proofHash: Hex;
  statementHash: Hex;
  /** The operator that signed the false statement. */
  operator: Hex;
  /** The announcement as it came over the wire: its signature is what slashes. */
  announcement: Uint8Array;
  proofCid: string;
  /** Code of the verifier's refusal. */
  code: string;
};
/** Drawn before the commitment is sent: without it the commitment cannot be opened. */
type Committing = { salt: Hex; commitment: Hex; commit: Transaction };

/** Evidence of a false proof: its hash is committed on chain, and revealed at least one block later. */
export type Evidence =
  | (Found & { state: 'found' })
  | (Found & Committing & { state: 'committing' })
  | (Found & Committing & { commitBlock: number; state: 'committed' })
  | (Found & Committing & { commitBlock: number; reveal: Transaction; state: 'revealing' })
  | (Found & Committing & { commitBlock: number; reveal: Transaction; transactionHash: Hex; blockNumber: number; state: 'slashed' })
  | (Found & Partial<Committing & { commitBlock: number; reveal: Transaction }> & { reason: string; state: 'dropped' });

export type EvidenceState = Evidence['state'];
export type NewEvidence = Found;

export type EvidenceEvent =
  /** Journal it before the transaction is broadcast for the first time. */
  | ({ type: 'committing'; salt: Hex; commitment: Hex; sender: Hex; nonce: number } & Attempt)
  | { type: 'committed'; blockNumber: number }
  | ({ type: 'revealing'; sender: Hex; nonce: number } & Attempt)
  /** Another transaction in place of the one under way, with the same nonce. */
  | ({ type: 'replaced'; nonce: number } & Attempt)
  | { type: 'slashed'; transactionHash: Hex; blockNumber: number }
  /** Nothing to gain any more, with a stable code why: another was first, or the transaction was mined and reverted. */
  | { type: 'dropped'; reason: string };

/** States from which nothing more happens. */
export const finalEvidenceStates: ReadonlySet<EvidenceState> = new Set(['slashed', 'dropped']);

/**
 * The evidence after `event`; pure.
 *
 * @throws STORE_TRANSITION where the event cannot follow
 */
export function advanceEvidence(current: Evidence, event: EvidenceEvent): Evidence {
  function refuse(why: string): never {
    throw new AssayError('STORE_TRANSITION', `Evidence that is ${current.state} cannot become ${event.type}`, {
      details: `${current.submissionId}: ${why}`,
    });
  }
  switch (event.type) {
    case 'committing': {
      if (current.state !== 'found') return refuse('it is committed once');
      const { salt, commitment, sender, nonce, transactionHash, raw } = event;
      return { ...current, salt, commitment, commit: { sender, nonce, attempts: [{ transactionHash, raw }] }, state: 'committing' };
    }
    case 'committed':
      if (current.state !== 'committing') return refuse('it must be committing');
      return { ...current, commitBlock: event.blockNumber, state: 'committed' };
    case 'revealing': {
      if (current.state !== 'committed') return refuse('it must be committed');
      const { sender, nonce, transactionHash, raw } = event;
      return { ...current, reveal: { sender, nonce, attempts: [{ transactionHash, raw }] }, state: 'revealing' };
    }
    case 'replaced': {
      const { nonce, transactionHash, raw } = event;
      const again = (transaction: Transaction): Transaction => {
        if (transaction.nonce !== nonce) return refuse(`nonce ${nonce} instead of ${transaction.nonce}`);
        return { ...transaction, attempts: [...transaction.attempts, { transactionHash, raw }] };
      };
      if (current.state === 'committing') return { ...current, commit: again(current.commit) };
      if (current.state === 'revealing') return { ...current, reveal: again(current.reveal) };
      return refuse('there is no transaction to replace');
    }
    case 'slashed': {
      if (current.state !== 'revealing') return refuse('it must be revealing');
      const { transactionHash, blockNumber } = event;
      return { ...current, transactionHash, blockNumber, state: 'slashed' };
    }
    case 'dropped':
      if (finalEvidenceStates.has(current.state)) return refuse('it has ended');
      return { ...current, reason: event.reason, state: 'dropped' } as Evidence;
    default:
      return refuse('unknown event');
  }
}
