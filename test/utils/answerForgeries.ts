import { noirInferenceLayout } from '../../src/proof/inference/noirCircuit.ts';
import { weightBits } from '../../src/quant/spec.ts';
import { inferenceCase, testInference } from './inferenceFixture.ts';
import { type ForgeAnswerParameters, forgeAnswer, solvedAnswerSketches } from './inferenceForgery.ts';
import type { ClipCells } from './windowForgery.ts';

// Lies about answers, each of which everything else of its witness agrees with.

/** Small instances: every forgery is one of theirs. */
export const answerInstances = {
  class: testInference([4, 3, 4], { inputs: 2 }),
  logits: testInference([4, 3, 4], { inputs: 2, output: 'logits' }),
};
const { spec } = answerInstances.class;
const { zBits, excess } = noirInferenceLayout(answerInstances.class);
const [hiddenBits, outputBits] = zBits as [number, number];
const unit = 1n << BigInt(weightBits(spec));
const range = (bits: number | undefined): string => `range ${bits}`;
const edge = 'clip: outside, but not at the edge';
const side = 'clip: side is not -1, 0 or 1';
/** First-input quotients: every clip edge, one beside it, and values well inside and outside. */
const cases = {
  plain: { hidden: [60, -3, 140] },
  edges: { hidden: [127, 0, 128] },
  below: { hidden: [-1, 126, 191] },
  tied: { tied: [0, 1, 1, 0] },
  ordered: { tied: [0, 2, 0, 0] },
  // Its two inputs are of different classes.
  'apart 14': {},
} as const;
/** Honest answers of the instance that answers classes. */
export const classCases = Object.fromEntries(
  await Promise.all(
    Object.entries(cases).map(
      async ([label, targets]) => [label, await inferenceCase({ instance: answerInstances.class, label, ...targets })] as const,
    ),
  ),
) as Record<keyof typeof cases, Awaited<ReturnType<typeof inferenceCase>>>;
/** An honest answer of the one that answers logits. */
export const logitsCase = await inferenceCase({ instance: answerInstances.logits, label: 'logits' });

/** Replaces the clip of the first neuron on the first input whose quotient is f. */
function clipAt(f: bigint, forged: (honest: ClipCells) => ClipCells): Pick<ForgeAnswerParameters, 'clip'> {
  return { clip: ({ s }, quotient, honest) => (s === 0 && quotient === f ? forged(honest) : undefined) };
}
const solved: Pick<ForgeAnswerParameters, 'sketches'> = {
  sketches: (_honest, b, trace) => solvedAnswerSketches(answerInstances.class, trace, b),
};

/** The first word one higher. */
const raised = (words: readonly bigint[]): bigint[] => words.map((word, i) => (i === 0 ? word + 1n : word));

const edgeLine = 'assert(outside * (2 * cell[A] - top) == top * side, "clip: outside, but not at the edge");';
const idLine = 'assert(id == input_id, "the input is not the committed one");';

/** Name; constraints broken, as `describeOpcode` says them; the line of the sources that says it; the lie. */
export type AnswerForgery = readonly [string, readonly string[], string, () => ForgeAnswerParameters];

