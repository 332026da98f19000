import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import { compileSolidity } from '../../src/proof/compileSolidity.ts';
import type { CompiledProgram } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import type { WindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import { buildWindowWitness } from '../../src/proof/windowWitness.ts';
import { type Acir, forceWitness, inputWitnesses, packWitness, readAcir, touched, type WitnessValues } from '../utils/windowAcir.ts';
import { editsOf, sampleOf, survivorsByConstraints, survivorsByProof, type WitnessEdit } from '../utils/windowEdits.ts';
import { testInstance, type WindowCase, windowArtifactsOf, windowCase } from '../utils/windowFixture.ts';
import { compileMutants } from '../utils/windowMutant.ts';
import { honkVerdict, provedVerdict, type Verdict } from '../utils/windowVerdict.ts';

// Every single-signal edit of a solved witness must break a constraint. The solver runs hints again and refuses every edit, so it shows
// nothing: each edit is proved with bb, and the generated verifier decides. ASSAY_EDITS: how many witnesses are edited, or `all`.

const wanted = process.env['ASSAY_EDITS'] ?? '60';
const instance = testInstance([4, 3, 2], { treeDepth: 1 });
/** In the function `loss`. */
const plant = `let mut sum = 0;
    // Safety: none, on purpose.
    let free = unsafe { guess(errors[0][0]) };
    assert(free * free == free);
    for i in 0..B {`;
const everything = 24 * 3_600_000;

// Reviewed: the only witnesses whose edit alone the verifier accepts are outputs of a permutation. bb computes every permutation itself and
// ties the outputs to its own result by copying, so a value edited there never enters the proof: what is proved is the honest witness. That
// the outputs do bind is shown by changing one together with everything that follows from it, which must be refused.
const isCopied = (acir: Acir, witness: number): boolean =>
  acir.opcodes.some((opcode) => opcode.kind === 'poseidon2' && opcode.outputs.includes(witness));

let honk: UltraHonk;
let artifacts: WindowArtifacts;
let window: WindowCase;

beforeAll(async () => {
  artifacts = await windowArtifactsOf(instance);
  honk = await createUltraHonk({ srs: artifacts.srs });
  // A neuron inside its range, so that a free excess exists; others beyond both edges.
  window = await windowCase({ instance, label: 'edited witness', hidden: [60, -3, 140], output: [9, 30] });
});

afterAll(async () => {
  await honk.close();
});

type Edited = {
  acir: Acir;
  signals: readonly number[];
  values: WitnessValues;
  accepts: (witness: Uint8Array) => Promise<boolean>;
  proofs: () => number;
};

/** The honest witness of a circuit with the window's inputs, accepted by its verifier before anything is edited. */
async function honestWitness(program: CompiledProgram, verifyingKey: Uint8Array, runtime: `0x${string}`): Promise<Edited> {
  const acir = readAcir(program);
  const built = buildWindowWitness(window.p2, window);
  const { values, violated } = forceWitness(acir, window.p2, inputWitnesses(program, built.inputs), (name, _inputs, outputs) =>
    name.includes('to_radix') ? undefined : outputs.map(() => 0n),
  );
  expect(violated).toEqual([]);
  const signals = signalsOf(acir);
  // Every input and output is a signal of some constraint.
  expect(inputWitnesses(program, built.inputs).flatMap((_, i) => (signals.includes(i) ? [] : [i]))).toEqual([]);
  expect(acir.publicWitnesses.filter((i) => !signals.includes(i))).toEqual([]);
  expect(acir.returned.map((witness) => values[witness])).toEqual(built.outputs);
  let seen = 0;
  const said = await honkVerdict(runtime);
  const verdict: Verdict = (proof) => {
    seen++;
    return said(proof);
  };
  const accepts = (witness: Uint8Array): Promise<boolean> => provedVerdict(honk, verdict, { program, verifyingKey }, witness);
  expect(await accepts(packWitness(values))).toBe(true);
  return { acir, signals, values, accepts, proofs: () => seen - 1 };
}

/** Witnesses that some operation speaks of; the compiler leaves other numbers unused. */
function signalsOf(acir: Acir): number[] {
  return [...new Set(acir.opcodes.flatMap(touched))].sort((x, y) => x - y);
}

const names = (edits: readonly WitnessEdit[]): string[] => edits.map(({ witness, edit }) => `${witness} ${edit}`);

describe('edited witnesses of the window circuit', () => {
  test('every edit of every witness breaks a constraint of the compiled circuit', async () => {
    const { acir, signals, values } = await honestWitness(artifacts.program, artifacts.verifyingKey, artifacts.honkVerifier.runtime);
    expect(signals.length).toBeGreaterThan(0.8 * acir.witnessCount);
    const edits = signals.flatMap((witness) => editsOf(values, witness, 'edit'));
    expect(edits.length).toBeGreaterThan(3.5 * signals.length);
    expect(names(survivorsByConstraints(acir, window.p2, values, edits))).toEqual([]);
  });

  test(
    `no edit of ${wanted} witnesses gives a proof that the verifier accepts`,
    async () => {
      const { acir, signals, values, accepts, proofs } = await honestWitness(
        artifacts.program,
        artifacts.verifyingKey,
        artifacts.honkVerifier.runtime,
      );
      const chosen = sampleOf('edited witnesses', wanted === 'all' ? signals.length : Number(wanted), signals.length).map(
        (i) => signals[i] as number,
      );
      const edits = chosen.flatMap((witness) => editsOf(values, witness, 'edit'));
      expect(edits.length).toBeGreaterThan(3 * chosen.length);
      const survivors = await survivorsByProof(values, edits, accepts);
      console.log(
        `${edits.length} edits of ${chosen.length} of ${signals.length} witnesses: ${proofs()} gave a proof, ${survivors.length} were accepted`,
      );
      expect(names(survivors.filter(({ witness }) => !isCopied(acir, witness)))).toEqual([]);

      let followed = 0;
      for (const witness of chosen.filter((i) => isCopied(acir, i))) {
        const start = inputWitnesses(artifacts.program, buildWindowWitness(window.p2, window).inputs);
        start[witness] = ((values[witness] as bigint) + 1n) % R;
        const forged = forceWitness(acir, window.p2, start);
        expect(forged.violated).not.toEqual([]);
        if (forged.values.filter((value, i) => value !== values[i]).length === 1) continue;
        followed++;
        expect(await accepts(packWitness(forged.values)), `output ${witness} and what follows`).toBe(false);
      }
      expect(followed).toBeGreaterThan(0);
    },
    wanted === 'all' ? everything : 600_000,
  );

  test('a planted free hint is found', async () => {
    const { planted } = await compileMutants(instance, {
      // A bit that the prover may choose: used, constrained to be a bit, and nothing more.
      planted: [
        { file: 'fixed.nr', from: 'let mut sum = 0;\n    for i in 0..B {', to: plant },
        {
          file: 'fixed.nr',
          from: '// Sum of e^2 over a minibatch.',
          to: 'unconstrained fn guess(x: Field) -> Field {\n    if x == 7 { 1 } else { 0 }\n}\n',
        },
      ],
    });
    const verifyingKey = await honk.verifyingKey(planted);
    const { runtime } = compileSolidity(await honk.solidityVerifier(verifyingKey), 'HonkVerifier');
    const { acir, signals, values, accepts } = await honestWitness(planted, verifyingKey, runtime);
    const hints = acir.opcodes.flatMap((opcode) => (opcode.kind === 'hint' && !opcode.name.includes('radix') ? opcode.outputs : []));
    expect(hints).toHaveLength(1);
    const [hint] = hints as [number];
    const edits = signals.flatMap((witness) => editsOf(values, witness, 'edit'));
    // From 0: of +1, -1, random and r - 1, only +1 is a bit.
    expect(names(survivorsByConstraints(acir, window.p2, values, edits))).toEqual([`${hint} +1`]);
    const near = acir.opcodes.flatMap((opcode) => (touched(opcode).includes(hint) ? touched(opcode) : []));
    const sample = [...new Set([...sampleOf('planted', 12, signals.length).map((i) => signals[i] as number), ...near])];
    const survivors = await survivorsByProof(
      values,
      sample.flatMap((witness) => editsOf(values, witness, 'edit')),
      accepts,
    );
    expect(names(survivors.filter(({ witness }) => !isCopied(acir, witness)))).toEqual([`${hint} +1`]);
  });
});
