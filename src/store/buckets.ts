/**
 * First byte of every key in the database. A number is never used for anything else again, also after its bucket is gone.
 *
 * | bucket | key | value |
 * | --- | --- | --- |
 * | meta | `schema`, `state` | schema version; sequence, count and digest of all records |
 * | submissions | submission id | a worker's submission and its state |
 * | attestations | submission id, proof hash | what this validator signed |
 * | evidence | submission id, proof hash | a false proof and where its evidence stands |
 * | cursors | chain id (8 bytes), contract | the last blocks that were indexed |
 * | seats | submission id, seat (1 byte) | an attestation on chain: what its commitment hides |
 */
export const buckets = { meta: 0, submissions: 1, attestations: 2, evidence: 3, cursors: 4, seats: 5 } as const;

export type Bucket = (typeof buckets)[keyof typeof buckets];
