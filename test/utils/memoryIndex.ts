import type { IndexEntry, IndexPosition, IndexQuery, IndexState, IndexStorage, KeyedEntry } from '../../src/chain/indexStorage.ts';

export type MemoryIndex = IndexStorage & {
  /** Everything, in order. */
  entries(): readonly IndexEntry[];
};

const compare = (a: IndexPosition, b: IndexPosition): number => a.block - b.block || a.logIndex - b.logIndex;

/** An index in memory, which refuses what a disk would keep twice. */
export function memoryIndex(): MemoryIndex {
  let state: IndexState | undefined;
  let entries: KeyedEntry[] = [];
  return {
    entries: () => entries.map(({ keys: _, ...entry }) => entry),
    state: async () => state,
    async append(added, next) {
      const last = entries.at(-1);
      for (const [i, entry] of added.entries()) {
        const before = added[i - 1] ?? last;
        if (before !== undefined && compare(before, entry) >= 0) throw new Error(`entry ${entry.block}.${entry.logIndex} out of order`);
      }
      entries = [...entries, ...added];
      state = next;
    },
    async rollBack(above, next) {
      entries = entries.filter(({ block }) => block <= above);
      state = next;
    },
    async reset(next) {
      entries = [];
      state = next;
    },
    async list({ key, ...query }) {
      return select(
        entries.filter(({ keys }) => keys.includes(key)),
        query,
      );
    },
    scan: async (query) => select(entries, query),
    async keys({ prefix, limit }) {
      const found = new Set(entries.flatMap(({ keys }) => keys.filter((key) => key.startsWith(prefix))));
      return [...found].sort().slice(0, limit);
    },
  };
}

function select(entries: readonly KeyedEntry[], { after, limit, newestFirst = false }: Omit<IndexQuery, 'key'>): IndexEntry[] {
  const direction = newestFirst ? -1 : 1;
  const found = entries.filter((entry) => after === undefined || direction * compare(entry, after) > 0);
  return (newestFirst ? found.toReversed() : found).slice(0, limit).map(({ keys: _, ...entry }) => entry);
}
