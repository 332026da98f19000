import { beforeAll, describe, expect, test } from 'vitest';
import { inv, mod, pow } from '../../src/commitment/field.ts';
import { batchIndex } from '../../src/commitment/merkle.ts';
import { type Poseidon2, spongeTags } from '../../src/commitment/poseidon2.ts';
import { type CompiledProgram, solveWitness } from '../../src/proof/solveWitness.ts';
import { windowLayout } from '../../src/proof/windowCircuit.ts';
import { codeOf } from '../utils/codeOf.ts';
import { spongeWithout } from '../utils/spongeWithout.ts';
import { testInstance, type WindowCase, windowArtifactsOf, windowCase } from '../utils/windowFixture.ts';
import {
  type ClipCells,
  type DeltaCells,
  type Equation,
  type ForgedMinibatch,
  type ForgedTrace,
  type ForgedWindow,
  type ForgeParameters,
  forgeWindow,
  looseTriples,
  packLoosely,
  type Sketches,
  solvedSketches,
  widthsOf,
} from '../utils/windowForgery.ts';
import { compileMutants, type SourceEdit } from '../utils/windowMutant.ts';

// No item is absorbed for show: dropped from its hash, the forgery that it stands against passes.

const instance = testInstance([4, 3, 6], { steps: 1, treeDepth: 2 });
const { spec, sizes, steps } = instance;
const fw = 2n ** BigInt(spec.fx + spec.fd + spec.lrk + spec.lb);

const zeroed = (slots: readonly string[]): SourceEdit => ({
  file: 'main.nr',
  from: 'let b = sponge::hash(sponge::TAG_TRANSCRIPT_B, transcript);',
  to: `${slots.map((slot) => `transcript[${slot}] = 0;`).join(' ')} let b = sponge::hash(sponge::TAG_TRANSCRIPT_B, transcript);`,
});
const zeroedA = (first: number, count: number): SourceEdit => ({
  file: 'main.nr',
  from: 'let a = sponge::hash(sponge::TAG_TRANSCRIPT_A, sketches);',
  to: `for i in ${first}..${first + count} { sketches[i] = 0; } let a = sponge::hash(sponge::TAG_TRANSCRIPT_A, sketches);`,
});
/** Drops one kind of cell from a layer's digest. */
const kindDropped = (place: string): SourceEdit => ({ file: 'fixed.nr', from: `    ${place}\n`, to: '\n' });
const hiddenKinds = [
  'items = place(items, pack::<_, ACT, FA>(column(cells, A)), 0);',
  'items = place(items, pack::<_, 2, FS>(shifted(column(cells, SIDE), 1)), FA);',
  'items = place(items, pack::<_, EXC, FE>(column(cells, EXCESS)), FA + FS);',
  'items = place(items, pack::<_, FW, FR>(column(cells, REMAINDER)), FA + FS + FE);',
  'items = place(items, pack::<_, DLT, FD>(column(cells, DELTA)), FA + FS + FE + FR);',
  'items = place(items, pack::<_, FW, FR>(column(cells, DELTA_REMAINDER)), FA + FS + FE + FR + FD);',
];
const outputKinds = [
  'items = place(items, pack::<_, FD + 1, FQ>(column(cells, A)), 0);',
  'items = place(items, pack::<_, 2, FS>(shifted(column(cells, SIDE), 1)), FQ);',
  'items = place(items, pack::<_, EXC, FE>(column(cells, EXCESS)), FQ + FS);',
  'items = place(items, pack::<_, FW2, FR>(column(cells, REMAINDER)), FQ + FS + FE);',
];
const kindNames = ['value', 'side', 'excess', 'remainder', 'delta', 'delta remainder'];
const words = ['context', 'parentId', 'childId', 'maskId', 'datasetRoot', 'batchSeed', 'firstStep', 'lossSum'];
const lossAssertion: SourceEdit = { file: 'main.nr', from: 'assert(loss == statement[7], "loss differs from the sum of e^2");', to: '' };

