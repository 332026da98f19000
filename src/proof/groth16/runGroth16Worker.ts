import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AssayError } from '../../errors.ts';

/** What the child process can be asked for, and what comes back. */
export type Groth16Tasks = {
  /** Writes the dev powers of tau; sha256 of the file. */
  'dev-ptau': { readonly task: { readonly path: string; readonly power: number }; readonly result: string };
  /** Writes a key under the dev ceremony; sha256 of the file. */
  'dev-zkey': { readonly task: { readonly r1cs: string; readonly path: string; readonly contribute: boolean }; readonly result: string };
  /** snarkjs' `zkey new`: the key before any contribution. */
  'zkey-new': { readonly task: { readonly r1cs: string; readonly ptau: string; readonly path: string }; readonly result: true };
  'zkey-contribute': {
    readonly task: { readonly from: string; readonly path: string; readonly name: string; readonly entropy: string };
    readonly result: true;
  };
  'zkey-beacon': {
    readonly task: {
      readonly from: string;
      readonly path: string;
      readonly name: string;
      readonly hash: string;
      readonly iterationsExp: number;
    };
    readonly result: true;
  };
  /** snarkjs' `zkey verify`: false where anything of the key does not follow from r1cs, powers of tau and contributions. */
  'zkey-verify': {
    readonly task: { readonly r1cs: string; readonly ptau: string; readonly zkey: string };
    readonly result: { readonly valid: boolean; readonly why: string };
  };
  /** A proof as snarkjs writes it. */
  prove: {
    readonly task: { readonly zkey: string; readonly wtns: Uint8Array };
    readonly result: { readonly proof: unknown; readonly publicSignals: unknown };
  };
};

/** What the child sends. */
export type Groth16Message =
  | { readonly progress: { readonly done: number; readonly total: number; readonly what: string } }
  | { readonly result: unknown }
  | {
      readonly error: { readonly code: string; readonly message: string; readonly details: string | undefined; readonly exitCode: number };
    };

export type Groth16Progress = (done: number, total: number, what: string) => void;

/**
 * Runs one step of snarkjs, or one of our own that computes for seconds, in a process of its own: ffjavascript crashes inside worker threads, and
 * snarkjs keeps threads alive that would hold this process open.
 *
 * @throws GROTH16_WORKER_FAILED; errors that the step throws on purpose come through with their code
 */
export function runGroth16Worker<K extends keyof Groth16Tasks>(
  task: { readonly operation: K } & Groth16Tasks[K]['task'],
  onProgress?: Groth16Progress,
): Promise<Groth16Tasks[K]['result']> {
  const here = fileURLToPath(import.meta.url);
  const child = fork(here.replace(/runGroth16Worker\.(ts|js)$/, 'groth16Worker.$1'), [], {
    // snarkjs prints to stdout.
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--max-old-space-size=8192', '--no-warnings'],
    serialization: 'advanced',
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    const failed = (why: string, cause?: unknown): void =>
      reject(
        new AssayError('GROTH16_WORKER_FAILED', `${task.operation} failed (${why})`, {
          ...(cause === undefined ? {} : { cause }),
          details: stderr,
          hint: why === 'SIGKILL' ? 'The machine ran out of memory: choose a smaller circuit.' : 'This is a bug: please report it.',
        }),
      );
    child.on('message', (message: Groth16Message) => {
      if ('progress' in message) onProgress?.(message.progress.done, message.progress.total, message.progress.what);
      else if ('result' in message) resolve(message.result as Groth16Tasks[K]['result']);
      else {
        const { code, message: text, details, exitCode } = message.error;
        reject(new AssayError(code, text, { exitCode, ...(details === undefined ? {} : { details }) }));
      }
    });
    child.once('error', (cause) => failed(cause.message, cause));
    child.once('close', (code, signal) => failed(signal ?? `exit code ${code}`));
    child.send(task, (error) => {
      if (error !== null) failed(error.message, error);
    });
  });
}
