import { beforeAll, describe, expect, test } from 'vitest';
import { mod } from '../../src/commitment/field.ts';
import { buildTree, leafDigest } from '../../src/commitment/merkle.ts';
import { type Poseidon2, spongeTags } from '../../src/commitment/poseidon2.ts';
import { auditLayout, forwardInstance } from '../../src/proof/audit/circuit.ts';
import { type CompiledProgram, solveWitness } from '../../src/proof/solveWitness.ts';
import { forwardPass } from '../../src/quant/forwardPass.ts';
import { type AuditCase, auditCase, testAudit } from '../utils/auditFixture.ts';
import { type ForgeAuditParameters, forgeAudit } from '../utils/auditForgery.ts';
import { codeOf } from '../utils/codeOf.ts';
import type { ForgedWitness } from '../utils/forgedProof.ts';
import { membershipArtifactsOf } from '../utils/membershipFixture.ts';
import { forgedGiven as record, forgedInstance as recordInstance } from '../utils/membershipForgeries.ts';
import { type ForgeMembershipParameters, forgeMembership } from '../utils/membershipForgery.ts';
import { shortSolution } from '../utils/shortSolution.ts';
import { spongeWithout } from '../utils/spongeWithout.ts';
import { circuitSources, compileMutants, type SourceEdit } from '../utils/windowMutant.ts';

// No item of an audit's or a membership's hashes is absorbed for show: dropped from its hash, the forgery that it stands against passes.

type Kept = (message: readonly bigint[]) => readonly bigint[];
const without =
  (slots: readonly number[]): Kept =>
  (items) =>
    items.map((item, i) => (slots.includes(i) ? 0n : item));
const solve = async (program: CompiledProgram, { inputs }: Pick<ForgedWitness, 'inputs'>): Promise<bigint[]> =>
  (await solveWitness(program, inputs)).outputs;
const refused = (program: CompiledProgram, { inputs }: Pick<ForgedWitness, 'inputs'>): Promise<string | undefined> =>
  codeOf(() => solveWitness(program, inputs));

/** The root that a leaf stands under. */
function climb(p2: Poseidon2, leaf: bigint, index: number, path: readonly bigint[]): bigint {
  return path.reduce(
    (node, sibling, level) => p2.sponge(spongeTags.node, (index >> level) % 2 === 1 ? [sibling, node] : [node, sibling]),
    leaf,
  );
}

