import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import type { Poseidon2 } from '../../src/commitment/poseidon2.ts';
import type { CircuitInstance } from '../../src/proof/circuitInstance.ts';
import { compileSolidity } from '../../src/proof/compileSolidity.ts';
import type { HonkArtifacts } from '../../src/proof/honkArtifacts.ts';
import type { CompiledProgram } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import type { CircuitInputs } from '../../src/proof/windowWitness.ts';
import { type PlainProofs, plainProofs } from './plainProofs.ts';
import { type Acir, forceWitness, inputWitnesses, packWitness, readAcir, touched, type WitnessValues } from './windowAcir.ts';
import { editsOf, sampleOf, survivorsByConstraints, survivorsByProof, type WitnessEdit } from './windowEdits.ts';
import { compileMutants, type SourceEdit } from './windowMutant.ts';
import { honkVerdict, provedVerdict, type Verdict } from './windowVerdict.ts';

// Every single-signal edit of a solved witness must break a constraint. The solver runs hints again and refuses every edit, so it shows
// nothing: each edit is proved with bb, and the generated verifier decides.

export type EditedCircuitParameters = {
  readonly what: string;
  readonly instance: CircuitInstance;
  readonly artifacts: () => Promise<HonkArtifacts>;
  /** An honest witness: the circuit's inputs, and b, a, E. */
  readonly honest: () => Promise<{ readonly p2: Poseidon2; readonly inputs: CircuitInputs; readonly outputs: readonly bigint[] }>;
  /** Names of public inputs that no constraint speaks of: they say what the proof is for, and the proof alone binds them. */
  readonly bare?: readonly string[];
  /** Witnesses that are edited unless ASSAY_EDITS says how many, or `all`. */
  readonly sample: number;
  /** Of those around a planted hint. */
  readonly plantedSample: number;
  /**
   * Changes of the sources that plant one free hint: a bit that the prover may choose, 0 in the honest witness; used, constrained to be a bit, and
   * nothing more.
   */
  readonly plant: readonly SourceEdit[];
};

