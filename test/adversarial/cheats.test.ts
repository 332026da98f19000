import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cheats } from '../utils/adversaryCheats.ts';
import { type AdversaryDevnet, adversaryTerms, startAdversaryDevnet } from '../utils/adversaryDevnet.ts';
import { faultsOf, openStage, runCheat, runHonestly } from '../utils/adversaryRun.ts';

let devnet: AdversaryDevnet;

beforeAll(async () => {
  devnet = await startAdversaryDevnet();
});

afterAll(() => devnet?.close());

describe.each([1, 2])('seed %i', (seed) => {
  let stage: Awaited<ReturnType<typeof openStage>>;

  beforeAll(async () => {
    stage = await openStage(devnet, `cheats ${seed}`);
  });

  it('pays the honest worker, and the adversary for honest work with the same tools', async () => {
    expect(stage.paid).toBe(adversaryTerms.price);
    const control = await runHonestly(stage);
    expect(control).toEqual({ verdict: 'accept', evidence: 'CHAIN_EVIDENCE_IS_TRUE', gain: adversaryTerms.price });
  });

  it.each(cheats)('$name: refused by validator and contract, slashed, never paid', async (cheat) => {
    const result = await runCheat(stage, cheat);
    expect(result.attempts.length).toBeGreaterThan(0);
    expect(faultsOf(result)).toEqual([]);
  });
});

it('the list has twelve cheats, each of its own kind', () => {
  expect(new Set(cheats.map(({ name }) => name)).size).toBe(12);
});
