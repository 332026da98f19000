import { readFileSync } from 'node:fs';
import { decode } from '@ipld/dag-cbor';
import { Level } from 'level';
import { devnetAccount } from '../../src/chain/anvil.ts';
import type { Deployment } from '../../src/chain/deployment.ts';
import { AssayError } from '../../src/errors.ts';
import { runWorker } from '../../src/node/runWorker.ts';
import { buckets } from '../../src/store/buckets.ts';

// A worker that may be killed at any step: `node workerProgram.ts <settings file>`. Events are lines on stdout; an error is the last one.

export type WorkerProgramSettings = {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly jobId: number;
  /** Devnet account of the hot key. */
  readonly account: number;
  readonly storeDirectory: string;
  readonly ceremony: { readonly directory: string };
  readonly circuitDirectory: string;
  readonly peers: readonly string[];
  readonly attestationTimeoutMs: number;
  readonly transactionTimeoutMs?: number;
  readonly replaceAfterMs?: number;
  /** The worker takes leases of so many blocks or more. */
  readonly minLeaseBlocks?: number;
  /** Dies as it is about to journal this state, or as soon as it has. */
  readonly kill?: { readonly state: string; readonly when: 'before' | 'after' };
};

const [file] = process.argv.slice(2) as [string];
const settings = JSON.parse(readFileSync(file, 'utf8')) as WorkerProgramSettings;
const { kill } = settings;

/** States of submissions in a batch of sealed records (a digest of 16 bytes, then the record). */
function journaled(batch: readonly { readonly key: Uint8Array; readonly value?: Uint8Array }[]): string[] {
  return batch
    .filter(({ key, value }) => key[0] === buckets.submissions && value !== undefined)
    .map(({ value }) => decode<{ state: string }>(new Uint8Array((value as Uint8Array).subarray(16))).state);
}

if (kill !== undefined) {
  type Batch = (this: unknown, batch: never, options: never) => Promise<void>;
  const prototype = Level.prototype as unknown as { batch: Batch };
  const { batch: write } = prototype;
  prototype.batch = async function (batch, options) {
    const hit = journaled(batch).includes(kill.state);
    if (hit && kill.when === 'before') process.kill(process.pid, 'SIGKILL');
    await write.call(this, batch, options);
    if (hit) process.kill(process.pid, 'SIGKILL');
  };
}

const say = (line: unknown): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`);
};
const controller = new AbortController();
process.once('SIGTERM', () => controller.abort());
try {
  const { state, settled } = await runWorker({
    ...settings,
    jobId: BigInt(settings.jobId),
    account: devnetAccount(settings.account),
    listen: [],
    peerKey: new Uint8Array(32).fill(settings.account),
    turnMs: 0,
    ...(settings.minLeaseBlocks === undefined ? {} : { terms: { minLeaseBlocks: settings.minLeaseBlocks } }),
    threads: 1,
    emit: say,
    signal: controller.signal,
  });
  say({ event: 'ended', state, settled });
} catch (error) {
  const { code, exitCode, message } = error as AssayError;
  say({ event: 'failed', code: error instanceof AssayError ? code : `UNTYPED ${(error as Error).stack}`, message });
  process.exitCode = error instanceof AssayError ? exitCode : 70;
}