/** Declares the tests of edited witnesses of one circuit. */
export function describeEditedCircuit({
  what,
  instance,
  artifacts,
  honest,
  bare = [],
  sample,
  plantedSample,
  plant,
}: EditedCircuitParameters): void {
  const wanted = process.env['ASSAY_EDITS'] ?? String(sample);
  const everything = 24 * 3_600_000;
  let honk: UltraHonk;
  let plain: PlainProofs;
  let made: HonkArtifacts;
  let p2: Poseidon2;
  let inputs: CircuitInputs;
  let outputs: readonly bigint[];

  beforeAll(async () => {
    made = await artifacts();
    honk = await createUltraHonk({ srs: made.srs });
    plain = await plainProofs(made.srs);
    ({ p2, inputs, outputs } = await honest());
  });

  afterAll(async () => {
    await honk.close();
    await plain.close();
  });

  /** The honest witness of a circuit with these inputs, accepted by its verifier before anything is edited. */
  async function honestWitness(program: CompiledProgram, verifyingKey: Uint8Array, runtime: `0x${string}`): Promise<Edited> {
    const acir = readAcir(program);
    const { values, violated } = forceWitness(acir, p2, inputWitnesses(program, inputs), (name, _inputs, hinted) =>
      name.includes('to_radix') ? undefined : hinted.map(() => 0n),
    );
    expect(violated).toEqual([]);
    const signals = signalsOf(acir);
    // Every input and output is a signal of some constraint.
    const unbound = Object.keys(inputs).flatMap((name, i) => (bare.includes(name) ? [i] : []));
    expect(inputWitnesses(program, inputs).flatMap((_, i) => (signals.includes(i) ? [] : [i]))).toEqual(unbound);
    expect(acir.publicWitnesses.filter((i) => !signals.includes(i))).toEqual(unbound);
    expect(acir.returned.map((witness) => values[witness])).toEqual(outputs);
    let seen = 0;
    const said = await honkVerdict(runtime);
    const verdict: Verdict = async (proof) => {
      seen++;
      const accepted = await said(proof);
      // Whatever is accepted says what is true.
      if (accepted) expect(proof.publicInputs).toEqual(acir.publicWitnesses.map((witness) => values[witness]));
      return accepted;
    };
    const accepts = (witness: Uint8Array): Promise<boolean> => provedVerdict(honk, verdict, { program, verifyingKey }, witness);
    expect(await accepts(packWitness(values))).toBe(true);
    return { acir, signals, values, accepts, proofs: () => seen - 1 };
  }

  /** What the verifier accepts is the proof of the honest witness, byte for byte once blinding is left out; of what it refuses, it is not. */
  async function expectHonestProofs({
    program,
    values,
    edits,
    survivors,
  }: {
    readonly program: CompiledProgram;
    readonly values: WitnessValues;
    readonly edits: readonly WitnessEdit[];
    readonly survivors: readonly WitnessEdit[];
  }): Promise<void> {
    const of = ({ witness, value }: WitnessEdit): Promise<string> => plain.prove(program, packWitness(values.with(witness, value)));
    const honestProof = await plain.prove(program, packWitness(values));
    for (const edit of survivors) expect(await of(edit), names([edit]).join()).toBe(honestProof);
    const refused = edits.find((edit) => !survivors.includes(edit)) as WitnessEdit;
    expect(await of(refused), names([refused]).join()).not.toBe(honestProof);
  }

  describe(`edited witnesses of ${what}`, () => {
    test('every edit of every witness breaks a constraint of the compiled circuit', async () => {
      const { acir, signals, values } = await honestWitness(made.program, made.verifyingKey, made.honkVerifier.runtime);
      expect(signals.length).toBeGreaterThan(0.8 * acir.witnessCount);
      const edits = signals.flatMap((witness) => editsOf(values, witness, 'edit'));
      expect(edits.length).toBeGreaterThan(3.5 * signals.length);
      expect(names(survivorsByConstraints(acir, p2, values, edits))).toEqual([]);
    });

    test(
      `no edit of ${wanted} witnesses gives a proof that the verifier accepts`,
      async () => {
        const { acir, signals, values, accepts, proofs } = await honestWitness(made.program, made.verifyingKey, made.honkVerifier.runtime);
        const sampled = sampleOf('edited witnesses', wanted === 'all' ? signals.length : Number(wanted), signals.length).map(
          (i) => signals[i] as number,
        );
        // Among them at least one output of a permutation from which something follows.
        const permutation = acir.opcodes.find((opcode) => opcode.kind === 'poseidon2');
        const chosen = [...new Set([...sampled, ...(permutation?.kind === 'poseidon2' ? permutation.outputs.slice(0, 1) : [])])];
        const each = oneOfEach(made.program, acir, inputs).filter((witness) => signals.includes(witness) && !chosen.includes(witness));
        const edits = [
          ...chosen.flatMap((witness) => editsOf(values, witness, 'edit')),
          ...each.flatMap((witness) => editsOf(values, witness, 'edit').slice(0, 1)),
        ];
        expect(edits.length).toBeGreaterThan(3 * chosen.length + each.length);
        const survivors = await survivorsByProof(values, edits, accepts);
        console.log(
          `${edits.length} edits of ${chosen.length + each.length} of ${signals.length} witnesses: ${proofs()} gave a proof, ${survivors.length} were accepted`,
        );
        expect(names(survivors.filter(({ witness }) => !isCopied(acir, witness)))).toEqual([]);
        await expectHonestProofs({ program: made.program, values, edits, survivors });

        let followed = 0;
        for (const witness of chosen.filter((i) => isCopied(acir, i))) {
          const start = inputWitnesses(made.program, inputs);
          start[witness] = ((values[witness] as bigint) + 1n) % R;
          const forged = forceWitness(acir, p2, start);
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
      const { planted } = await compileMutants(instance, { planted: plant });
      const verifyingKey = await honk.verifyingKey(planted);
      const { runtime } = compileSolidity(await honk.solidityVerifier(verifyingKey), 'HonkVerifier');
      const { acir, signals, values, accepts } = await honestWitness(planted, verifyingKey, runtime);
      const hints = acir.opcodes.flatMap((opcode) => (opcode.kind === 'hint' && !opcode.name.includes('radix') ? opcode.outputs : []));
      expect(hints).toHaveLength(1);
      const [hint] = hints as [number];
      const edits = signals.flatMap((witness) => editsOf(values, witness, 'edit'));
      // From 0: of +1, -1, random and r - 1, only +1 is a bit.
      expect(names(survivorsByConstraints(acir, p2, values, edits))).toEqual([`${hint} +1`]);
      const near = acir.opcodes.flatMap((opcode) => (touched(opcode).includes(hint) ? touched(opcode) : []));
      const tried = [...new Set([...sampleOf('planted', plantedSample, signals.length).map((i) => signals[i] as number), ...near])];
      const around = tried.flatMap((witness) => editsOf(values, witness, 'edit'));
      const survivors = await survivorsByProof(values, around, accepts);
      const [copied, free] = [true, false].map((is) => survivors.filter(({ witness }) => isCopied(acir, witness) === is));
      expect(names(free as WitnessEdit[])).toEqual([`${hint} +1`]);
      // A hint that is free enters the proof: what tells copies from it is seen to tell them.
      await expectHonestProofs({ program: planted, values, edits: free as WitnessEdit[], survivors: copied as WitnessEdit[] });
    }, 600_000);
  });
}

type Edited = {
  acir: Acir;
  signals: readonly number[];
  values: WitnessValues;
  accepts: (witness: Uint8Array) => Promise<boolean>;
  proofs: () => number;
};

// The only witnesses whose edit alone the verifier accepts are outputs of a permutation. bb computes every permutation itself and ties the
// outputs to its own result by copying, so a value edited there never enters the proof: what is proved is the honest witness, as
// expectHonestProofs sees. That the outputs do bind is shown by changing one together with everything that follows from it.
const isCopied = (acir: Acir, witness: number): boolean =>
  acir.opcodes.some((opcode) => opcode.kind === 'poseidon2' && opcode.outputs.includes(witness));

/** The first witness of every input and of every hint: what a prover chooses, each edited at least once. */
function oneOfEach(program: CompiledProgram, acir: Acir, inputs: CircuitInputs): number[] {
  const { parameters } = program.abi as { parameters: readonly { name: string }[] };
  let next = 0;
  const starts = parameters.map(({ name }) => {
    const start = next;
    next += [inputs[name]].flat(Number.POSITIVE_INFINITY).length;
    return start;
  });
  expect(next).toBe(inputWitnesses(program, inputs).length);
  return [...starts, ...acir.opcodes.flatMap((opcode) => (opcode.kind === 'hint' ? opcode.outputs.slice(0, 1) : []))];
}

/** Witnesses that some operation speaks of; the compiler leaves other numbers unused. */
function signalsOf(acir: Acir): number[] {
  return [...new Set(acir.opcodes.flatMap(touched))].sort((x, y) => x - y);
}

const names = (edits: readonly WitnessEdit[]): string[] => edits.map(({ witness, edit }) => `${witness} ${edit}`);