const offsets = { b: 0, y0: 1, y1: 1 + 5, u1: 1 + 5 + 4, eR: 1 + 5 + 4 + 6 };
const drops = {
  ...Object.fromEntries(words.slice(0, 7).map((word, i) => [word, [zeroed([String(i)])]])),
  // The loss is the sum over absorbed cells, too: it is bound twice, and both are dropped.
  lossSum: [zeroed(['7']), lossAssertion],
  blinder: [zeroed(['8'])],
  // A leaf is bound by the root above it, too: it is bound twice, and both are dropped.
  leaf: [zeroed(['9', '4'])],
  'digest of layer 0': [zeroed(['10'])],
  'digest of layer 1': [zeroed(['11'])],
  ...Object.fromEntries(hiddenKinds.map((place, kind) => [`hidden ${kindNames[kind]}`, [kindDropped(place)]])),
  ...Object.fromEntries(outputKinds.map((place, kind) => [`output ${kindNames[kind]}`, [kindDropped(place)]])),
  features: [{ file: 'minibatch.nr', from: 'items = place(items, pack::<_, 3 * FX, FF>(flat), 0);', to: '' }],
  labels: [{ file: 'minibatch.nr', from: 'items = place(items, pack::<_, 8, LF>(labels), FF);', to: '' }],
  salt: [{ file: 'minibatch.nr', from: 'items[FF + LF] = salt;', to: '' }],
  'left node': [{ file: 'merkle.nr', from: '[node + swap, siblings[level] - swap]', to: '[0, siblings[level] - swap]' }],
  'right node': [{ file: 'merkle.nr', from: '[node + swap, siblings[level] - swap]', to: '[node + swap, 0]' }],
  'seed of the index': [{ file: 'merkle.nr', from: '[seed, step]', to: '[0, step]' }],
  'step of the index': [{ file: 'merkle.nr', from: '[seed, step]', to: '[seed, 0]' }],
  'b in a': [zeroedA(offsets.b, 1)],
  'y of layer 0': [zeroedA(offsets.y0, 5)],
  'y of layer 1': [zeroedA(offsets.y1, 4)],
  'u of layer 1': [zeroedA(offsets.u1, 6)],
  eR: [zeroedA(offsets.eR, 1)],
  'blinder in a': [zeroedA(offsets.eR + 1, 1)],
} as Record<string, readonly SourceEdit[]>;

let real: CompiledProgram;
let mutants: Record<string, CompiledProgram>;
let window: WindowCase;

beforeAll(async () => {
  real = (await windowArtifactsOf(instance)).program;
  mutants = await compileMutants(instance, drops);
  // Inside, below and above among the first sample's neurons; two plain answers that can be swapped.
  window = await windowCase({ instance, label: 'absorbed', gain: -1, hidden: [60, -3, 127], output: [5, 7, 16, 30, -4, 9] });
});

const mutant = (name: string): CompiledProgram => mutants[name] as CompiledProgram;
const solved = async (program: CompiledProgram, forged: ForgedWindow): Promise<bigint[]> =>
  (await solveWitness(program, forged.inputs)).outputs;

/** What the circuit without an item absorbs. */
function modelOf(name: string): Partial<ForgeParameters> {
  const slots: Record<string, readonly number[]> = {
    ...Object.fromEntries(words.map((word, i) => [word, [i]])),
    blinder: [8],
    leaf: [9, 4],
    'digest of layer 0': [10],
    'digest of layer 1': [11],
  };
  const dropped = slots[name];
  if (dropped !== undefined) return { absorbedB: (items) => items.map((item, i) => (dropped.includes(i) ? 0n : item)) };
  const [layer, kind] = [name.startsWith('hidden') ? 0 : 1, kindNames.indexOf(name.replace(/^(hidden|output) /, ''))];
  if (kind < 0) return { absorbedA: without(name) };
  return {
    digest: (l, kinds) =>
      window.p2.sponge(
        spongeTags.cells,
        kinds.flatMap((fields, i) => (l === layer && i === kind ? fields.map(() => 0n) : fields)),
      ),
  };
}

/** What a is drawn from in the circuit without an item. */
function without(name: string): NonNullable<ForgeParameters['absorbedA']> {
  const zero = (x: readonly bigint[]): readonly bigint[] => x.map(() => 0n);
  return (b, used, blinder) => {
    const [y0, y1] = used.y as [bigint[], bigint[]];
    return [
      ...(name === 'b in a' ? [0n] : [b]),
      ...(name === 'y of layer 0' ? zero(y0) : y0),
      ...(name === 'y of layer 1' ? zero(y1) : y1),
      ...(name === 'u of layer 1' ? zero(used.u.flat()) : used.u.flat()),
      ...(name === 'eR' ? [0n] : [used.eR]),
      ...(name === 'blinder in a' ? [0n] : [blinder]),
    ];
  };
}

