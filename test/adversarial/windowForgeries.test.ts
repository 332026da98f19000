import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { compileSolidity } from '../../src/proof/compileSolidity.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import type { WindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import { codeOf } from '../utils/codeOf.ts';
import { type Acir, describeOpcode, dropOpcodes, forceWitness, inputWitnesses, packWitness, readAcir } from '../utils/windowAcir.ts';
import { type WindowCase, windowArtifactsOf, windowCase } from '../utils/windowFixture.ts';
import { forgeryInstance, forgeryWindows, type WindowForgery, windowForgeries } from '../utils/windowForgeries.ts';
import { forgeWindow } from '../utils/windowForgery.ts';
import { honkVerdict, provedVerdict, type Verdict } from '../utils/windowVerdict.ts';

// Forged windows whose transcript is redone: everything but the lie itself agrees with it.

let honk: UltraHonk;
let artifacts: WindowArtifacts;
let acir: Acir;
let verdict: Verdict;
const forgeries: WindowForgery[] = await windowForgeries();

beforeAll(async () => {
  artifacts = await windowArtifactsOf(forgeryInstance);
  honk = await createUltraHonk({ srs: artifacts.srs });
  acir = readAcir(artifacts.program);
  verdict = await honkVerdict(artifacts.honkVerifier.runtime);
});

afterAll(async () => {
  await honk.close();
});

test.each(Object.entries(forgeryWindows))('the forger that does not lie is accepted: window %s', async (label, targets) => {
  const window: WindowCase = await windowCase({ instance: forgeryInstance, label, ...targets });
  const honest = forgeWindow({ window });
  expect(honest.changes).toBe(0);
  expect(honest.opened).toBe(honest.outputs[2]);
  const { values, violated } = forceWitness(acir, window.p2, inputWitnesses(artifacts.program, honest.inputs));
  expect(violated).toEqual([]);
  expect((await solveWitness(artifacts.program, honest.inputs)).outputs).toEqual(honest.outputs);
  expect(await provedVerdict(honk, verdict, artifacts, packWitness(values))).toBe(true);
});

describe.each(forgeries.map((forgery) => [forgery.name, forgery] as const))('%s', (_name, { breaks, forge }) => {
  test('is refused by exactly its constraints; without them it passes', async () => {
    const { p2 } = await windowCase({ instance: forgeryInstance, label: 'plain', ...forgeryWindows.plain });
    const forged = forge();
    const start = inputWitnesses(artifacts.program, forged.inputs);
    const { values, violated } = forceWitness(acir, p2, start);
    expect([...new Set(violated.map((index) => describeOpcode(acir, index)))].sort()).toEqual([...breaks].sort());
    expect(await codeOf(() => solveWitness(artifacts.program, forged.inputs))).toBe('WITNESS_UNSATISFIED');
    expect(await provedVerdict(honk, verdict, artifacts, packWitness(values))).toBe(false);

    const relaxed = dropOpcodes(artifacts.program, violated);
    expect((await solveWitness(relaxed, forged.inputs)).outputs).toEqual(forged.outputs);
    // The solver checks every constraint that is left. One of each kind is proved, too.
    if (forgeries.find((other) => other.breaks.join() === breaks.join())?.forge !== forge) return;
    const verifyingKey = await honk.verifyingKey(relaxed);
    const { runtime } = compileSolidity(await honk.solidityVerifier(verifyingKey), 'HonkVerifier');
    expect(await provedVerdict(honk, await honkVerdict(runtime), { program: relaxed, verifyingKey }, packWitness(values))).toBe(true);
  });
});
