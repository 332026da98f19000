import { describe, expect, it } from 'vitest';
import { driveToEnd, leftOver } from '../utils/driveToEnd.ts';
import { runPureTrace } from '../utils/runPureTrace.ts';
import { brokenInvariants, brokenSteps } from '../utils/traceInvariants.ts';

// Properties of the model alone; test/protocol/model.test.ts holds it against the contracts.

const traces = Number(process.env['ASSAY_MODEL_TRACES'] ?? '150');
const first = 1_000_000;

describe('settlement', () => {
  it(`row 16: conserves every wei, pays and slashes once, never goes back, and ends (${traces} traces)`, { timeout: 3_600_000 }, () => {
    for (let seed = first; seed < first + traces; seed++) {
      let paySupply: bigint | undefined;
      const trace = runPureTrace(seed, 60, (before, after, { action, error }) => {
        if (error !== undefined) {
          expect(after, `seed ${seed}: a refused ${action.kind} changes nothing`).toBe(before);
          return;
        }
        const pay = (Object.keys(before.balances).find((key) => !key.startsWith(before.world.token)) as string).split(
          '/',
        )[0] as `0x${string}`;
        paySupply ??= Object.entries(before.balances).reduce((sum, [key, amount]) => (key.startsWith(pay) ? sum + amount : sum), 0n);
        const broken = [...brokenInvariants(after, pay, paySupply), ...brokenSteps(before, after)];
        if (broken.length > 0) expect.fail(`seed ${seed}, after ${action.kind}:\n${broken.join('\n')}`);
      });
      expect(leftOver(driveToEnd(trace)), `seed ${seed}`).toEqual([]);
    }
  });
});
