import type { Hex } from 'viem';
import type { Attestation } from '../net/messages.ts';

/** Attestations that have come in, and whoever waits for one. */
export type AttestationDesk = {
  receive(attestation: Attestation): void;
  /** The first attestation of this proof; undefined once `timeoutMs` has passed or `signal` is aborted. */
  next(submissionId: Hex, proofHash: Hex, timeoutMs: number, signal: AbortSignal): Promise<Attestation | undefined>;
};

/** Remembers the latest `capacity` attested proofs. */
export function createAttestationDesk(capacity = 1024): AttestationDesk {
  const seen = new Map<string, Attestation>();
  const waiting = new Map<string, Set<(attestation: Attestation) => void>>();
  const keyOf = (submissionId: Hex, proofHash: Hex): string => `${submissionId}/${proofHash}`.toLowerCase();
  return {
    receive(attestation) {
      const key = keyOf(attestation.submissionId, attestation.proofHash);
      if (seen.has(key)) return;
      seen.set(key, attestation);
      const oldest = seen.keys().next();
      if (seen.size > capacity && oldest.done === false) seen.delete(oldest.value);
      for (const resolve of waiting.get(key) ?? []) resolve(attestation);
    },
    next(submissionId, proofHash, timeoutMs, signal) {
      const key = keyOf(submissionId, proofHash);
      const known = seen.get(key);
      if (known !== undefined) return Promise.resolve(known);
      return new Promise((resolve) => {
        const waiters = waiting.get(key) ?? new Set();
        waiting.set(key, waiters);
        const done = (attestation: Attestation | undefined): void => {
          clearTimeout(timer);
          signal.removeEventListener('abort', onAbort);
          waiters.delete(done);
          if (waiters.size === 0) waiting.delete(key);
          resolve(attestation);
        };
        const onAbort = (): void => done(undefined);
        const timer = setTimeout(() => done(undefined), timeoutMs);
        signal.addEventListener('abort', onAbort, { once: true });
        waiters.add(done);
      });
    },
  };
}