type Maker = () => ForgeParameters;
const honestly: Maker = () => ({ window });

/**
 * Two windows that differ in one item: the real circuit gives them different outputs at `places`, the circuit without the item the same, and
 * accepts both.
 */
async function expectUnbound(name: string, one: Maker, other: Maker, places: readonly number[] = [0]): Promise<void> {
  const model = modelOf(name);
  const [first, second] = [forgeWindow({ ...one(), ...model }), forgeWindow({ ...other(), ...model })];
  expect(second.inputs).not.toEqual(first.inputs);
  expect(await solved(mutant(name), first)).toEqual(first.outputs);
  expect(await solved(mutant(name), second)).toEqual(second.outputs);
  for (const place of places) expect(second.outputs[place]).toBe(first.outputs[place]);

  const [bound, free] = [forgeWindow(one()), forgeWindow(other())];
  expect(await solved(real, bound)).toEqual(bound.outputs);
  if (name === 'lossSum') expect(await codeOf(() => solveWitness(real, free.inputs))).toBe('WITNESS_UNSATISFIED');
  else expect(await solved(real, free)).toEqual(free.outputs);
  for (const place of places) expect(free.outputs[place]).not.toBe(bound.outputs[place]);
}

describe('absorbed for b: the statement', () => {
  const differing =
    (index: number, value: bigint): Maker =>
    () => ({ window, statement: (honest) => honest.with(index, value) });

  test.each(['context', 'parentId', 'childId', 'maskId'])(
    '%s: the same outputs for another one, so one proof of products serves both',
    async (name) => {
      await expectUnbound(name, honestly, differing(words.indexOf(name), 77n), [0, 1, 2]);
    },
  );

  test('datasetRoot: another data set with the same minibatch in it', async () => {
    const used = batchIndex(window.p2, window.statement[5] as bigint, Number(window.statement[6]), instance.treeDepth);
    const other: Maker = () => ({
      window,
      dataset: (honest) => honest.map((batch, i) => (i === used ? batch : { ...batch, salt: batch.salt + 1n })),
    });
    await expectUnbound('datasetRoot', honestly, other, [0, 1, 2]);
  });

  test('batchSeed and firstStep: others that select the same leaf', async () => {
    const [seed, step] = [window.statement[5] as bigint, window.statement[6] as bigint];
    const index = (s: bigint, t: bigint): bigint => BigInt.asUintN(instance.treeDepth, window.p2.sponge(spongeTags.batchIndex, [s, t]));
    let [otherSeed, otherStep] = [seed + 1n, step + 1n];
    while (index(otherSeed, step) !== index(seed, step)) otherSeed++;
    while (index(seed, otherStep) !== index(seed, step)) otherStep++;
    await expectUnbound('batchSeed', honestly, differing(5, otherSeed), [0, 1, 2]);
    await expectUnbound('firstStep', honestly, differing(6, otherStep), [0, 1, 2]);
  });

  test('lossSum: any loss, once the sum is not compared either', async () => {
    await expectUnbound('lossSum', honestly, differing(7, 3n), [0, 1, 2]);
  });
});

