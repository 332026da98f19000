import { expect } from 'vitest';
import type { Poseidon2 } from '../../src/commitment/poseidon2.ts';
import { compileSolidity } from '../../src/proof/compileSolidity.ts';
import type { HonkArtifacts } from '../../src/proof/honkArtifacts.ts';
import { solveWitness } from '../../src/proof/solveWitness.ts';
import type { UltraHonk } from '../../src/proof/ultrahonk.ts';
import type { CircuitInputs } from '../../src/proof/windowWitness.ts';
import { codeOf } from './codeOf.ts';
import {
  type Acir,
  describeOpcode,
  dropOpcodes,
  forceWitness,
  type Hints,
  inputWitnesses,
  packWitness,
  type WitnessValues,
} from './windowAcir.ts';
import { honkVerdict, provedVerdict, type Verdict } from './windowVerdict.ts';

export type ForgedWitness = { readonly inputs: CircuitInputs; readonly outputs: readonly bigint[] };

/** What the compiler says of a constraint that ties bits to the two-bit number that they are of. */
export const recomposed = 'Field failed to decompose into specified 2 limbs';

/** A compiled circuit in a prover and its verifier in an EVM. */
export type Bench = {
  readonly honk: UltraHonk;
  readonly artifacts: HonkArtifacts;
  readonly acir: Acir;
  readonly verdict: Verdict;
  readonly p2: Poseidon2;
};

/** A witness that does not lie is solved, proved and accepted. */
export async function expectAccepted({ honk, artifacts, acir, verdict, p2 }: Bench, honest: ForgedWitness): Promise<void> {
  const { values, violated } = forceWitness(acir, p2, inputWitnesses(artifacts.program, honest.inputs));
  expect(violated).toEqual([]);
  expect((await solveWitness(artifacts.program, honest.inputs)).outputs).toEqual(honest.outputs);
  expect(await provedVerdict(honk, verdict, artifacts, packWitness(values))).toBe(true);
}

/**
 * A forged witness breaks exactly the constraints named; proved with bb it is refused; without these constraints it passes, in the solver, and with
 * `proveRelaxed` as a proof that the relaxed circuit's own verifier accepts.
 */
export async function expectForgery(bench: Bench, forged: ForgedWitness, breaks: readonly string[], proveRelaxed: boolean): Promise<void> {
  const { honk, artifacts, acir, verdict, p2 } = bench;
  const { values, violated } = forceWitness(acir, p2, inputWitnesses(artifacts.program, forged.inputs));
  expect([...new Set(violated.map((index) => describeOpcode(acir, index)))].sort()).toEqual([...breaks].sort());
  expect(await codeOf(() => solveWitness(artifacts.program, forged.inputs))).toBe('WITNESS_UNSATISFIED');
  expect(await provedVerdict(honk, verdict, artifacts, packWitness(values))).toBe(false);

  const relaxed = dropOpcodes(artifacts.program, violated);
  expect((await solveWitness(relaxed, forged.inputs)).outputs).toEqual(forged.outputs);
  if (proveRelaxed) await expectRelaxed(bench, values, violated);
}

/**
 * Outputs of hints that are a prover's own break exactly the constraints named; proved with bb they are refused. Without these constraints the relaxed
 * circuit's verifier accepts them: nothing else stands in the way.
 */
export async function expectForgedHints(bench: Bench, inputs: CircuitInputs, hints: Hints, breaks: readonly string[]): Promise<void> {
  const { honk, artifacts, acir, verdict, p2 } = bench;
  const { values, violated } = forceWitness(acir, p2, inputWitnesses(artifacts.program, inputs), hints);
  expect([...new Set(violated.map((index) => describeOpcode(acir, index)))].sort()).toEqual([...breaks].sort());
  expect(await provedVerdict(honk, verdict, artifacts, packWitness(values))).toBe(false);
  await expectRelaxed(bench, values, violated);
}

/** Without the constraints at `violated` the witness is proved, and the relaxed circuit's own verifier accepts it. */
async function expectRelaxed({ honk, artifacts }: Bench, values: WitnessValues, violated: readonly number[]): Promise<void> {
  const relaxed = dropOpcodes(artifacts.program, violated);
  const verifyingKey = await honk.verifyingKey(relaxed);
  const { runtime } = compileSolidity(await honk.solidityVerifier(verifyingKey), 'HonkVerifier');
  expect(await provedVerdict(honk, await honkVerdict(runtime), { program: relaxed, verifyingKey }, packWitness(values))).toBe(true);
}
