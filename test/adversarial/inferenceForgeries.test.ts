import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadPoseidon2 } from '../../src/commitment/poseidon2.ts';
import { noirInferenceLayout } from '../../src/proof/inference/noirCircuit.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { weightBits } from '../../src/quant/spec.ts';
import { type Bench, expectAccepted, expectForgery } from '../utils/forgedProof.ts';
import { inferenceArtifactsOf, inferenceCase, testInference } from '../utils/inferenceFixture.ts';
import { type ForgeAnswerParameters, forgeAnswer, solvedAnswerSketches } from '../utils/inferenceForgery.ts';
import { readAcir } from '../utils/windowAcir.ts';
import type { ClipCells } from '../utils/windowForgery.ts';
import { circuitSources } from '../utils/windowMutant.ts';
import { honkVerdict } from '../utils/windowVerdict.ts';

// Forged answers whose transcript is redone: everything but the lie itself agrees with it. Of every constraint in the circuit's sources there is one.

const instances = {
  class: testInference([4, 3, 4], { inputs: 2 }),
  logits: testInference([4, 3, 4], { inputs: 2, output: 'logits' }),
};
const { spec } = instances.class;
const { zBits, excess } = noirInferenceLayout(instances.class);
const [hiddenBits, outputBits] = zBits as [number, number];
const unit = 1n << BigInt(weightBits(spec));
const range = (bits: number | undefined): string => `range ${bits}`;
const edge = 'clip: outside, but not at the edge';
const side = 'clip: side is not -1, 0 or 1';
const p2 = await loadPoseidon2();

/** First-input quotients: every clip edge, one beside it, and values well inside and outside. */
const cases = {
  plain: { hidden: [60, -3, 140] },
  edges: { hidden: [127, 0, 128] },
  below: { hidden: [-1, 126, 191] },
  tied: { tied: [0, 1, 1, 0] },
  ordered: { tied: [0, 2, 0, 0] },
} as const;
const given = Object.fromEntries(
  await Promise.all(
    Object.entries(cases).map(
      async ([label, targets]) => [label, await inferenceCase({ instance: instances.class, label, ...targets })] as const,
    ),
  ),
) as Record<keyof typeof cases, Awaited<ReturnType<typeof inferenceCase>>>;
const logits = await inferenceCase({ instance: instances.logits, label: 'logits' });

/** Replaces the clip of the first neuron on the first input whose quotient is f. */
function clipAt(f: bigint, forged: (honest: ClipCells) => ClipCells): Pick<ForgeAnswerParameters, 'clip'> {
  return { clip: ({ s }, quotient, honest) => (s === 0 && quotient === f ? forged(honest) : undefined) };
}
const solved: Pick<ForgeAnswerParameters, 'sketches'> = {
  sketches: (_honest, b, trace) => solvedAnswerSketches(instances.class, trace, b),
};

const raised = (words: readonly bigint[]): bigint[] => words.map((word, i) => (i === 0 ? word + 1n : word));

