/** A map that forgets its oldest entry when it is full, and each entry `ttlMs` after it was set. */
export type BoundedMap<V> = {
  get(key: string): V | undefined;
  set(key: string, value: V): void;
  delete(key: string): void;
  keys(): string[];
};

/**
 * @param capacity most entries held at once
 * @param ttlMs how long an entry counts, in milliseconds
 * @param now milliseconds on any steady clock
 */
export function createBoundedMap<V>(capacity: number, ttlMs: number, now: () => number = () => performance.now()): BoundedMap<V> {
  const entries = new Map<string, { value: V; until: number }>();

  function dropExpired(): void {
    const time = now();
    // Every entry lives equally long and set() re-inserts, so the map is in order of expiry.
    for (const [key, entry] of entries) {
      if (entry.until > time) break;
      entries.delete(key);
    }
  }

  return {
    get(key) {
      dropExpired();
      return entries.get(key)?.value;
    },
    set(key, value) {
      dropExpired();
      entries.delete(key);
      entries.set(key, { value, until: now() + ttlMs });
      if (entries.size > capacity) entries.delete(entries.keys().next().value as string);
    },
    delete(key) {
      entries.delete(key);
    },
    keys() {
      dropExpired();
      return [...entries.keys()];
    },
  };
}
