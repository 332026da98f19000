import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inv, mod, pow, R } from '../../src/commitment/field.ts';
import { batchIndex, tripleCount } from '../../src/commitment/merkle.ts';
import { compileSolidity } from '../../src/proof/compileSolidity.ts';
import { type CompiledProgram, solveWitness } from '../../src/proof/solveWitness.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import type { WindowArtifacts } from '../../src/proof/windowArtifacts.ts';
import { windowCircuitSource, windowLayout } from '../../src/proof/windowCircuit.ts';
import { buildWindowWitness } from '../../src/proof/windowWitness.ts';
import { codeOf } from '../utils/codeOf.ts';
import {
  type Acir,
  describeOpcode,
  dropOpcodes,
  forceWitness,
  inputWitnesses,
  packWitness,
  readAcir,
  touched,
} from '../utils/windowAcir.ts';
import { editsOf, sampleOf, survivorsByConstraints, survivorsByProof } from '../utils/windowEdits.ts';
import { testInstance, type WindowCase, windowArtifactsOf, windowCase } from '../utils/windowFixture.ts';
import {
  type ClipCells,
  type ForgedWindow,
  type ForgeParameters,
  forgedDataset,
  forgeWindow,
  looseLeaf,
  looseTriples,
  solvedSketches,
} from '../utils/windowForgery.ts';
import { circuitSources, compileMutants, type SourceEdit } from '../utils/windowMutant.ts';
import { honkVerdict, provedVerdict, type Verdict } from '../utils/windowVerdict.ts';

// Windows whose first layer goes in groups of three rows. Nine features: groups of three, of two and of one row.
const base = testInstance([9, 3, 6], { steps: 2, treeDepth: 2 });
const spec = { ...base.spec, fx: 1, fa: 1 };
const instance = { ...base, name: `${base.name}-grouped`, spec };
const triples = tripleCount(9);

const assertion = (message: string): SourceEdit => {
  const line = windowCircuitSource(instance)
    .split('\n')
    .find((text) => text.includes(`"${message}"`)) as string;
  return { file: 'main.nr', from: line.trim(), to: '' };
};
const absorbed = (edit: string): SourceEdit => ({
  file: 'main.nr',
  from: 'let a = sponge::hash(groups::TAG_TRANSCRIPT_GROUPS, absorbed);',
  to: `${edit} let a = sponge::hash(groups::TAG_TRANSCRIPT_GROUPS, absorbed);`,
});
const partsMessage = 'layer 0: A y differs from its parts';
const productMessage = 'layer 0: Z v differs from A y';
const mutantEdits = {
  parts: [assertion(partsMessage)],
  product: [assertion(productMessage)],
  'range of two': [
    { file: 'groups.nr', from: 'triples[t].assert_max_bit_size::<2 * FX>();', to: 'triples[t].assert_max_bit_size::<3 * FX>();' },
  ],
  'range of one': [
    { file: 'groups.nr', from: 'triples[t].assert_max_bit_size::<FX>();', to: 'triples[t].assert_max_bit_size::<2 * FX>();' },
  ],
  'parts in a': [absorbed(`for i in 1..${1 + 6 * instance.steps} { absorbed[i] = 0; }`)],
  'c in a': [absorbed('absorbed[0] = 0;')],
} as const satisfies Record<string, readonly SourceEdit[]>;

let honk: UltraHonk;
let artifacts: WindowArtifacts;
let acir: Acir;
let verdict: Verdict;
let window: WindowCase;
let mutants: Record<keyof typeof mutantEdits, CompiledProgram>;

beforeAll(async () => {
  artifacts = await windowArtifactsOf(instance);
  acir = readAcir(artifacts.program);
  honk = await createUltraHonk({ srs: artifacts.srs });
  verdict = await honkVerdict(artifacts.honkVerifier.runtime);
  window = await windowCase({ instance, label: 'grouped', gain: -1, hidden: [60, -3, 140], output: [5, 7, 16, 30, -4, 9] });
  mutants = await compileMutants(instance, mutantEdits);
}, 120_000);

afterAll(async () => {
  await honk.close();
});

/** One hidden cell that is not its z: a remainder one off. */
function falseCell(): NonNullable<ForgeParameters['clip']> {
  let done = false;
  return ({ l, s, k }, _f, [c, side, t, r]: ClipCells) => {
    if (done || l !== 0 || s !== 0 || k !== 0) return undefined;
    done = true;
    return [c, side, t, r > 0n ? r - 1n : r + 1n];
  };
}

