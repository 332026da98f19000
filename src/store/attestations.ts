import { AssayError } from '../errors.ts';
import { buckets } from './buckets.ts';
import type { GuardedDatabase, Value } from './guardedDatabase.ts';
import { keyBytes } from './keyBytes.ts';
import type { Hex } from './submissionState.ts';

/** What this validator has found and signed. */
export type AttestationRecord = {
  submissionId: Hex;
  /** Of the statement that was judged: a true proof of another one says nothing about it. */
  statementHash: Hex;
  proofHash: Hex;
  /** `accept`, or the code of the refusal. */
  verdict: string;
  /** The attestation as it goes over the wire. */
  message: Uint8Array;
};

/** A validator's journal: one verdict a statement and proof, for good. */
export type Attestations = {
  /** Durable when it resolves; publish only then. Throws STORE_CONFLICT where another verdict was signed: a validator must not say both. */
  record(attestation: AttestationRecord): Promise<void>;
  get(submissionId: Hex, statementHash: Hex, proofHash: Hex): Promise<AttestationRecord | undefined>;
  all(): Promise<AttestationRecord[]>;
};

const keyOf = (submissionId: Hex, statementHash: Hex, proofHash: Hex) =>
  keyBytes([
    { value: submissionId, bytes: 32 },
    { value: statementHash, bytes: 32 },
    { value: proofHash, bytes: 32 },
  ]);

/** The attestations in `database`. */
export function attestationsIn(database: GuardedDatabase): Attestations {
  const read = async (key: Uint8Array) => (await database.get(buckets.attestations, key)) as AttestationRecord | undefined;
  return {
    async record(attestation) {
      const key = keyOf(attestation.submissionId, attestation.statementHash, attestation.proofHash);
      return database.update(true, async () => {
        const known = await read(key);
        if (known !== undefined && known.verdict !== attestation.verdict) {
          throw new AssayError('STORE_CONFLICT', `Proof ${attestation.proofHash} was judged ${known.verdict}, not ${attestation.verdict}`);
        }
        const changes = known === undefined ? [{ bucket: buckets.attestations, key, value: attestation as unknown as Value }] : [];
        return { changes, result: undefined };
      });
    },
    get: async (submissionId, statementHash, proofHash) => read(keyOf(submissionId, statementHash, proofHash)),
    all: async () => (await database.entries(buckets.attestations)).map(({ value }) => value as AttestationRecord),
  };
}