describe('absorbed for b: what is private', () => {
  test('blinder: without it, b is a digest of cells that can be guessed', async () => {
    await expectUnbound('blinder', honestly, () => ({ window, blinder: 1n }));
  });

  test('leaf: another minibatch under another root', async () => {
    await expectUnbound('leaf', honestly, () => ({
      window,
      dataset: (honest) => honest.map((batch) => ({ ...batch, salt: batch.salt + 1n })),
    }));
  });

  test.each([0, 1])('digest of layer %i: cells chosen once b is known', async (l) => {
    // The excess of a value inside its range enters nothing but the digest.
    const other: Maker = () => ({
      window,
      clip: altered(({ l: at }, [c, side, t, r]) => (at === l && side === 0n ? [c, side, t + 1n, r] : undefined)),
    });
    expect(forgeWindow(other()).changes).toBe(1);
    await expectUnbound(`digest of layer ${l}`, honestly, other);
  });

  type Lie = {
    readonly name: string;
    readonly clip?: (place: { l: number; s: number; j: number }, honest: ClipCells) => ClipCells | undefined;
    readonly delta?: (honest: DeltaCells) => DeltaCells;
    readonly changes?: number;
  };
  const lies: readonly Lie[] = [
    { name: 'hidden value', clip: ({ l, j }, [c, s, t, r]) => (l === 0 && j === 0 ? [c + 1n, s, t, r] : undefined) },
    { name: 'hidden side', clip: ({ l, j }, [c, s, t, r]) => (l === 0 && j === 2 && c === 127n && s === 0n ? [c, 1n, t, r] : undefined) },
    { name: 'hidden excess', clip: ({ l, j }, [c, s, t, r]) => (l === 0 && j === 1 && s === -1n ? [c, s, t + 1n, r] : undefined) },
    { name: 'hidden remainder', clip: ({ l, j }, [c, s, t, r]) => (l === 0 && j === 0 ? [c, s, t, (r + 1n) % fw] : undefined) },
    { name: 'hidden delta', delta: ([d, r]) => [d + 1n, r] },
    { name: 'hidden delta remainder', delta: ([d, r]) => [d, (r + 1n) % fw] },
    // Two answers swapped: their errors change places, the loss stays.
    {
      name: 'output value',
      clip: ({ l, j }, [c, s, t, r]) => (l === 1 && (j === 0 || j === 1) ? [12n - c, s, t, r] : undefined),
      changes: 2,
    },
    { name: 'output side', clip: ({ l, j }, [c, s, t, r]) => (l === 1 && j === 2 && c === 16n && s === 0n ? [c, 1n, t, r] : undefined) },
    { name: 'output excess', clip: ({ l, j }, [c, s, t, r]) => (l === 1 && j === 3 && s === 1n ? [c, s, t + 1n, r] : undefined) },
    { name: 'output remainder', clip: ({ l, j }, [c, s, t, r]) => (l === 1 && j === 0 ? [c, s, t, (r + 1n) % fw] : undefined) },
  ];

  test.each(lies)('$name: false cells chosen once b is known', async ({ name, clip, delta, changes = 1 }) => {
    // The labels of the first sample stay clear of the two answers that are swapped.
    expect(window.batches[0]?.labels[0]).toBeGreaterThan(1);
    const sketches: ForgeParameters['sketches'] = (honest, b, trace) => solvedSketches(instance, trace, b, honest.eR);
    const truth: Maker = () => ({ window, sketches });
    const { trace } = forgeWindow(truth());
    const forged: Maker = () => ({ window, sketches, ...frozen(trace, clip, delta) });
    expect(differences(trace, forgeWindow(forged()).trace)).toBe(changes);
    await expectUnbound(name, truth, forged);
  });
});