const solved = async (program: CompiledProgram, forged: ForgedWindow): Promise<bigint[]> =>
  (await solveWitness(program, forged.inputs)).outputs;
const refusedBy = async (forged: ForgedWindow): Promise<string[]> => {
  expect(await codeOf(() => solveWitness(artifacts.program, forged.inputs))).toBe('WITNESS_UNSATISFIED');
  const { violated } = forceWitness(acir, window.p2, inputWitnesses(artifacts.program, forged.inputs));
  return [...new Set(violated.map((index) => describeOpcode(acir, index)))].sort();
};

test('groups are used where they pay, and never with fewer than two', () => {
  expect(windowLayout(instance).grouped).toBe(true);
  expect(windowLayout(base).grouped).toBe(false);
  expect(windowLayout({ ...instance, sizes: [1, 3, 6], steps: 60 }).grouped).toBe(false);
  expect(triples).toBe(4);
});

test('honest windows of every tail are solved; one is proved and accepted', async () => {
  for (const inputs of [7, 8]) {
    const other = { ...instance, name: `test-grouped-${inputs}`, sizes: [inputs, 3, 6] };
    expect(windowLayout(other).grouped).toBe(true);
    const program = (await windowArtifactsOf(other)).program;
    const made = await windowCase({ instance: other, label: `grouped ${inputs}`, gain: -1 });
    const built = buildWindowWitness(made.p2, made);
    expect((await solveWitness(program, built.inputs)).outputs).toEqual(built.outputs);
  }
  const built = buildWindowWitness(window.p2, window);
  const { witness, outputs } = await solveWitness(artifacts.program, built.inputs);
  expect(outputs).toEqual(built.outputs);
  const proof = await honk.prove(artifacts.program, artifacts.verifyingKey, witness);
  expect(await verdict(proof)).toBe(true);
  expect(await verdict({ ...proof, proof: proof.proof.with(200, (proof.proof[200] as number) ^ 1) })).toBe(false);
  // The forger that does not lie computes the same, and its E is what the commitments open to.
  const honest = forgeWindow({ window });
  expect(honest.inputs).toEqual(expect.objectContaining({ blinder: built.inputs['blinder'] }));
  expect(honest.outputs).toEqual(built.outputs);
  expect(honest.opened).toBe(honest.outputs[2]);
}, 120_000);

