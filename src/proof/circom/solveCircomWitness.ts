import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AssayError } from '../../errors.ts';
import type { CircomInputs } from './witnessCalculator.ts';

type Answer = { witness: Uint8Array } | { code: string; message: string; details?: string };

/**
 * Solves a circom circuit's witness in a child process, so that a node keeps answering meanwhile.
 *
 * @param wasm the compiled circuit's program
 * @returns R1CS wires in order, 32 bytes each, little-endian
 * @throws WITNESS_UNSATISFIED, WITNESS_INPUTS, WITNESS_FAILED where the process died
 */
export function solveCircomWitness(wasm: Uint8Array, inputs: CircomInputs): Promise<Uint8Array> {
  const here = fileURLToPath(import.meta.url);
  const child = fork(here.replace(/solveCircomWitness\.(ts|js)$/, 'solveWorker.$1'), [], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    execArgv: ['--no-warnings'],
    serialization: 'advanced',
  });
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4000);
  });
  return new Promise((resolve, reject) => {
    const failed = (why: string): void =>
      reject(
        new AssayError('WITNESS_FAILED', `solving the witness failed (${why})`, {
          details: stderr,
          hint: 'Does the machine have enough memory?',
        }),
      );
    child.once('error', (error) => failed(error.message));
    child.once('message', (answer: Answer) => {
      if ('witness' in answer) resolve(answer.witness);
      else reject(new AssayError(answer.code, answer.message, answer.details === undefined ? {} : { details: answer.details }));
    });
    // After a message this changes nothing: a promise settles once.
    child.once('exit', (code, signal) => failed(signal ?? `exit code ${code}`));
    child.send({ wasm, inputs }, (error) => {
      if (error) failed(error.message);
    });
  });
}