describe('an audit', () => {
  const instance = testAudit([4, 3, 2]);
  const { countWords, zFields, transcriptB } = auditLayout(instance);
  expect([countWords, zFields]).toEqual([1, [1, 1]]);
  const slots = { binding: [0], root: [1], chunk: [2], counts: [3], blinder: [4], leaf: [5], 'z of layer 0': [6], 'z of layer 1': [7] };
  // One circuit for every item: `keep` says what it absorbs.
  const hashB = 'let b = sponge::hash(sponge::TAG_TRANSCRIPT_B, transcript);';
  const keeping: readonly SourceEdit[] = [
    { file: 'main.nr', from: 'blinder: Field,', to: `blinder: Field,\n    keep: [Field; ${transcriptB}],` },
    { file: 'main.nr', from: hashB, to: `for i in 0..${transcriptB} { transcript[i] *= keep[i]; }\n    ${hashB}` },
  ];
  const keep = (dropped: readonly number[], { inputs, outputs }: ForgedWitness): ForgedWitness => ({
    inputs: { ...inputs, keep: Array.from({ length: transcriptB }, (_, i) => (dropped.includes(i) ? 0 : 1)) },
    outputs,
  });
  const unrooted: SourceEdit = {
    file: 'audit.nr',
    from: 'assert(node == root, "audit: not that chunk of the set");',
    to: 'let _ = node == root;',
  };
  const unranged: SourceEdit = { file: 'audit.nr', from: 'counts[k].assert_max_bit_size::<16>();', to: '' };
  // With a commitment in the place of the counts.
  const hidden = testAudit([4, 3, 2], { output: 'committed' });
  const place = 'items = place(items, packed_counts::<K, F>(counts), 0);';
  let mutants: Record<string, CompiledProgram>;
  let committed: Record<string, CompiledProgram>;
  let given: AuditCase;

  beforeAll(async () => {
    expect(transcriptB).toBe(Object.keys(slots).length);
    // The leaf is bound by the root above it, too, and counts by their ranges: there the other bond is dropped as well.
    mutants = await compileMutants(instance, { keeping, unrooted: [...keeping, unrooted], unranged: [...keeping, unranged] });
    committed = await compileMutants(hidden, {
      counts: [{ file: 'audit.nr', from: place, to: 'let _ = packed_counts::<K, F>(counts);' }, unranged],
      salt: [{ file: 'audit.nr', from: 'items[F] = salt;', to: '' }],
      unranged: [unranged],
      nothing: [],
    });
    // The set's first chunk stands a second time at the end of its tree.
    given = await auditCase(instance, 'absorbed audit', 0);
    expect(given.tree.path(3)).not.toEqual(given.path);
  });

  /** Two witnesses that the circuit without an item gives the same outputs at `places`, and the one with it others. */
  async function expectUnbound(name: keyof typeof slots, other: Partial<ForgeAuditParameters>, places: readonly number[], of = 'keeping') {
    const circuit = mutants[of] as CompiledProgram;
    const pair = async (dropped: readonly number[]): Promise<readonly [ForgedWitness, ForgedWitness]> => {
      const p2 = spongeWithout(given.p2, spongeTags.transcriptB, without(dropped));
      const [first, second] = [{}, other].map((change: Partial<ForgeAuditParameters>) =>
        keep(dropped, forgeAudit({ ...change, given: { ...(change.given ?? given), p2 } })),
      ) as [ForgedWitness, ForgedWitness];
      expect(second.inputs).not.toEqual(first.inputs);
      for (const made of [first, second]) expect(await solve(circuit, made)).toEqual(made.outputs);
      return [first, second];
    };
    const [first, second] = await pair(slots[name]);
    const [owned, foreign] = await pair([]);
    for (const at of places) {
      expect(second.outputs[at], `output ${at} without the item`).toBe(first.outputs[at]);
      expect(foreign.outputs[at], `output ${at} with it`).not.toBe(owned.outputs[at]);
    }
  }

  test('binding: one proof for another context, checkpoint or mask', async () => {
    await expectUnbound('binding', { binding: 77n }, [0, 1, 2]);
  });

  test('root: one proof for another set with the same chunk in it', async () => {
    const leaf = leafDigest(given.p2, given.features, instance.spec.fx, given.labels, given.salt);
    const path = given.path.with(0, 78n);
    await expectUnbound('root', { path, root: climb(given.p2, leaf, given.chunk, path) }, [0, 1, 2]);
  });

  test('chunk: one proof for both places of a chunk', async () => {
    await expectUnbound('chunk', { chunk: 3n, path: given.tree.path(3) }, [0, 1, 2]);
  });

  test('blinder: without it, b is a digest of values that can be guessed', async () => {
    await expectUnbound('blinder', { given: { ...given, blinder: 1n } }, [0]);
  });

  test('leaf: another chunk, once it need not stand under the root either', async () => {
    await expectUnbound('leaf', { given: { ...given, salt: given.salt + 1n } }, [0, 1, 2], 'unrooted');
  });

  /** Counts that are not the truth and have its sum at b. */
  const solved =
    (b: bigint) =>
    ([first, second, ...rest]: readonly bigint[]): bigint[] => [mod((first as bigint) - b), (second as bigint) + 1n, ...rest];

  test('counts: others, chosen once b is known', async () => {
    const p2 = spongeWithout(given.p2, spongeTags.transcriptB, without(slots.counts));
    const honest = forgeAudit({ given: { ...given, p2 } });
    const lying = forgeAudit({ given: { ...given, p2 }, counts: solved(honest.outputs[0]) });
    expect(lying.words).not.toEqual(honest.words);
    const circuit = mutants['unranged'] as CompiledProgram;
    for (const made of [honest, lying]) expect(await solve(circuit, keep(slots.counts, made))).toEqual(honest.outputs);
    // Absorbed, they move the b that they were chosen for.
    const truth = forgeAudit({ given });
    expect(await solve(circuit, keep([], truth))).toEqual(truth.outputs);
    expect(await refused(circuit, keep([], forgeAudit({ given, counts: solved(truth.outputs[0]) })))).toBe('WITNESS_UNSATISFIED');
  });

  test.each([0, 1])('z of layer %i: another model at the same b', async (l) => {
    // One more in a bias of the first layer is lost in the floor; one more in all of the last one's moves no answer.
    const layer = given.weights[l] as Int32Array;
    const columns = instance.sizes[l + 1] as number;
    const bias = layer.length - columns;
    const pass = (weights: readonly Int32Array[]) => forwardPass(instance.spec, instance.sizes, weights, given.features);
    const moved = (by: (j: number) => number): Int32Array[] =>
      given.weights.map((one, k) => (k === l ? one.map((w, i) => (i < bias ? w : w + by(i - bias))) : Int32Array.from(one)));
    const candidates = l === 1 ? [moved(() => 1)] : [0, 1, 2].flatMap((j) => [1, -1].map((by) => moved((at) => (at === j ? by : 0))));
    const activations = (weights: readonly Int32Array[]): string => JSON.stringify(pass(weights)[0]?.outputs);
    const weights = candidates.find((candidate) => l === 1 || activations(candidate) === activations(given.weights as Int32Array[]));
    expect(weights).toBeDefined();
    await expectUnbound(`z of layer ${l}` as keyof typeof slots, { given: { ...given, weights: weights as Int32Array[] } }, [0]);
  });

  test('what comes after b is absorbed line by line as in an answer', () => {
    const after = (source: string): string => source.slice(source.indexOf('// 3. The sketches'));
    const [audit, answer] = [instance, forwardInstance(instance)].map((one) => after(circuitSources(one)['main.nr'] as string));
    expect(audit).toContain('TAG_TRANSCRIPT_A');
    expect(audit).toBe(answer);
  });

  test('a commitment to counts: others, chosen once b is known, and a second salt', async () => {
    const about = await auditCase(hidden, 'absorbed commitment');
    const dropped = {
      ...about,
      p2: spongeWithout(about.p2, spongeTags.counts, (m) => [...m.slice(0, -1).map(() => 0n), m.at(-1) as bigint]),
    };
    const honest = forgeAudit({ given: dropped });
    const lying = forgeAudit({ given: dropped, counts: solved(honest.outputs[0]) });
    expect(lying.inputs).not.toEqual(honest.inputs);
    expect(await solve(committed['counts'] as CompiledProgram, honest)).toEqual(honest.outputs);
    expect(await solve(committed['counts'] as CompiledProgram, lying)).toEqual(honest.outputs);
    const truth = forgeAudit({ given: about });
    expect(await solve(committed['unranged'] as CompiledProgram, truth)).toEqual(truth.outputs);
    expect(await refused(committed['unranged'] as CompiledProgram, forgeAudit({ given: about, counts: solved(truth.outputs[0]) }))).toBe(
      'WITNESS_UNSATISFIED',
    );

    const other = 79n;
    const unsalted = { ...about, p2: spongeWithout(about.p2, spongeTags.counts, (m) => [...m.slice(0, -1), 0n]) };
    const [one, two] = [forgeAudit({ given: unsalted }), forgeAudit({ given: { ...unsalted, countSalt: other } })];
    // Without the salt the word is a digest of counts that can be guessed.
    expect(two.words).toEqual(one.words);
    for (const made of [one, two]) expect(await solve(committed['salt'] as CompiledProgram, made)).toEqual(made.outputs);
    const salted = forgeAudit({ given: { ...about, countSalt: other } });
    expect(salted.words).not.toEqual(truth.words);
    expect(await solve(committed['nothing'] as CompiledProgram, salted)).toEqual(salted.outputs);
  });
});