describe('absorbed by a leaf, a node, an index', () => {
  const labelsOf = (batch: ForgedMinibatch): bigint[] => batch.oneHot.map((row) => row.reduce((sum, bit, j) => sum + bit * BigInt(j), 0n));
  const leafWithout = (dropped: string) => (batch: ForgedMinibatch) => {
    const [f, l] = [packLoosely(looseTriples(batch, spec.fx).flat(), 3 * spec.fx), packLoosely(labelsOf(batch), 8)];
    const zero = (x: bigint[]): bigint[] => x.map(() => 0n);
    return window.p2.sponge(spongeTags.leaf, [
      ...(dropped === 'features' ? zero(f) : f),
      ...(dropped === 'labels' ? zero(l) : l),
      dropped === 'salt' ? 0n : batch.salt,
    ]);
  };
  const changed: Record<string, (batch: ForgedMinibatch) => ForgedMinibatch> = {
    features: (batch) => ({ ...batch, features: batch.features.map((x) => 15n - x) }),
    labels: (batch) => ({ ...batch, oneHot: batch.oneHot.map((row) => [...row.slice(1), row[0] as bigint]) }),
    salt: (batch) => ({ ...batch, salt: batch.salt + 1n }),
  };

  test.each(['features', 'labels', 'salt'])('%s of a leaf: others pass under the same root', async (name) => {
    const change = (honest: readonly ForgedMinibatch[]): ForgedMinibatch[] =>
      honest.map(changed[name] as (batch: ForgedMinibatch) => ForgedMinibatch);
    const [truth, other] = [
      forgeWindow({ window, leaf: leafWithout(name) }),
      forgeWindow({ window, leaf: leafWithout(name), dataset: change }),
    ];
    expect((other.inputs['statement'] as string[])[4]).toBe((truth.inputs['statement'] as string[])[4]);
    expect(await solved(mutant(name), truth)).toEqual(truth.outputs);
    expect(await solved(mutant(name), other)).toEqual(other.outputs);
    // In the real circuit the root of one data set takes no other.
    const [owned, stolen] = [
      forgeWindow({ window }),
      forgeWindow({ window, dataset: change, statement: (honest) => honest.with(4, window.statement[4] as bigint) }),
    ];
    expect(await solved(real, owned)).toEqual(owned.outputs);
    expect(await codeOf(() => solveWitness(real, stolen.inputs))).toBe('WITNESS_UNSATISFIED');
  });

  test.each([
    ['left node', 0, (m: readonly bigint[]) => [0n, m[1] as bigint]],
    ['right node', 1, (m: readonly bigint[]) => [m[0] as bigint, 0n]],
  ] as const)('%s: a minibatch that is not in the data set passes', async (name, bit, kept) => {
    let at: WindowCase | undefined;
    for (let i = 0; at === undefined; i++) {
      const candidate = await windowCase({ instance, label: `${name} ${i}` });
      if (batchIndex(candidate.p2, candidate.statement[5] as bigint, Number(candidate.statement[6]), instance.treeDepth) % 2 === bit)
        at = candidate;
    }
    const swap = (honest: readonly ForgedMinibatch[]): ForgedMinibatch[] =>
      honest.map(changed['labels'] as (batch: ForgedMinibatch) => ForgedMinibatch);
    const attack = (p2: Poseidon2): [ForgedWindow, ForgedWindow] => {
      const owned = forgeWindow({ window: { ...at, p2 } });
      const root = BigInt((owned.inputs['statement'] as string[])[4] as string);
      const path = (owned.inputs['siblings'] as string[][]).map((siblings) => siblings.map(BigInt));
      return [
        owned,
        forgeWindow({
          window: { ...at, p2 },
          dataset: swap,
          statement: (honest) => honest.with(4, root),
          siblings: (k) => path[k] as bigint[],
        }),
      ];
    };
    const [owned, foreign] = attack(spongeWithout(window.p2, spongeTags.node, kept));
    expect(await solved(mutant(name), owned)).toEqual(owned.outputs);
    expect(await solved(mutant(name), foreign)).toEqual(foreign.outputs);
    const [, refused] = attack(window.p2);
    expect(await codeOf(() => solveWitness(real, refused.inputs))).toBe('WITNESS_UNSATISFIED');
  });

  test.each([
    ['seed of the index', 5, (m: readonly bigint[]) => [0n, m[1] as bigint]],
    ['step of the index', 6, (m: readonly bigint[]) => [m[0] as bigint, 0n]],
  ] as const)('%s: any other selects the same minibatch', async (name, word, kept) => {
    const index = (p2: Poseidon2, statement: readonly bigint[]): bigint =>
      BigInt.asUintN(instance.treeDepth, p2.sponge(spongeTags.batchIndex, [statement[5] as bigint, statement[6] as bigint]));
    let other = (window.statement[word] as bigint) + 1n;
    while (index(window.p2, window.statement.with(word, other)) === index(window.p2, window.statement)) other++;
    const p2 = spongeWithout(window.p2, spongeTags.batchIndex, kept);
    const passed = forgeWindow({ window: { ...window, p2 }, statement: (honest) => honest.with(word, other) });
    expect(await solved(mutant(name), passed)).toEqual(passed.outputs);
    const refused = forgeWindow({ window, statement: (honest) => honest.with(word, other) });
    expect(await codeOf(() => solveWitness(real, refused.inputs))).toBe('WITNESS_UNSATISFIED');
  });
});

