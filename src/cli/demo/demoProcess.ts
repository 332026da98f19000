import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { AssayError } from '../../errors.ts';
import type { RoleEvent } from '../../node/roleEvent.ts';
import type { Cleanup } from '../framework/cleanup.ts';

/** One operating-system process of the demo. */
export type DemoProcess = {
  readonly role: string;
  readonly pid: number;
  /** Every event so far, with the time it came. */
  readonly events: readonly { readonly at: number; readonly event: RoleEvent }[];
  /** The first event that fits, as soon as it comes. Rejects where the process ends without it. */
  waitFor<E extends RoleEvent['event']>(name: E): Promise<Extract<RoleEvent, { event: E }>>;
  /** What it printed on stdout (JSON), once it has ended well. Throws DEMO_PROCESS_FAILED. */
  readonly result: Promise<unknown>;
  stop(): void;
};

export type StartDemoProcessParameters = {
  readonly role: string;
  /** Arguments for node: a program and its own arguments. */
  readonly argv: readonly string[];
  readonly cleanup: Cleanup;
  readonly onEvent: (role: string, event: RoleEvent) => void;
};

/** Starts a role as a process of its own, which ends with this one. Its stderr is a line of JSON for each event, its stdout one JSON object. */
export function startDemoProcess({ role, argv, cleanup, onEvent }: StartDemoProcessParameters): DemoProcess {
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  cleanup.child(child);
  const events: { at: number; event: RoleEvent }[] = [];
  const waiting = new Set<{ fits: (event: RoleEvent) => boolean; resolve: (event: RoleEvent) => void; reject: (error: Error) => void }>();
  let stdout = '';
  let lastWords = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      let event: RoleEvent;
      try {
        event = JSON.parse(line) as RoleEvent;
      } catch {
        lastWords = `${lastWords}\n${line}`.slice(-2_000);
        return;
      }
      events.push({ at: Date.now(), event });
      onEvent(role, event);
      for (const waiter of waiting) {
        if (!waiter.fits(event)) continue;
        waiting.delete(waiter);
        waiter.resolve(event);
      }
    });
  }
  const failed = (code: number | null, signal: string | null): AssayError => {
    const said = /"message":"([^"]+)"/.exec(stdout)?.[1];
    return new AssayError('DEMO_PROCESS_FAILED', `the ${role} ended with ${signal ?? `exit code ${code}`}`, {
      details: [said, lastWords.trim(), ...events.slice(-3).map(({ event }) => JSON.stringify(event))].filter((part) => part).join('\n'),
    });
  };
  const result = new Promise<unknown>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      for (const waiter of waiting) waiter.reject(failed(code, signal));
      waiting.clear();
      try {
        if (code === 0) {
          resolve(JSON.parse(stdout));
          return;
        }
      } catch {
        // Falls through: no JSON is a failure too.
      }
      reject(failed(code, signal));
    });
  });
  // Whoever awaits it sees the failure; until then it is nobody's unhandled rejection.
  result.catch(() => undefined);
  return {
    role,
    pid: child.pid ?? 0,
    events,
    result,
    waitFor<E extends RoleEvent['event']>(name: E) {
      const known = events.find(({ event }) => event.event === name);
      if (known !== undefined) return Promise.resolve(known.event as Extract<RoleEvent, { event: E }>);
      if (child.exitCode !== null) return Promise.reject(failed(child.exitCode, null));
      return new Promise((resolve, reject) => {
        waiting.add({ fits: (event) => event.event === name, resolve: resolve as (event: RoleEvent) => void, reject });
      });
    },
    stop: () => void child.kill('SIGTERM'),
  };
}
