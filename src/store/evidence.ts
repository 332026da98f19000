import { AssayError } from '../errors.ts';
import { buckets } from './buckets.ts';
import { advanceEvidence, type Evidence, type EvidenceEvent, finalEvidenceStates, type NewEvidence } from './evidenceState.ts';
import type { GuardedDatabase, Value } from './guardedDatabase.ts';
import { keyBytes } from './keyBytes.ts';
import type { Hex } from './submissionState.ts';

/** A validator's journal of false proofs and of what became of their evidence. */
export type EvidenceJournal = {
  /** Enters a find; where it is known already, returns it as it stands. */
  found(evidence: NewEvidence): Promise<Evidence>;
  /** Journals an event and returns the evidence after it; durable when it resolves. Throws STORE_TRANSITION, STORE_UNKNOWN. */
  advance(submissionId: Hex, proofHash: Hex, event: EvidenceEvent): Promise<Evidence>;
  get(submissionId: Hex, proofHash: Hex): Promise<Evidence | undefined>;
  /** What a validator that starts again goes on with. */
  unfinished(): Promise<Evidence[]>;
  all(): Promise<Evidence[]>;
};

const keyOf = (submissionId: Hex, proofHash: Hex) =>
  keyBytes([
    { value: submissionId, bytes: 32 },
    { value: proofHash, bytes: 32 },
  ]);

/** The evidence in `database`. */
export function evidenceIn(database: GuardedDatabase): EvidenceJournal {
  const read = async (key: Uint8Array) => (await database.get(buckets.evidence, key)) as Evidence | undefined;
  const all = async () => (await database.entries(buckets.evidence)).map(({ value }) => value as Evidence);
  const store = (key: Uint8Array, evidence: Evidence) => ({
    changes: [{ bucket: buckets.evidence, key, value: evidence as unknown as Value }],
    result: evidence,
  });

  return {
    async found(evidence) {
      const key = keyOf(evidence.submissionId, evidence.proofHash);
      return database.update(true, async () => {
        const known = await read(key);
        return known === undefined ? store(key, { ...evidence, state: 'found' }) : { changes: [], result: known };
      });
    },
    async advance(submissionId, proofHash, event) {
      const key = keyOf(submissionId, proofHash);
      return database.update(true, async () => {
        const current = await read(key);
        if (current === undefined) throw new AssayError('STORE_UNKNOWN', `There is no evidence about proof ${proofHash}`);
        return store(key, advanceEvidence(current, event));
      });
    },
    get: async (submissionId, proofHash) => read(keyOf(submissionId, proofHash)),
    unfinished: async () => (await all()).filter(({ state }) => !finalEvidenceStates.has(state)),
    all,
  };
}