describe('absorbed for a', () => {
  const challenge = (name: string, b: bigint, used: Sketches): bigint =>
    window.p2.sponge(spongeTags.transcriptA, without(name)(b, used, window.blinder));
  const powers = (a: bigint, count: number): bigint[] => Array.from({ length: count }, (_, i) => pow(a, BigInt(i)));

  test('b in a: the same a for another b', async () => {
    // Of weights that are all zero every sketch is zero, whatever b is; the mask is zero, too.
    const weights = sizes.slice(1).map((m, l) => new Int32Array(((sizes[l] as number) + 1) * m));
    const idle = await windowCase({ instance, label: 'idle', weights: () => weights });
    const mask = idle.mask.map(() => 0n);
    const [one, other] = [1n, 2n].map(
      (context) => (): ForgeParameters => ({
        window: { ...idle, mask },
        statement: (honest) => honest.with(0, context),
      }),
    ) as [Maker, Maker];
    await expectUnbound('b in a', one, other, [1]);
    expect(forgeWindow(other()).outputs[0]).not.toBe(forgeWindow(one()).outputs[0]);
  });

  test('blinder in a: a guess of hidden weights can be checked against a and E', async () => {
    // Whoever guesses the weights knows every sketch, and from E what the mask adds; a is the digest of just these.
    const confirmed = ({ outputs: [b, a, claim] }: ForgedWindow, blinder: bigint): boolean => {
      const guess = forgeWindow({ window: { ...window, mask: window.mask.map(() => 0n) }, challengeB: b, challengeA: a });
      const eR = mod((claim - guess.outputs[2]) * inv(pow(a, 65536n * 5n)));
      const absorbed = without('blinder in a')(b, { ...guess.sketches, eR }, 0n);
      return window.p2.sponge(spongeTags.transcriptA, [...absorbed.slice(0, -1), blinder]) === a;
    };
    const leaking = forgeWindow({ window, absorbedA: without('blinder in a') });
    expect(await solved(mutant('blinder in a'), leaking)).toEqual(leaking.outputs);
    expect(confirmed(leaking, 0n)).toBe(true);
    const hiding = forgeWindow({ window });
    expect(await solved(real, hiding)).toEqual(hiding.outputs);
    expect(confirmed(hiding, 0n)).toBe(false);
    // A control of the check itself: with the secret blinder it is the circuit's own digest.
    expect(confirmed(hiding, window.blinder)).toBe(true);
  });

  /** A remainder one off: a product of these weights that is false. */
  const falseProduct = (l: number): NonNullable<ForgeParameters['clip']> =>
    altered(({ l: at, j }, [c, s, t, r]) => (at === l && j === 0 ? [c, s, t, r > 0n ? r - 1n : r + 1n] : undefined));
  const falseDelta = (): NonNullable<ForgeParameters['delta']> => once(([d, r]) => [d, r > 0n ? r - 1n : r + 1n]);

  const attacks: Record<string, (name: string) => ForgeParameters> = {
    // Chosen once a is known: false products fit, and the claim is the one that the true weights open to.
    'y of layer 0': (name) => ({ window, clip: falseProduct(0), sketches: bent(name, 0, undefined) }),
    'y of layer 1': (name) => ({ window, clip: falseProduct(1), sketches: bent(name, 1, undefined) }),
    'u of layer 1': (name) => ({ window, delta: falseDelta(), sketches: bent(name, undefined, 0) }),
    // The mask's claim takes up what false sketches are off by.
    eR: (name) => ({
      window,
      clip: falseProduct(0),
      sketches: (honest, b, trace) => {
        const y = solvedSketches(instance, trace, b, honest.eR).y[0] as bigint[];
        const used = { ...honest, y: honest.y.with(0, y) };
        const a = challenge(name, b, used);
        const rho = pow(a, 65536n);
        // The false y enters the parent's claim (rho^0) and the child's (rho^2); eR stands at rho^5.
        const off = y.reduce((sum, value, i) => mod(sum + pow(a, BigInt(i)) * (value - ((honest.y[0] as bigint[])[i] as bigint))), 0n);
        return { ...used, eR: mod(honest.eR - off * (1n + rho * rho) * inv(pow(rho, 5n))) };
      },
    }),
  };

  /** Sketches of one layer bent to fit the cells and, at the a that does not depend on them, the true claim. */
  function bent(name: string, y: number | undefined, u: number | undefined): NonNullable<ForgeParameters['sketches']> {
    return (honest, b, trace) => {
      const a = challenge(name, b, honest);
      const claim = (values: readonly bigint[]): Equation => {
        const row = powers(a, values.length);
        return [row, values.reduce((sum, value, i) => mod(sum + value * (row[i] as bigint)), 0n)];
      };
      const found = solvedSketches(instance, trace, b, honest.eR, {
        y: honest.y.map((values, l) => (l === y ? [claim(values)] : [])),
        u: honest.u.map((values, i) => (i === u ? [claim(values)] : [])),
      });
      return {
        eR: honest.eR,
        y: honest.y.map((values, l) => (l === y ? (found.y[l] as bigint[]) : values)),
        u: honest.u.map((values, i) => (i === u ? (found.u[i] as bigint[]) : values)),
      };
    };
  }

  test.each(Object.keys(attacks))('%s: a false product with a claim that opens', async (name) => {
    const parameters = (attacks[name] as (name: string) => ForgeParameters)(name);
    const forged = forgeWindow({ ...parameters, absorbedA: without(name) });
    expect(forged.changes).toBe(1);
    expect(await solved(mutant(name), forged)).toEqual(forged.outputs);
    expect(forged.outputs[2]).toBe(forged.opened);
    // The real circuit draws another a from the same sketches, and the claim no longer opens.
    const again = forgeWindow({ ...(attacks[name] as (name: string) => ForgeParameters)(name) });
    const outputs = await solved(real, again);
    expect(outputs).toEqual(again.outputs);
    expect(outputs[2]).not.toBe(again.opened);
  });
});

