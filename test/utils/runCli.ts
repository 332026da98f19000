import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';

const launcher = resolve(import.meta.dirname, '../../bin/assay.js');

export type CliResult = { readonly code: number | null; readonly stdout: string; readonly stderr: string };

export type StartedCli = {
  readonly child: ChildProcess;
  /** What stdout and stderr hold so far. */
  readonly output: { stdout: string; stderr: string };
  readonly ended: Promise<CliResult>;
  /** Resolves once stdout holds `text`; rejects when the process ends before. */
  stdoutHas(text: string): Promise<void>;
};

export type CliOptions = {
  /** Folder that stands for the user's home: settings of the machine stay out of the test. */
  readonly home: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly node?: string;
  readonly bin?: string;
};

/** Starts the real command line in a process of its own. */
export function startCli(args: readonly string[], options: CliOptions): StartedCli {
  const clean = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('ASSAY_')));
  const child = spawn(options.node ?? process.execPath, [options.bin ?? launcher, ...args], {
    cwd: options.cwd ?? options.home,
    env: { ...clean, NO_COLOR: '1', HOME: options.home, ASSAY_HOME: join(options.home, '.assay'), ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  const ended = new Promise<CliResult>((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, ...output }));
  });
  return {
    child,
    output,
    ended,
    stdoutHas(text) {
      return new Promise((done, fail) => {
        const look = (): void => {
          if (output.stdout.includes(text)) done();
        };
        child.stdout?.on('data', look);
        child.on('close', () => fail(new Error(`ended without '${text}':\n${output.stdout}${output.stderr}`)));
        look();
      });
    },
  };
}

/** Runs the real command line to its end. */
export function runCli(args: readonly string[], options: CliOptions): Promise<CliResult> {
  return startCli(args, options).ended;
}
