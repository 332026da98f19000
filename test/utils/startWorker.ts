import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WorkerProgramSettings } from './workerProgram.ts';

export type WorkerLine = { readonly event: string; readonly code?: string; readonly [key: string]: unknown };

export type StartedWorker = {
  readonly child: ChildProcess;
  readonly lines: readonly WorkerLine[];
  readonly ended: Promise<{
    readonly code: number | null;
    readonly signal: string | null;
    readonly lines: readonly WorkerLine[];
    readonly stderr: string;
  }>;
  /** Resolves at the first line with this event; rejects when the process ends before. */
  says(event: string): Promise<WorkerLine>;
};

let starts = 0;

/** Starts a worker in a process of its own. */
export function startWorker(settings: WorkerProgramSettings): StartedWorker {
  const file = join(settings.storeDirectory, `../worker-${process.pid}-${starts++}.json`);
  writeFileSync(file, JSON.stringify(settings));
  const child = spawn(process.execPath, [join(import.meta.dirname, 'workerProgram.ts'), file], { stdio: ['ignore', 'pipe', 'pipe'] });
  const lines: WorkerLine[] = [];
  const listeners = new Set<() => void>();
  let rest = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() as string;
    lines.push(...parts.map((line) => JSON.parse(line) as WorkerLine));
    for (const listener of listeners) listener();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    for (const listener of listeners) listener();
    return { code: code as number | null, signal: signal as string | null, lines, stderr };
  });
  return {
    child,
    lines,
    ended,
    says: (event) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => line.event === event);
          if (found !== undefined) resolve(found);
          else if (child.exitCode !== null || child.signalCode !== null) {
            reject(new Error(`the worker ended without saying ${event}: ${JSON.stringify(lines.slice(-3))} ${stderr}`));
          } else return;
          listeners.delete(look);
        };
        listeners.add(look);
        look();
      }),
  };
}