describe('each constraint of grouped rows refuses a forgery, and nothing else does', () => {
  test('Z v = A y: a false cell with the true parts', async () => {
    const forged = forgeWindow({ window, clip: falseCell() });
    expect(forged.changes).toBe(1);
    expect(await refusedBy(forged)).toEqual([productMessage]);
    expect(await solved(mutants.product, forged)).toEqual(forged.outputs);
    expect(forged.outputs[2]).toBe(forged.opened);
  });

  test('A y = its parts: a false cell with parts that fit it', async () => {
    const forged = forgeWindow({ window, clip: falseCell(), parts: (honest, c) => fitted(honest, c) });
    expect(await refusedBy(forged)).toEqual([partsMessage]);
    expect(await solved(mutants.parts, forged)).toEqual(forged.outputs);
    expect(forged.outputs[2]).toBe(forged.opened);
  });

  test.each([
    ['range of two', triples - 2, 2],
    ['range of one', triples - 1, 1],
  ] as const)('%s: a digit where no row stands', async (name, t, digit) => {
    // In the last step: earlier, the row that never was would take part in later steps.
    const [first, second] = [0, 1].map((k) =>
      batchIndex(window.p2, window.statement[5] as bigint, Number(window.statement[6]) + k, instance.treeDepth),
    );
    expect(first).not.toBe(second);
    const forged = forgeWindow({
      window,
      dataset: (honest) => honest.map((batch, i) => (i === second ? { ...batch, phantoms: [{ s: 1, t, digit, value: 1n }] } : batch)),
    });
    const width = digit * spec.fx;
    expect(await refusedBy(forged)).toEqual([`range ${width}`]);
    // b is as the forger says; the child's claim has the digit in a row that it never had.
    const outputs = await solved(mutants[name], forged);
    expect(outputs[0]).toBe(forged.outputs[0]);
    expect(outputs[2]).not.toBe(forged.opened);
  });

  test('a triple beyond the table is refused, as is a value that the table does not hold there', async () => {
    const beyond = forgeWindow({
      window,
      dataset: (honest) => honest.map((batch) => ({ ...batch, features: batch.features.with(7, 2n) })),
    });
    expect((beyond.inputs['triples'] as string[][][]).flat(2).some((x) => BigInt(x) >= 8n)).toBe(true);
    expect(await codeOf(() => solveWitness(artifacts.program, beyond.inputs))).toBe('WITNESS_UNSATISFIED');

    // Everything follows other features than those of the leaf: only the table stands in the way.
    const owned = forgedDataset(window);
    const painted = owned.map((batch) => ({ ...batch, features: batch.features.with(0, 1n - (batch.features[0] as bigint)) }));
    const truth = new Map(painted.map((batch, i) => [JSON.stringify(batch.features.map(String)) + String(batch.salt), owned[i]]));
    const honestBatch = (features: readonly bigint[], salt: bigint) => truth.get(JSON.stringify(features.map(String)) + String(salt));
    const forged = forgeWindow({
      window,
      dataset: () => painted,
      leaf: (batch) => looseLeaf(window.p2, honestBatch(batch.features, batch.salt) as typeof batch, spec.fx),
    });
    const inputs = structuredClone(forged.inputs);
    const shown = owned.map((batch) => looseTriples(batch, spec.fx).map((sample) => sample.map((x) => `0x${x.toString(16)}`)));
    const lied = painted.map((batch) =>
      JSON.stringify(looseTriples(batch, spec.fx).map((sample) => sample.map((x) => `0x${x.toString(16)}`))),
    );
    const wanted = forged.inputs['triples'] as string[][][];
    inputs['triples'] = wanted.map((step) => shown[lied.indexOf(JSON.stringify(step))]);
    const start = inputWitnesses(artifacts.program, inputs);
    // What the lied triples would read.
    const a = forged.outputs[1];
    const [p, q] = [pow(a, BigInt(triples)), pow(a, BigInt(2 * triples - 1))];
    const entries = wanted.flat(2).map((x) => mod((BigInt(x) & 1n) + ((BigInt(x) >> 1n) & 1n) * p + (BigInt(x) >> 2n) * q));
    const reads = acir.opcodes.flatMap((opcode) => (opcode.kind === 'read' ? [opcode] : []));
    expect(reads).toHaveLength(instance.steps * 2 * triples);
    reads.forEach(({ value }, i) => {
      start[value] = entries[i];
    });
    const { values, violated } = forceWitness(acir, window.p2, start);
    expect(violated.length).toBeGreaterThan(0);
    expect([...new Set(violated.map((index) => describeOpcode(acir, index)))]).toEqual(['read']);
    expect(acir.returned.map((witness) => values[witness])).toEqual(forged.outputs);
    expect(forged.outputs[2]).toBe(forged.opened);
    expect(await provedVerdict(honk, verdict, artifacts, packWitness(values))).toBe(false);
    const relaxed = dropOpcodes(artifacts.program, violated);
    const verifyingKey = await honk.verifyingKey(relaxed);
    const { runtime } = compileSolidity(await honk.solidityVerifier(verifyingKey), 'HonkVerifier');
    expect(await provedVerdict(honk, await honkVerdict(runtime), { program: relaxed, verifyingKey }, packWitness(values))).toBe(true);
  }, 120_000);

  test('no constraint of groups.nr and of its equations is left out', () => {
    const sources = circuitSources(instance);
    const lines = [sources['groups.nr'] as string, sources['main.nr'] as string].flatMap((text) => text.split('\n'));
    const counted = lines.filter(
      (line) => /\bassert\(|assert_max_bit_size/.test(line) && !line.includes('layer 1') && !line.includes('loss'),
    );
    // The range of a whole triple is implied by the table, and stands for it; two further ranges; two equations.
    expect(counted).toHaveLength(5);
  });
});

/** Parts of the first step that fit a remainder which is one off: the change of Z v, which the first sample's power of c multiplies. */
function fitted(honest: readonly (readonly bigint[])[], c: bigint, undo = 0n): bigint[][] {
  const { r } = offBy();
  const off = mod(r * c);
  return honest.map((step, k) =>
    k > 0 ? [...step] : step.map((part, i) => (i === 0 ? mod(part + off) : i === 3 && undo !== 0n ? mod(part - off * inv(undo)) : part)),
  );
}

/** By how much the false cell moves Z v of its sample: neuron 0, so b^0. */
function offBy(): { r: bigint } {
  const honest = forgeWindow({ window });
  const remainder = honest.trace.cells[0]?.[0]?.[0]?.[0]?.[3] as bigint;
  return { r: remainder > 0n ? -1n : 1n };
}

describe('absorbed for a', () => {
  test('parts: chosen once a is known, they fit a false cell', async () => {
    const without = (c: bigint): bigint[] => [c, ...Array.from({ length: 6 * instance.steps }, () => 0n)];
    const forge = (model: Partial<ForgeParameters>): ForgedWindow =>
      forgeWindow({
        window,
        clip: falseCell(),
        parts: (honest, c) => fitted(honest, c, pow(window.p2.sponge(8, without(c)), BigInt(triples))),
        ...model,
      });
    const forged = forge({ absorbedGroups: without });
    expect(await solved(mutants['parts in a'], forged)).toEqual(forged.outputs);
    expect(forged.outputs[2]).toBe(forged.opened);
    expect(await refusedBy(forge({}))).toEqual([partsMessage]);
  });

  test('c: the same a for another b', async () => {
    // Of weights that are all zero every sketch and every part is zero, whatever b is.
    const weights = instance.sizes.slice(1).map((m, l) => new Int32Array(((instance.sizes[l] as number) + 1) * m));
    const made = await windowCase({ instance, label: 'idle', weights: () => weights });
    const idle = { ...made, mask: made.mask.map(() => 0n) };
    const zero = (honest: readonly (readonly bigint[])[]): bigint[] => [0n, ...honest.flat()];
    const forge = (context: bigint, model: Partial<ForgeParameters>): ForgedWindow =>
      forgeWindow({ window: idle, statement: (honest) => honest.with(0, context), ...model });
    const bound = [1n, 2n].map((context) => forge(context, {}));
    for (const forged of bound) expect(await solved(artifacts.program, forged)).toEqual(forged.outputs);
    expect(bound[1]?.outputs[1]).not.toBe(bound[0]?.outputs[1]);
    const free = [1n, 2n].map((context) => forge(context, { absorbedGroups: (_c, parts) => zero(parts) }));
    for (const forged of free) expect(await solved(mutants['c in a'], forged)).toEqual(forged.outputs);
    expect(free[1]?.outputs[0]).not.toBe(free[0]?.outputs[0]);
    expect(free[1]?.outputs[1]).toBe(free[0]?.outputs[1]);
  });
});

test('sketches of other weights are caught by the product or by the opening', async () => {
  const bent = forgeWindow({
    window,
    clip: falseCell(),
    sketches: (honest, b, trace) => ({ ...honest, y: solvedSketches(instance, trace, b, honest.eR).y }),
  });
  expect(await solved(artifacts.program, bent)).toEqual(bent.outputs);
  expect(bent.outputs[2]).not.toBe(bent.opened);
  const crude = forgeWindow({ window, sketches: (honest) => ({ ...honest, y: honest.y.map((row) => row.map((x) => (x + 1n) % R)) }) });
  expect(await refusedBy(crude)).toContain(productMessage);
});

test('every edit of every witness breaks a constraint; a sample of them is proved and refused', async () => {
  const built = buildWindowWitness(window.p2, window);
  const { values, violated } = forceWitness(acir, window.p2, inputWitnesses(artifacts.program, built.inputs));
  expect(violated).toEqual([]);
  const signals = [...new Set(acir.opcodes.flatMap(touched))].sort((x, y) => x - y);
  const edits = signals.flatMap((witness) => editsOf(values, witness, 'edit'));
  expect(edits.length).toBeGreaterThan(3.5 * signals.length);
  expect(survivorsByConstraints(acir, window.p2, values, edits).map(({ witness, edit }) => `${witness} ${edit}`)).toEqual([]);

  // What is new here: triples, parts, entries of the table, and what is read from it.
  const fresh = [
    ...new Set(acir.opcodes.flatMap((opcode) => (opcode.kind === 'read' ? [opcode.index, opcode.value, ...opcode.table] : []))),
  ];
  expect(fresh.length).toBeGreaterThan(2 * instance.steps * 2 * triples);
  const chosen = sampleOf('grouped edits', 10, fresh.length).map((i) => fresh[i] as number);
  const survivors = await survivorsByProof(
    values,
    chosen.flatMap((witness) => editsOf(values, witness, 'edit')),
    (witness) => provedVerdict(honk, verdict, artifacts, witness),
  );
  expect(survivors.map(({ witness, edit }) => `${witness} ${edit}`)).toEqual([]);
}, 240_000);
