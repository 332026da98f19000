import { homedir } from 'node:os';
import { join } from 'node:path';
import { createKzg } from '../src/commitment/kzg.ts';
import { openWindow } from '../src/commitment/opening.ts';
import { verifyOpening } from '../src/commitment/verifyOpening.ts';
import { ensureSrs } from '../src/proof/ceremony.ts';
import { someWeights, windowFixture } from '../test/utils/openingFixture.ts';

const blockLog = 15;
const rounds = 3;

/** Least of several rounds: what the machine can do when nothing disturbs it. */
async function best<T>(action: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  let seconds = Number.POSITIVE_INFINITY;
  let value!: T;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    value = await action();
    seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  return { seconds, value };
}

/** Seconds to commit a checkpoint, to open a window's claim and to verify the opening: least of three rounds. */
export async function benchOpen(args: readonly string[]): Promise<void> {
  const json = args.includes('--json');
  const directory = join(process.env['ASSAY_CACHE'] ?? join(process.env['ASSAY_HOME'] ?? join(homedir(), '.assay'), 'cache'), 'ceremony');
  const srs = await ensureSrs({ directory, points: 2 ** blockLog + 1 });
  const kzg = await createKzg(srs);
  const rows: {
    sizes: readonly number[];
    weights: 'open' | 'owner';
    commitSeconds: number;
    openSeconds: number;
    verifySeconds: number;
    bytes: number;
  }[] = [];
  for (const sizes of [
    [64, 32, 10],
    [196, 64, 10],
    [784, 128, 10],
  ]) {
    for (const open of [true, false]) {
      const fixture = await windowFixture(kzg, srs, { sizes, blockLog, open });
      const weights = someWeights('bench', sizes);
      const commit = await best(() => kzg.commitCheckpoint(sizes, blockLog, weights));
      const opening = await best(() => openWindow(kzg, fixture));
      const verify = await best(() => verifyOpening({ ...fixture, opening: opening.value }));
      if (!verify.value.valid) throw new Error(`the opening does not verify: ${verify.value.reason}`);
      rows.push({
        sizes,
        weights: open ? 'open' : 'owner',
        commitSeconds: commit.seconds,
        openSeconds: opening.seconds,
        verifySeconds: verify.seconds,
        bytes: opening.value.length,
      });
    }
  }
  await kzg.close();
  if (json) console.log(JSON.stringify({ blockLog, ceremony: srs.profile, rows }));
  else {
    console.log('model         weights  commit s  open s  verify s  bytes');
    for (const { sizes, weights, commitSeconds, openSeconds, verifySeconds, bytes } of rows) {
      const figures = [commitSeconds.toFixed(3).padStart(8), openSeconds.toFixed(3).padStart(6), verifySeconds.toFixed(3).padStart(8)];
      console.log(`${sizes.join('-').padEnd(12)}  ${weights.padEnd(7)}  ${figures.join('  ')}  ${bytes}`);
    }
  }
}