test('every item of both transcripts has been dropped', () => {
  const layout = windowLayout(instance);
  const dropped = Object.keys(drops);
  expect(words.filter((word) => !dropped.includes(word))).toEqual([]);
  // blinder, leaf, digests of both layers.
  expect(layout.transcriptB).toBe(words.length + 1 + steps + steps * 2);
  expect(layout.transcriptA).toBe(offsets.eR + 2);
  expect(widthsOf(instance).map((widths) => widths.length)).toEqual([hiddenKinds.length, outputKinds.length]);
});

/** Applies a change of cells to the first neuron of the first sample that takes it. */
function altered(
  change: (place: { l: number; j: number }, honest: ClipCells) => ClipCells | undefined,
): NonNullable<ForgeParameters['clip']> {
  let done = false;
  return (place, _f, honest) => {
    const forged = done || place.s !== 0 ? undefined : change(place, honest);
    if (forged !== undefined) done = true;
    return forged;
  };
}

/** Changes the first delta that passes. */
function once(change: (honest: DeltaCells) => DeltaCells): NonNullable<ForgeParameters['delta']> {
  let done = false;
  return (_place, honest, mask) => {
    if (done || mask !== 1n) return undefined;
    done = true;
    return change(honest);
  };
}

/** All cells as they are in `trace`, but for the change: nothing that the change would lead to follows. */
function frozen(
  trace: ForgedTrace,
  clip: ((place: { l: number; s: number; j: number }, honest: ClipCells) => ClipCells | undefined) | undefined,
  delta: ((honest: DeltaCells) => DeltaCells) | undefined,
): Pick<ForgeParameters, 'clip' | 'delta'> {
  const changedDelta = delta === undefined ? undefined : once(delta);
  return {
    clip: (place) => {
      const [c, s, t, r] = cellsAt(trace, place) as [bigint, bigint, bigint, bigint];
      return (place.s === 0 ? clip?.(place, [c, s, t, r]) : undefined) ?? [c, s, t, r];
    },
    delta: (place, _honest, mask) => {
      const cells = cellsAt(trace, place);
      const old: DeltaCells = [(cells[4] as bigint) - 2n ** BigInt((widthsOf(instance)[place.l]?.[4] as number) - 1), cells[5] as bigint];
      return changedDelta?.(place, old, mask) ?? old;
    },
  };
}

function cellsAt(trace: ForgedTrace, { k, l, s, j }: { k: number; l: number; s: number; j: number }): readonly bigint[] {
  return trace.cells[k]?.[l]?.[s]?.[j] as readonly bigint[];
}

/** Cells in which two traces differ. */
function differences(one: ForgedTrace, other: ForgedTrace): number {
  const flat = (trace: ForgedTrace): bigint[] => trace.cells.flat(4) as bigint[];
  const values = flat(other);
  return flat(one).filter((value, i) => value !== values[i]).length;
}
