import type { ChildProcess } from 'node:child_process';

/** How long an orderly end may take before it is cut off. */
const graceMs = 15_000;

export type Cleanup = {
  /** Aborted at the first Ctrl-C (or SIGTERM, SIGHUP): whoever waits should stop waiting. */
  readonly signal: AbortSignal;
  /** Registers what must be undone at the end; the last comes first. Returns a function that takes it off the list. */
  add(name: string, action: () => Promise<void> | void): () => void;
  /** Registers a child process: whatever happens, it does not outlive this one. */
  child(child: ChildProcess): void;
  /** Undoes everything; errors are reported, none stops the rest. */
  run(): Promise<void>;
};

/** One registry a process of what must not be left behind. */
export function createCleanup(report: (text: string) => void): Cleanup {
  const controller = new AbortController();
  const actions: { name: string; action: () => Promise<void> | void }[] = [];
  const children = new Set<ChildProcess>();
  let running: Promise<void> | undefined;

  const undo = async (): Promise<void> => {
    for (let next = actions.pop(); next !== undefined; next = actions.pop()) {
      const { name, action } = next;
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<never>((_, fail) => {
        timer = setTimeout(() => fail(new Error(`not done after ${graceMs / 1000} s`)), graceMs);
      });
      try {
        await Promise.race([Promise.resolve().then(action), late]);
      } catch (error) {
        report(`ending ${name}: ${(error as Error).message}`);
      } finally {
        clearTimeout(timer);
      }
    }
  };

  let signals = 0;
  const onSignal = (): void => {
    signals++;
    if (signals === 1) {
      report('stopping; press Ctrl-C again to force it');
      controller.abort();
      return;
    }
    process.exit(130);
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  process.on('exit', () => {
    for (const child of children) child.kill('SIGKILL');
  });

  return {
    signal: controller.signal,
    add(name, action) {
      const entry = { name, action };
      actions.push(entry);
      return () => {
        const at = actions.indexOf(entry);
        if (at >= 0) actions.splice(at, 1);
      };
    },
    child(child) {
      children.add(child);
      child.once('exit', () => children.delete(child));
    },
    run() {
      running ??= undo().finally(() => {
        running = undefined;
      });
      return running;
    },
  };
}
