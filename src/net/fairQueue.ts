/** A bounded queue of work that treats owners alike. */
export type FairQueue<T> = {
  /** Queues `item` for `owner`; false where it was dropped at once. */
  push(owner: string, item: T): boolean;
  /** Items that wait. */
  size(): number;
  /** Drops what waits, takes nothing more, and resolves when running work has ended. */
  close(): Promise<void>;
};

export type FairQueueOptions<T> = {
  /** Most items that wait at once, over all owners. */
  capacity: number;
  /** Items worked on at once. */
  concurrency: number;
  /** Must handle its own errors; one that escapes goes to `onError` and the queue goes on. */
  work: (item: T) => Promise<void>;
  onError: (error: unknown) => void;
  onDrop: (item: T) => void;
};

/**
 * Owners are served in turn, each one's items in order. When the queue is full, the newest item of the owner with the most waiting is dropped
 * (the arriving one, where its owner is that one): so an owner that floods the queue displaces only itself.
 */
export function createFairQueue<T>({ capacity, concurrency, work, onError, onDrop }: FairQueueOptions<T>): FairQueue<T> {
  // In order of whose turn it is: an owner that was served goes to the end.
  const waiting = new Map<string, T[]>();
  const running = new Set<Promise<void>>();
  let size = 0;
  let closed = false;

  function next(): T | undefined {
    const first = waiting.entries().next();
    if (first.done) return undefined;
    const [owner, items] = first.value;
    const item = items.shift() as T;
    waiting.delete(owner);
    if (items.length > 0) waiting.set(owner, items);
    size--;
    return item;
  }

  function start(): void {
    while (running.size < concurrency && size > 0) {
      const item = next() as T;
      const job = (async () => work(item))()
        .catch(onError)
        .finally(() => {
          running.delete(job);
          start();
        });
      running.add(job);
    }
  }

  function longest(): string {
    let [owner, most] = ['', 0];
    for (const [candidate, items] of waiting) if (items.length > most) [owner, most] = [candidate, items.length];
    return owner;
  }

  return {
    push(owner, item) {
      if (closed) return false;
      if (size >= capacity && running.size >= concurrency) {
        const victim = longest();
        const queued = waiting.get(victim);
        if (queued === undefined || queued.length <= (waiting.get(owner)?.length ?? 0)) {
          onDrop(item);
          return false;
        }
        onDrop(queued.pop() as T);
        if (queued.length === 0) waiting.delete(victim);
        size--;
      }
      const items = waiting.get(owner);
      if (items === undefined) waiting.set(owner, [item]);
      else items.push(item);
      size++;
      start();
      return true;
    },
    size: () => size,
    async close() {
      closed = true;
      waiting.clear();
      size = 0;
      await Promise.all(running);
    },
  };
}
