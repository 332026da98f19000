import { buckets } from './buckets.ts';
import type { GuardedDatabase, Value } from './guardedDatabase.ts';
import { keyBytes } from './keyBytes.ts';
import type { Hex } from './submissionState.ts';

/** A block that was indexed. */
export type IndexedBlock = { number: number; hash: Hex };

/** How far the events of a contract have been read. */
export type Cursors = {
  /** The last blocks that were indexed, oldest first; empty at first. A block whose hash the chain no longer has was reorganised away. */
  get(chainId: number, contract: Hex): Promise<readonly IndexedBlock[]>;
  /** Not synced to the disk: blocks lost with the power are read again. Keeps the last 64. */
  set(chainId: number, contract: Hex, blocks: readonly IndexedBlock[]): Promise<void>;
};

const kept = 64;

function keyOf(chainId: number, contract: Hex): Uint8Array {
  return keyBytes([
    { value: `0x${chainId.toString(16).padStart(16, '0')}`, bytes: 8 },
    { value: contract, bytes: 20 },
  ]);
}

/** The cursors in `database`. */
export function cursorsIn(database: GuardedDatabase): Cursors {
  return {
    async get(chainId, contract) {
      return ((await database.get(buckets.cursors, keyOf(chainId, contract))) as readonly IndexedBlock[] | undefined) ?? [];
    },
    async set(chainId, contract, blocks) {
      const value = blocks.slice(-kept) as readonly Value[];
      await database.update(false, async () => ({
        changes: [{ bucket: buckets.cursors, key: keyOf(chainId, contract), value }],
        result: undefined,
      }));
    },
  };
}
