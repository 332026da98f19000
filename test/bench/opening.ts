// Seconds to commit, open and verify a window of 784-128-10: node test/bench/opening.ts <folder with an SRS of 32,769 points> [rounds]
import { argv, stdout } from 'node:process';
import { createKzg } from '../../src/commitment/kzg.ts';
import { openWindow } from '../../src/commitment/opening.ts';
import { readSrs } from '../../src/commitment/srs.ts';
import { verifyOpening } from '../../src/commitment/verifyOpening.ts';
import { someWeights, windowFixture } from '../utils/openingFixture.ts';

const srs = await readSrs(argv[2] as string, 2 ** 15 + 1);
const kzg = await createKzg(srs);
const clock = async <T>(name: string, run: () => Promise<T>): Promise<T> => {
  const start = performance.now();
  const result = await run();
  stdout.write(`${name.padEnd(24)} ${((performance.now() - start) / 1000).toFixed(3)} s\n`);
  return result;
};
for (const [sizes, open] of [
  [[784, 128, 10], true],
  [[784, 128, 10], false],
  [[196, 64, 10], true],
] as const) {
  stdout.write(`${sizes.join('-')}, block 2^15, ${open ? 'open' : 'blinded'}\n`);
  const fixture = await windowFixture(kzg, srs, { sizes, blockLog: 15, open });
  for (let round = 0; round < Number(argv[3] ?? 2); round++) {
    const weights = someWeights(`round ${round}`, sizes);
    await clock('commit a checkpoint', () => kzg.commitCheckpoint(sizes, 15, weights));
    const opening = await clock('open', () => openWindow(kzg, fixture));
    const verdict = await clock('verify', () => verifyOpening({ ...fixture, opening }));
    if (!verdict.valid) throw new Error(verdict.reason);
  }
}
await kzg.close();
