import { spawn } from 'node:child_process';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { AssayError } from '../../errors.ts';
import { checkProof } from './checkProof.ts';
import { encodeProof } from './encodeProof.ts';
import { readPublicSignals } from './readWtns.ts';
import { readZkey } from './readZkey.ts';
import { runGroth16Worker } from './runGroth16Worker.ts';

export type ProveGroth16Parameters = {
  /** Path of the proving key. */
  readonly zkey: string;
  /** The solved witness, in circom's .wtns format. */
  readonly wtns: Uint8Array;
  /** Path of a rapidsnark-compatible binary: called with ZKEY WTNS PROOF.json PUBLIC.json. Without it snarkjs proves. */
  readonly prover?: string;
  /** How long the binary may take, in milliseconds (default 10 minutes). */
  readonly timeoutMs?: number;
};

export type ProveGroth16ReturnType = {
  /** 256 bytes, as in docs/reference/encodings.md. */
  readonly proof: Uint8Array;
  readonly publicSignals: readonly bigint[];
};

/**
 * Proves a solved witness. Whoever made the proof, it is decoded strictly and checked against the key before it is returned.
 *
 * @throws PROVER_UNAVAILABLE, PROVER_FAILED, PROVER_TIMEOUT, PROVER_OUTPUT_INVALID of the user's binary; PROVE_FAILED where the proof is false;
 *   GROTH16_PROOF_MALFORMED, WITNESS_MALFORMED, ARTIFACT_CORRUPT, GROTH16_WORKER_FAILED
 */
export async function proveGroth16(parameters: ProveGroth16Parameters): Promise<ProveGroth16ReturnType> {
  const { zkey, wtns, prover, timeoutMs = 600_000 } = parameters;
  const { keyBytes, publicValues } = await readZkey(zkey);
  const publicSignals = readPublicSignals(wtns, publicValues);
  const made =
    prover === undefined ? await runGroth16Worker({ operation: 'prove', zkey, wtns }) : await runBinary(prover, zkey, wtns, timeoutMs);
  const claimed = z.array(z.string()).safeParse(made.publicSignals);
  if (!claimed.success || claimed.data.join() !== publicSignals.join()) {
    throw new AssayError('PROVER_OUTPUT_INVALID', 'the prover wrote other public inputs than the witness has');
  }
  const proof = encodeProof(made.proof);
  if (!(await checkProof(keyBytes, publicSignals, proof))) {
    throw new AssayError('PROVE_FAILED', 'the proof that was made is false', {
      hint:
        prover === undefined
          ? 'The witness does not satisfy the circuit: is the key for this circuit?'
          : `Check ${prover}, or prove without it.`,
    });
  }
  return { proof, publicSignals };
}

async function runBinary(
  prover: string,
  zkey: string,
  wtns: Uint8Array,
  timeoutMs: number,
): Promise<{ proof: unknown; publicSignals: unknown }> {
  // The witness is secret: a folder that is this user's alone.
  const folder = await mkdtemp(join(tmpdir(), 'assay-prove-'));
  try {
    const [witness, proof, signals] = ['witness.wtns', 'proof.json', 'public.json'].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(witness, wtns, { mode: 0o600 });
    await run(prover, [zkey, witness, proof, signals], timeoutMs);
    return { proof: await readJson(proof), publicSignals: await readJson(signals) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run(prover: string, args: readonly string[], timeoutMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    // A process group of its own, so that what the binary starts ends with it.
    const child = spawn(prover, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: process.platform !== 'win32' });
    let stderr = '';
    let late = false;
    const kill = (): void => {
      try {
        if (child.pid !== undefined) process.kill(process.platform === 'win32' ? child.pid : -child.pid, 'SIGKILL');
      } catch {
        // It has ended meanwhile.
      }
    };
    const timer = setTimeout(() => {
      late = true;
      kill();
    }, timeoutMs);
    process.once('exit', kill);
    const done = (error?: AssayError): void => {
      clearTimeout(timer);
      process.off('exit', kill);
      if (error === undefined) resolve();
      else reject(error);
    };
    child.stderr.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-2000);
    });
    child.once('error', (cause) => done(new AssayError('PROVER_UNAVAILABLE', `cannot start ${prover}`, { cause, details: cause.message })));
    child.once('exit', (code, signal) => {
      kill();
      if (late) done(new AssayError('PROVER_TIMEOUT', `${prover} did not end within ${timeoutMs / 1000} s`));
      else if (code !== 0)
        done(new AssayError('PROVER_FAILED', `${prover} failed (${signal ?? `exit code ${code}`})`, { details: stderr }));
      else done();
    });
  });
}

/** A file of at most 1 MB as JSON. */
async function readJson(path: string): Promise<unknown> {
  const refuse = (cause: unknown): AssayError =>
    new AssayError('PROVER_OUTPUT_INVALID', 'the prover wrote no JSON', { cause, details: String(cause) });
  try {
    const file = await open(path);
    try {
      const { size } = await file.stat();
      if (size > 1 << 20) throw new RangeError(`${size} bytes`);
      return JSON.parse(await file.readFile('utf8'));
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw refuse(cause);
  }
}
