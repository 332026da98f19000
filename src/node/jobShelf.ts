type Closable = { close(): Promise<void> };

/** What is open for jobs: circuits and provers take memory, so only a few stay open at once. */
export type JobShelf<T> = {
  /** Runs `action` with what is open for a job, opening it first where it is not; it stays open at least until `action` ends. */
  use<R>(jobId: bigint, action: (opened: T) => Promise<R>): Promise<R>;
  /** Lets go of a job, unless it is in use. */
  close(jobId: bigint): Promise<void>;
  closeAll(): Promise<void>;
};

/** A shelf that holds `limit` jobs, or all that are in use where those are more; the one longest unused goes first. */
export function createJobShelf<T extends Closable>(open: (jobId: bigint) => Promise<T>, limit: number): JobShelf<T> {
  /** In the order of their last use. */
  const entries = new Map<bigint, { readonly opened: Promise<T>; users: number }>();
  const close = async (jobId: bigint): Promise<void> => {
    const entry = entries.get(jobId);
    if (entry === undefined || entry.users > 0) return;
    entries.delete(jobId);
    await (await entry.opened.catch(() => undefined))?.close();
  };
  /** Makes room: before a job is opened, so that memory never holds one more than the limit for it. */
  const trim = async (room: number): Promise<void> => {
    for (const [jobId, { users }] of [...entries]) {
      if (entries.size <= room) return;
      if (users === 0) await close(jobId);
    }
  };
  return {
    async use(jobId, action) {
      let entry = entries.get(jobId);
      entries.delete(jobId);
      entry ??= { opened: trim(limit - 1).then(() => open(jobId)), users: 0 };
      entries.set(jobId, entry);
      entry.users++;
      try {
        const opened = await entry.opened.catch((error: unknown) => {
          // Another try at the next use, where its material could not be had.
          if (entries.get(jobId) === entry) entries.delete(jobId);
          throw error;
        });
        return await action(opened);
      } finally {
        entry.users--;
        await trim(limit);
      }
    },
    close,
    async closeAll() {
      const all = [...entries.values()];
      entries.clear();
      for (const { opened } of all) await (await opened.catch(() => undefined))?.close();
    },
  };
}