describe('an audit of two dozen counts', () => {
  const instance = testAudit([4, 3, 2], { groups: 6 });
  const { classes, countWords } = auditLayout(instance);
  const slots = Array.from({ length: countWords }, (_, i) => 3 + i);
  const hash = 'let b = sponge::hash(sponge::TAG_TRANSCRIPT_B, transcript);';
  const isRight = (k: number): boolean => Math.floor(k / classes) % classes === k % classes;
  const sumOf = (counts: readonly bigint[]): bigint => counts.reduce((total, count) => total + count, 0n);
  const rightShare = (counts: readonly bigint[]): number => Number(sumOf(counts.filter((_, k) => isRight(k)))) / Number(sumOf(counts));

  test('counts within their ranges are chosen once b is known: nearly all right, whatever the model answers', async () => {
    const { mutant, real } = await compileMutants(instance, {
      mutant: [{ file: 'main.nr', from: hash, to: `${slots.map((slot) => `transcript[${slot}] = 0;`).join(' ')} ${hash}` }],
      real: [],
    });
    const given = await auditCase(instance, 'absorbed counts', 1);
    const dropped = { ...given, p2: spongeWithout(given.p2, spongeTags.transcriptB, without(slots)) };
    let truth: readonly bigint[] = [];
    const honest = forgeAudit({
      given: dropped,
      counts: (counts) => {
        truth = counts;
        return counts;
      },
    });
    const [b] = honest.outputs;
    const lie = shortSolution(
      b,
      truth.reduceRight((total, count) => mod(total * b + count), 0n),
      truth.map((_, k) => (isRight(k) ? 60_000n : 3_000n)),
    );
    expect(lie.filter((count) => count < 0n || count >= 2n ** 16n)).toEqual([]);
    expect([rightShare(lie) > 0.9, rightShare(truth) > 0.9]).toEqual([true, false]);
    expect(await solve(mutant, forgeAudit({ given: dropped, counts: () => lie }))).toEqual(honest.outputs);
    const told = forgeAudit({ given });
    expect(await solve(real, told)).toEqual(told.outputs);
    expect(await refused(real, forgeAudit({ given, counts: () => lie }))).toBe('WITNESS_UNSATISFIED');
  }, 120_000);
});