/** Name; constraints broken, as `describeOpcode` says them; the line of the sources that says it; the lie. */
const forgeries: readonly (readonly [string, readonly string[], string, () => ForgeAnswerParameters])[] = [
  [
    'quotient + 1, remainder - 2^Fw',
    [range(weightBits(spec))],
    'cell[REMAINDER].assert_max_bit_size::<FW>();',
    () => ({ given: given.plain, ...clipAt(60n, ([a, s, t, r]) => [a + 1n, s, t, r - unit]) }),
  ],
  [
    'quotient - 1, remainder + 2^Fw',
    [range(weightBits(spec))],
    'cell[REMAINDER].assert_max_bit_size::<FW>();',
    () => ({ given: given.plain, ...clipAt(60n, ([a, s, t, r]) => [a - 1n, s, t, r + unit]) }),
  ],
  [
    '-1 called inside',
    [range(spec.actBits)],
    'cell[A].assert_max_bit_size::<ACT>();',
    () => ({ given: given.below, ...clipAt(-1n, ([, , , r]) => [-1n, 0n, 0n, r]) }),
  ],
  [
    '128 called inside',
    [range(spec.actBits)],
    'cell[A].assert_max_bit_size::<ACT>();',
    () => ({ given: given.edges, ...clipAt(128n, ([, , , r]) => [128n, 0n, 0n, r]) }),
  ],
  [
    '127 called above',
    [range(excess[0])],
    'cell[EXCESS].assert_max_bit_size::<EXC>();',
    () => ({ given: given.edges, ...clipAt(127n, ([a, , , r]) => [a, 1n, -1n, r]) }),
  ],
  [
    '0 called below',
    [range(excess[0])],
    'cell[EXCESS].assert_max_bit_size::<EXC>();',
    () => ({ given: given.edges, ...clipAt(0n, ([a, , , r]) => [a, -1n, -1n, r]) }),
  ],
  [
    '60 called above, saturated',
    [range(excess[0])],
    'cell[EXCESS].assert_max_bit_size::<EXC>();',
    () => ({ given: given.plain, ...clipAt(60n, ([, , , r]) => [127n, 1n, -68n, r]) }),
  ],
  [
    '60 called below, and so 0',
    [range(excess[0])],
    'cell[EXCESS].assert_max_bit_size::<EXC>();',
    () => ({ given: given.plain, ...clipAt(60n, ([, , , r]) => [0n, -1n, -61n, r]) }),
  ],
  [
    'a neuron that answers 60 switched off',
    [edge],
    'assert(outside * (2 * cell[A] - top) == top * side, "clip: outside, but not at the edge");',
    () => ({ given: given.plain, ...clipAt(60n, ([, , , r]) => [0n, 1n, 59n, r]) }),
  ],
  [
    '-3 switched on',
    [edge],
    'assert(outside * (2 * cell[A] - top) == top * side, "clip: outside, but not at the edge");',
    () => ({ given: given.plain, ...clipAt(-3n, ([, , , r]) => [127n, -1n, 129n, r]) }),
  ],
  [
    '140, one under the edge',
    [edge],
    'assert(outside * (2 * cell[A] - top) == top * side, "clip: outside, but not at the edge");',
    () => ({ given: given.plain, ...clipAt(140n, ([, , , r]) => [126n, 1n, 13n, r]) }),
  ],
  [
    // 127^2 (2 * 64 - 127) = 127 * 127: the edge is satisfied.
    '191 as 64, on the side 127',
    [side],
    'assert(side * outside == side, "clip: side is not -1, 0 or 1");',
    () => ({ given: given.below, ...clipAt(191n, ([, , , r]) => [64n, 127n, 0n, r]) }),
  ],
  [
    'inside, and an excess that nothing fixes',
    ['clip: inside, but with an excess'],
    'assert(cell[EXCESS] * outside == cell[EXCESS], "clip: inside, but with an excess");',
    () => ({ given: given.plain, ...clipAt(60n, ([a, s, , r]) => [a, s, 5n, r]) }),
  ],
  [
    'a hidden z that its packing has no room for',
    [range(hiddenBits)],
    'shifted.assert_max_bit_size::<ZB>();',
    () => ({ given: given.plain, ...solved, ...clipAt(140n, ([a, s, , r]) => [a, s, (1n << BigInt(excess[0] as number)) - 1n, r]) }),
  ],
  [
    'pixel 16 and its neighbour one less: the same digest',
    [range(spec.fx)],
    'features[s][i].assert_max_bit_size::<FX>();',
    () => ({ given: given.plain, features: (x) => x.map((value, i) => (i === 0 ? value + 16n : i === 1 ? value - 1n : value)) }),
  ],
  [
    'another input than the committed one',
    ['the input is not the committed one'],
    'assert(id == input_id, "the input is not the committed one");',
    () => ({
      given: given.plain,
      features: (x) => x.map((value) => 15n - value),
      inputId: () => forgeAnswer({ given: given.plain }).inputId,
    }),
  ],
  [
    'logits + 2^zBits and its neighbour one less: the same word',
    [range(outputBits)],
    'logits[s][j].assert_max_bit_size::<ZB>();',
    () => ({
      given: logits,
      ...solved,
      logits: (s, z) => (s > 0 ? z : z.map((value, j) => (j === 0 ? value + (1n << BigInt(outputBits)) : j === 1 ? value - 1n : value))),
    }),
  ],
  [
    'a logit one higher',
    ['the answer differs'],
    'assert(answers[i] == outputs[i], "the answer differs");',
    // The compiler absorbs the public words wherever the packed logits stand: both are one to it.
    () => ({ given: logits, words: raised, absorbedB: (items) => [...items.slice(0, -1), ...raised(items.slice(-1))] }),
  ],
  [
    'the class one higher',
    ['the answer differs'],
    'assert(answers[i] == outputs[i], "the answer differs");',
    () => ({ given: given.plain, words: (honest) => honest.map((word) => word + 1n) }),
  ],
  [
    'the last class instead of the first',
    [range(outputBits)],
    '(largest - logits[s][j] - 1 + reached).assert_max_bit_size::<ZB>();',
    () => ({ given: given.ordered, oneHot: (s, honest) => (s > 0 ? honest : [0n, 0n, 0n, 1n]) }),
  ],
  [
    'the second of two equal logits',
    [range(outputBits)],
    '(largest - logits[s][j] - 1 + reached).assert_max_bit_size::<ZB>();',
    () => ({ given: given.tied, oneHot: (s, honest) => (s > 0 ? honest : [0n, 0n, 1n, 0n]) }),
  ],
  [
    'two classes at once',
    ['class: not one-hot'],
    'assert(reached == 1, "class: not one-hot");',
    () => ({ given: given.tied, oneHot: (s, honest) => (s > 0 ? honest : [0n, 1n, 1n, 0n]) }),
  ],
  [
    'a two and a minus one: class 2 for class 1',
    ['class: a one-hot entry is not a bit'],
    'assert(bit * bit == bit, "class: a one-hot entry is not a bit");',
    () => ({ given: given.ordered, oneHot: (s, honest) => (s > 0 ? honest : [-1n, 2n, 0n, 0n]) }),
  ],
  [
    'an activation that is not its z',
    ['layer 0: Z v differs from A y'],
    'layer 0: Z v differs from A y',
    () => ({ given: given.plain, ...clipAt(60n, ([a, s, t, r]) => [a + 1n, s, t, r]) }),
  ],
  [
    'a logit that is not its z',
    ['layer 1: Z v differs from A y'],
    'layer 1: Z v differs from A y',
    () => ({ given: logits, logits: (s, z) => (s > 0 ? z : z.map((value, j) => (j === 0 ? value + 1n : value))) }),
  ],
];