export const answerForgeries: readonly AnswerForgery[] = [
  [
    'quotient + 1, remainder - 2^Fw',
    [range(weightBits(spec))],
    'cell[REMAINDER].assert_max_bit_size::<FW>();',
    () => ({ given: classCases.plain, ...clipAt(60n, ([a, s, t, r]) => [a + 1n, s, t, r - unit]) }),
  ],
  [
    'quotient - 1, remainder + 2^Fw',
    [range(weightBits(spec))],
    'cell[REMAINDER].assert_max_bit_size::<FW>();',
    () => ({ given: classCases.plain, ...clipAt(60n, ([a, s, t, r]) => [a - 1n, s, t, r + unit]) }),
  ],
  [
    '-1 called inside',
    [range(spec.actBits)],
    'cell[A].assert_max_bit_size::<ACT>();',
    () => ({ given: classCases.below, ...clipAt(-1n, ([, , , r]) => [-1n, 0n, 0n, r]) }),
  ],
  [
    '128 called inside',
    [range(spec.actBits)],
    'cell[A].assert_max_bit_size::<ACT>();',
    () => ({ given: classCases.edges, ...clipAt(128n, ([, , , r]) => [128n, 0n, 0n, r]) }),
  ],
  [
    '127 called above',
    [range(excess[0])],
    'cell[EXCESS].assert_max_bit_size::<EXC>();',
    () => ({ given: classCases.edges, ...clipAt(127n, ([a, , , r]) => [a, 1n, -1n, r]) }),
  ],
  [
    '0 called below',
    [range(excess[0])],
    'cell[EXCESS].assert_max_bit_size::<EXC>();',
    () => ({ given: classCases.edges, ...clipAt(0n, ([a, , , r]) => [a, -1n, -1n, r]) }),
  ],
  [
    '60 called above, saturated',
    [range(excess[0])],
    'cell[EXCESS].assert_max_bit_size::<EXC>();',
    () => ({ given: classCases.plain, ...clipAt(60n, ([, , , r]) => [127n, 1n, -68n, r]) }),
  ],
  [
    '60 called below, and so 0',
    [range(excess[0])],
    'cell[EXCESS].assert_max_bit_size::<EXC>();',
    () => ({ given: classCases.plain, ...clipAt(60n, ([, , , r]) => [0n, -1n, -61n, r]) }),
  ],
  [
    'a neuron that answers 60 switched off',
    [edge],
    edgeLine,
    () => ({ given: classCases.plain, ...clipAt(60n, ([, , , r]) => [0n, 1n, 59n, r]) }),
  ],
  ['-3 switched on', [edge], edgeLine, () => ({ given: classCases.plain, ...clipAt(-3n, ([, , , r]) => [127n, -1n, 129n, r]) })],
  ['140, one under the edge', [edge], edgeLine, () => ({ given: classCases.plain, ...clipAt(140n, ([, , , r]) => [126n, 1n, 13n, r]) })],
  [
    // 127^2 (2 * 64 - 127) = 127 * 127: the edge is satisfied.
    '191 as 64, on the side 127',
    [side],
    'assert(side * outside == side, "clip: side is not -1, 0 or 1");',
    () => ({ given: classCases.below, ...clipAt(191n, ([, , , r]) => [64n, 127n, 0n, r]) }),
  ],
  [
    'inside, and an excess that nothing fixes',
    ['clip: inside, but with an excess'],
    'assert(cell[EXCESS] * outside == cell[EXCESS], "clip: inside, but with an excess");',
    () => ({ given: classCases.plain, ...clipAt(60n, ([a, s, , r]) => [a, s, 5n, r]) }),
  ],
  [
    'a hidden z that its packing has no room for',
    [range(hiddenBits)],
    'shifted.assert_max_bit_size::<ZB>();',
    () => ({ given: classCases.plain, ...solved, ...clipAt(140n, ([a, s, , r]) => [a, s, (1n << BigInt(excess[0] as number)) - 1n, r]) }),
  ],
  [
    'pixel 16 and its neighbour one less: the same digest',
    [range(spec.fx)],
    'features[s][i].assert_max_bit_size::<FX>();',
    () => ({ given: classCases.plain, features: (x) => x.map((value, i) => (i === 0 ? value + 16n : i === 1 ? value - 1n : value)) }),
  ],
  [
    'another input than the committed one',
    ['the input is not the committed one'],
    idLine,
    () => ({
      given: classCases.plain,
      features: (x) => x.map((value) => 15n - value),
      inputId: () => forgeAnswer({ given: classCases.plain }).inputId,
    }),
  ],
  [
    'logits + 2^zBits and its neighbour one less: the same word',
    [range(outputBits)],
    'logits[s][j].assert_max_bit_size::<ZB>();',
    () => ({
      given: logitsCase,
      ...solved,
      logits: (s, z) => (s > 0 ? z : z.map((value, j) => (j === 0 ? value + (1n << BigInt(outputBits)) : j === 1 ? value - 1n : value))),
    }),
  ],
  [
    'a logit one higher',
    ['the answer differs'],
    'assert(answers[i] == outputs[i], "the answer differs");',
    // The compiler absorbs the public words wherever the packed logits stand: both are one to it.
    () => ({ given: logitsCase, words: raised, absorbedB: (items) => [...items.slice(0, -1), ...raised(items.slice(-1))] }),
  ],
  [
    'the class one higher',
    ['the answer differs'],
    'assert(answers[i] == outputs[i], "the answer differs");',
    () => ({ given: classCases.plain, words: (honest) => honest.map((word) => word + 1n) }),
  ],
  [
    'the last class instead of the first',
    [range(outputBits)],
    '(largest - logits[s][j] - 1 + reached).assert_max_bit_size::<ZB>();',
    () => ({ given: classCases.ordered, oneHot: (s, honest) => (s > 0 ? honest : [0n, 0n, 0n, 1n]) }),
  ],
  [
    'the second of two equal logits',
    [range(outputBits)],
    '(largest - logits[s][j] - 1 + reached).assert_max_bit_size::<ZB>();',
    () => ({ given: classCases.tied, oneHot: (s, honest) => (s > 0 ? honest : [0n, 0n, 1n, 0n]) }),
  ],
  [
    'two classes at once',
    ['class: not one-hot'],
    'assert(reached == 1, "class: not one-hot");',
    () => ({ given: classCases.tied, oneHot: (s, honest) => (s > 0 ? honest : [0n, 1n, 1n, 0n]) }),
  ],
  [
    'a two and a minus one: class 2 for class 1',
    ['class: a one-hot entry is not a bit'],
    'assert(bit * bit == bit, "class: a one-hot entry is not a bit");',
    () => ({ given: classCases.ordered, oneHot: (s, honest) => (s > 0 ? honest : [-1n, 2n, 0n, 0n]) }),
  ],
  [
    'an activation that is not its z',
    ['layer 0: Z v differs from A y'],
    'layer 0: Z v differs from A y',
    () => ({ given: classCases.plain, ...clipAt(60n, ([a, s, t, r]) => [a + 1n, s, t, r]) }),
  ],
  [
    'a logit that is not its z',
    ['layer 1: Z v differs from A y'],
    'layer 1: Z v differs from A y',
    () => ({ given: logitsCase, logits: (s, z) => (s > 0 ? z : z.map((value, j) => (j === 0 ? value + 1n : value))) }),
  ],
  [
    'the last pixel 16',
    [range(spec.fx)],
    'features[s][i].assert_max_bit_size::<FX>();',
    () => ({ given: classCases.plain, features: (x) => x.with(-1, 16n) }),
  ],
  [
    'the last logit one bit too long',
    [range(outputBits)],
    'logits[s][j].assert_max_bit_size::<ZB>();',
    () => ({
      given: logitsCase,
      ...solved,
      logits: (s, z) => (s === 0 ? z : z.with(-1, (z.at(-1) as bigint) + (1n << BigInt(outputBits)))),
    }),
  ],
  [
    'a remainder of the second input, one off',
    ['layer 0: Z v differs from A y'],
    'layer 0: Z v differs from A y',
    () => ({
      given: classCases.plain,
      clip: ({ l, s, j }, _f, [a, sign, t, r]) => (l === 0 && s === 1 && j === 0 ? [a, sign, t, r > 0n ? r - 1n : r + 1n] : undefined),
    }),
  ],
  // Off by the least that there is.
  ['-3, one over the edge', [edge], edgeLine, () => ({ given: classCases.plain, ...clipAt(-3n, ([, , , r]) => [1n, -1n, 3n, r]) })],
  [
    'inside, and an excess of one',
    ['clip: inside, but with an excess'],
    'assert(cell[EXCESS] * outside == cell[EXCESS], "clip: inside, but with an excess");',
    () => ({ given: classCases.plain, ...clipAt(60n, ([a, s, , r]) => [a, s, 1n, r]) }),
  ],
  ...[1n, -1n].flatMap((step): AnswerForgery[] => {
    const which = step > 0n ? 'one higher' : 'one lower';
    const first = (s: number, z: readonly bigint[]): bigint[] => z.map((value, j) => (s === 0 && j === 0 ? value + step : value));
    return [
      [
        `a commitment ${which}`,
        ['the input is not the committed one'],
        idLine,
        () => ({ given: classCases.plain, inputId: (honest) => honest + step }),
      ],
      [
        `a remainder ${which}`,
        ['layer 0: Z v differs from A y'],
        'layer 0: Z v differs from A y',
        () => ({ given: classCases.plain, ...clipAt(60n, ([a, s, t, r]) => [a, s, t, r + step]) }),
      ],
      [
        `a class's logit ${which} than its z`,
        ['layer 1: Z v differs from A y'],
        'layer 1: Z v differs from A y',
        () => ({ given: classCases.plain, logits: first }),
      ],
    ];
  }),
  [
    'the class one lower',
    ['the answer differs'],
    'assert(answers[i] == outputs[i], "the answer differs");',
    () => ({ given: classCases.ordered, words: (honest) => honest.map((word) => word - 1n) }),
  ],
  [
    'two ones and a minus one: class 0 for class 1',
    ['class: a one-hot entry is not a bit'],
    'assert(bit * bit == bit, "class: a one-hot entry is not a bit");',
    () => ({ given: classCases.tied, oneHot: (s, honest) => (s > 0 ? honest : [0n, 1n, 1n, -1n]) }),
  ],
];