describe('a membership, and the leaves that audits share with it', () => {
  const { fx } = recordInstance.spec;
  const pad = 'items[FF + LF] = salt;';
  const edits: Record<string, SourceEdit> = {
    features: {
      file: 'audit.nr',
      from: 'items = place(items, pack::<_, 3 * FX, FF>(flat), 0);',
      to: 'let _ = pack::<_, 3 * FX, FF>(flat);',
    },
    labels: { file: 'audit.nr', from: 'items = place(items, pack::<_, 8, LF>(labels), FF);', to: 'let _ = pack::<_, 8, LF>(labels);' },
    salt: { file: 'audit.nr', from: pad, to: '' },
    'left node': { file: 'audit.nr', from: '[node + swap, siblings[level] - swap]', to: '[0, siblings[level] - swap]' },
    'right node': { file: 'audit.nr', from: '[node + swap, siblings[level] - swap]', to: '[node + swap, 0]' },
    'features of the record': { file: 'membership.nr', from: 'items[f] += bit * packed[f];', to: '' },
    'label of the record': { file: 'membership.nr', from: 'items[F] += bit * labels[s];', to: '' },
    'salt of the record': { file: 'membership.nr', from: 'items[F + 1] = salt;', to: '' },
  };
  let real: CompiledProgram;
  let mutants: Record<string, CompiledProgram>;

  beforeAll(async () => {
    real = (await membershipArtifactsOf(recordInstance)).program;
    mutants = await compileMutants(recordInstance, Object.fromEntries(Object.entries(edits).map(([name, edit]) => [name, [edit]])));
  });

  const another = Uint8Array.from(record.features, (x) => 2 ** fx - 1 - x);
  const relabelled = Uint8Array.from(record.labels, (label) => (label + 1) % 3);
  const leafOf = (p2: Poseidon2, of = record): bigint => leafDigest(p2, of.features, fx, of.labels, of.salt);
  const rootOf = (p2: Poseidon2, of = record): bigint => climb(p2, leafOf(p2, of), of.index, of.path);

  // A leaf's items: features, labels, one salt. The path turns right, then left.
  const labelFields = 1;
  test.each<[string, number, Kept, Partial<typeof record>]>([
    [
      'features',
      spongeTags.leaf,
      (m) => [...m.slice(0, -1 - labelFields).map(() => 0n), ...m.slice(-1 - labelFields)],
      { features: another },
    ],
    ['labels', spongeTags.leaf, (m) => without([m.length - 2])(m), { labels: relabelled }],
    ['salt', spongeTags.leaf, (m) => without([m.length - 1])(m), { salt: record.salt + 1n }],
    ['left node', spongeTags.node, without([0]), { labels: relabelled }],
    ['right node', spongeTags.node, without([1]), { labels: relabelled }],
  ])('%s: a minibatch that the set does not have stands under its root', async (name, tag, kept, change) => {
    const p2 = spongeWithout(record.p2, tag, kept);
    const root = rootOf(p2);
    const forged = (p: Poseidon2, of: Partial<typeof record>, under: bigint): ForgeMembershipParameters => ({
      given: { ...record, ...of, p2: p },
      root: under,
    });
    const mutant = mutants[name] as CompiledProgram;
    for (const of of [{}, change]) {
      const made = forgeMembership(forged(p2, of, root));
      expect(await solve(mutant, made)).toEqual(made.outputs);
    }
    const honest = forgeMembership(forged(record.p2, {}, record.root));
    expect(await solve(real, honest)).toEqual(honest.outputs);
    expect(await refused(real, forgeMembership(forged(record.p2, change, record.root)))).toBe('WITNESS_UNSATISFIED');
  });

  test.each<[string, Kept, Partial<typeof record>]>([
    ['features of the record', (m) => [...m.slice(0, -2).map(() => 0n), ...m.slice(-2)], { features: another }],
    ['label of the record', (m) => without([m.length - 2])(m), { labels: relabelled }],
    ['salt of the record', (m) => without([m.length - 1])(m), { recordSalt: record.recordSalt + 1n }],
  ])('%s: two records have one digest', async (name, kept, change) => {
    const p2 = spongeWithout(record.p2, spongeTags.record, kept);
    // Each under the root of its own set.
    const made = (p: Poseidon2, of: typeof record) => forgeMembership({ given: { ...of, p2: p }, root: rootOf(record.p2, of) });
    const other = { ...record, ...change };
    const [first, second] = [made(p2, record), made(p2, other)];
    expect(second.inputs).not.toEqual(first.inputs);
    expect(second.outputs).toEqual(first.outputs);
    for (const one of [first, second]) expect(await solve(mutants[name] as CompiledProgram, one)).toEqual(one.outputs);
    const [owned, foreign] = [made(record.p2, record), made(record.p2, other)];
    for (const one of [owned, foreign]) expect(await solve(real, one)).toEqual(one.outputs);
    expect(foreign.outputs).not.toEqual(owned.outputs);
  });

  test('every item is dropped', () => {
    // A leaf, a node and a record have these items and no others; an audit's own are in its transcript, above.
    expect(rootOf(record.p2)).toBe(record.root);
    expect(buildTree(record.p2, [leafOf(record.p2)], 0).root).toBe(leafOf(record.p2));
    const sources = circuitSources(recordInstance);
    const hashes = [sources['audit.nr'], sources['membership.nr']].join('\n').match(/\bhash\(TAG_\w+/g);
    expect(hashes).toEqual(['hash(TAG_LEAF', 'hash(TAG_NODE', 'hash(TAG_COUNTS', 'hash(TAG_RECORD']);
  });
});