let honk: UltraHonk;
const benches: Record<string, Bench> = {};

beforeAll(async () => {
  for (const instance of Object.values(instances)) {
    const artifacts = await inferenceArtifactsOf(instance);
    honk ??= await createUltraHonk({ srs: artifacts.srs });
    const verdict = await honkVerdict(artifacts.honkVerifier.runtime);
    benches[instance.output] = { honk, artifacts, acir: readAcir(artifacts.program), verdict, p2 };
  }
});

afterAll(async () => {
  await honk.close();
});

const benchOf = (parameters: ForgeAnswerParameters): Bench => benches[parameters.given.instance.output] as Bench;

test.each([...Object.entries(given), ['logits', logits] as const])(
  'the forger that does not lie is accepted: %s',
  async (_label, honest) => {
    const forged = forgeAnswer({ given: honest });
    expect(forged.changes).toBe(0);
    expect(forged.opened).toBe(forged.outputs[2]);
    await expectAccepted(benchOf({ given: honest }), forged);
  },
);

// The solver checks every constraint that is left. One is proved without its constraint, all with ASSAY_FORGERIES=all.
const proofs = process.env['ASSAY_FORGERIES'] === 'all' ? forgeries.length : 1;

describe.each(forgeries)('%s', (name, breaks, _line, forge) => {
  test('is refused by exactly its constraints; without them it passes', async () => {
    const parameters = forge();
    const forged = forgeAnswer(parameters);
    expect(forged.changes).toBeGreaterThan(0);
    await expectForgery(benchOf(parameters), forged, breaks, forgeries.findIndex(([other]) => other === name) < proofs);
  });
});

test('what is packed is the same: only the range of each value tells them apart', () => {
  const find = (start: string): ForgeAnswerParameters =>
    (forgeries.find(([name]) => name.startsWith(start)) as (typeof forgeries)[number])[3]();
  expect(forgeAnswer(find('pixel 16')).inputId).toBe(forgeAnswer({ given: given.plain }).inputId);
  expect(forgeAnswer(find('logits + 2^zBits')).words).toEqual(forgeAnswer({ given: logits }).words);
});

test('no constraint of the sources is left out', () => {
  const sources = circuitSources(instances.class);
  const lines = [sources['inference.nr'], sources['main.nr']]
    .flatMap((text) => (text as string).split('\n'))
    .map((line) => line.trim())
    .filter((line) => /\bassert\(|assert_max_bit_size/.test(line) && !line.startsWith('//'));
  expect(lines.filter((line) => !forgeries.some(([, , said]) => line.includes(said)))).toEqual([]);
  expect(forgeries.filter(([, , said]) => !lines.some((line) => line.includes(said)))).toEqual([]);
});
