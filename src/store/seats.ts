import { AssayError } from '../errors.ts';
import { buckets } from './buckets.ts';
import type { GuardedDatabase, Value } from './guardedDatabase.ts';
import { keyBytes } from './keyBytes.ts';
import type { Hex } from './submissionState.ts';

/** An attestation on chain that this validator makes: what its commitment hides, so that it can be revealed. */
export type SeatRecord = {
  submissionId: Hex;
  seat: number;
  jobId: number;
  /** Of the proof's bytes, keyed by the operator. */
  digest: Hex;
  salt: Hex;
  commitment: Hex;
  /** Nothing more is to be done. */
  settled: boolean;
};

/** A validator's journal of the seats that it has taken. */
export type Seats = {
  /** Durable when it resolves; commit only then. Throws STORE_CONFLICT where the seat is known with another commitment. */
  take(seat: SeatRecord): Promise<SeatRecord>;
  /** Marks a seat settled. */
  settle(submissionId: Hex, seat: number): Promise<void>;
  get(submissionId: Hex, seat: number): Promise<SeatRecord | undefined>;
  /** Those that are not settled. */
  open(): Promise<SeatRecord[]>;
};

const keyOf = (submissionId: Hex, seat: number) =>
  keyBytes([
    { value: submissionId, bytes: 32 },
    { value: `0x${seat.toString(16).padStart(2, '0')}`, bytes: 1 },
  ]);

/** The seats in `database`. */
export function seatsIn(database: GuardedDatabase): Seats {
  const read = async (key: Uint8Array) => (await database.get(buckets.seats, key)) as SeatRecord | undefined;
  const write = (key: Uint8Array, seat: SeatRecord) => ({
    changes: [{ bucket: buckets.seats, key, value: seat as unknown as Value }],
    result: seat,
  });
  return {
    async take(seat) {
      const key = keyOf(seat.submissionId, seat.seat);
      return database.update(true, async () => {
        const known = await read(key);
        if (known === undefined) return write(key, seat);
        if (known.commitment !== seat.commitment)
          throw new AssayError('STORE_CONFLICT', `Seat ${seat.seat} of ${seat.submissionId} is known with another commitment`);
        return { changes: [], result: known };
      });
    },
    async settle(submissionId, seat) {
      const key = keyOf(submissionId, seat);
      await database.update(true, async () => {
        const known = await read(key);
        if (known === undefined) throw new AssayError('STORE_UNKNOWN', `There is no seat ${seat} of ${submissionId}`);
        return write(key, { ...known, settled: true });
      });
    },
    get: async (submissionId, seat) => read(keyOf(submissionId, seat)),
    open: async () => (await database.entries(buckets.seats)).map(({ value }) => value as SeatRecord).filter(({ settled }) => !settled),
  };
}
