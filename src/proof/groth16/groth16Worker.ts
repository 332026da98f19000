// Child process of runGroth16Worker: takes one task, answers with progress and one result or error, and ends.
import type { Logger } from 'snarkjs';
import { AssayError } from '../../errors.ts';
import { writeDevPtau } from './devPtau.ts';
import { writeDevZkey } from './devZkey.ts';
import type { Groth16Message, Groth16Tasks } from './runGroth16Worker.ts';

type Task = { [K in keyof Groth16Tasks]: { readonly operation: K } & Groth16Tasks[K]['task'] }[keyof Groth16Tasks];

const send = (message: Groth16Message): Promise<void> => new Promise((sent) => process.send?.(message, () => sent()));
const progress = (done: number, total: number, what = ''): void => void send({ progress: { done, total, what } });

/** Progress and complaints of snarkjs, which it gives as text. */
let complaint = '';
let reported = 0;
const logger: Logger = {
  debug(text) {
    const found = /^(.*?):? *(\d+)\/(\d+)$/.exec(text);
    if (found === null || Date.now() - reported < 200) return;
    reported = Date.now();
    progress(Number(found[2]), Number(found[3]), found[1] as string);
  },
  info: () => undefined,
  warn: () => undefined,
  error(text) {
    complaint = text;
  },
};

async function run(task: Task): Promise<unknown> {
  if (task.operation === 'dev-ptau') return writeDevPtau(task.path, task.power, progress);
  if (task.operation === 'dev-zkey') return writeDevZkey(task.r1cs, task.path, task.contribute, progress);
  const { groth16, zKey } = await import('snarkjs');
  const made = (value: unknown): true => {
    if (value instanceof Uint8Array) return true;
    throw new AssayError('PHASE2_FAILED', `${task.operation} failed`, { details: complaint });
  };
  switch (task.operation) {
    case 'zkey-new':
      return made(await zKey.newZKey(task.r1cs, task.ptau, task.path, logger));
    case 'zkey-contribute':
      return made(await zKey.contribute(task.from, task.path, task.name, task.entropy, logger));
    case 'zkey-beacon':
      return made(await zKey.beacon(task.from, task.path, task.name, task.hash, task.iterationsExp, logger));
    case 'zkey-verify': {
      // snarkjs says some of its reasons on stdout only, and throws at files that it cannot read.
      try {
        const valid = await zKey.verifyFromR1cs(task.r1cs, task.ptau, task.zkey, logger);
        return { valid: valid === true, why: complaint };
      } catch (error) {
        return { valid: false, why: String(error) };
      }
    }
    case 'prove':
      return groth16.prove(task.zkey, { type: 'mem', data: task.wtns });
  }
}

// Nobody waits for the result any more.
process.once('disconnect', () => process.exit(1));
process.once('message', async (task: Task) => {
  try {
    await send({ result: await run(task) });
  } catch (error) {
    if (error instanceof AssayError) {
      const { code, message, details, exitCode } = error;
      await send({ error: { code, message, details, exitCode } });
    } else {
      await send({
        error: { code: 'GROTH16_WORKER_FAILED', message: `${task.operation} failed`, details: String((error as Error).stack), exitCode: 1 },
      });
    }
  }
  process.exit(0);
});
