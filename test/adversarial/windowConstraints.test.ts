import { beforeAll, describe, expect, test } from 'vitest';
import { type CompiledProgram, solveWitness } from '../../src/proof/solveWitness.ts';
import { codeOf } from '../utils/codeOf.ts';
import { windowArtifactsOf } from '../utils/windowFixture.ts';
import { forgeryInstance, type WindowForgery, windowForgeries } from '../utils/windowForgeries.ts';
import { circuitSources, compileMutants, type SourceEdit } from '../utils/windowMutant.ts';

// Every constraint in the circuit's sources is dropped in turn; a forgery that was refused must then pass. A constraint whose loss no forgery
// notices would be missing from this list, which the last test compares with the sources.

const range = (file: string, line: string): SourceEdit => ({ file, from: line, to: '' });
const assertion = (file: string, condition: string, message: string): SourceEdit => ({
  file,
  from: `assert(${condition}, "${message}");`,
  to: '',
});

const sources = circuitSources(forgeryInstance);
const main = sources['main.nr'] as string;
/** The functions of fixed.nr, to tell lines apart that stand in both. */
const fixed = sources['fixed.nr'] as string;
const hiddenStart = fixed.slice(fixed.indexOf('pub fn hidden<'), fixed.indexOf('pub fn hidden_digest<'));
const outputStart = fixed.slice(fixed.indexOf('pub fn output<'), fixed.indexOf('pub fn output_digest<'));
const within = (whole: string, line: string): SourceEdit => ({ file: 'fixed.nr', from: whole, to: whole.replace(line, '') });
const mainAssertion = (message: string): SourceEdit => {
  const line = main.split('\n').find((text) => text.includes(`"${message}"`)) as string;
  return { file: 'main.nr', from: line.trim(), to: '' };
};

const dropped: readonly (readonly [string, SourceEdit, string])[] = [
  ['side', assertion('fixed.nr', 's * mask == 0', 'clip: side is not -1, 0 or 1'), 'output: a side of two, at twelve'],
  [
    'edge',
    assertion('fixed.nr', '2 * c - 2 * mask * c - top + top * mask - top * s == 0', 'clip: outside, but not at the edge'),
    'hidden: above, one under the edge',
  ],
  ['range of a', within(hiddenStart, 'cell[A].assert_max_bit_size::<ACT>();'), 'hidden: 128 called inside'],
  ['range of a hidden excess', within(hiddenStart, 'cell[EXCESS].assert_max_bit_size::<EXC>();'), 'hidden: 127 called above'],
  [
    'range of a hidden remainder',
    within(hiddenStart, 'cell[REMAINDER].assert_max_bit_size::<FW>();'),
    'hidden: quotient + 1, remainder - 2^Fw',
  ],
  [
    'range of a delta',
    within(hiddenStart, 'cell[DELTA].assert_max_bit_size::<DLT>();'),
    'delta: a quotient in the field, for a remainder + 1',
  ],
  [
    'range of a delta remainder',
    within(hiddenStart, 'cell[DELTA_REMAINDER].assert_max_bit_size::<FW>();'),
    'delta: quotient + 1, remainder - 2^Fw',
  ],
  ['lower range of q', within(outputStart, 'cell[A].assert_max_bit_size::<FD + 1>();'), 'output: -1 unsaturated'],
  ['upper range of q', within(outputStart, '(top - cell[A]).assert_max_bit_size::<FD + 1>();'), 'output: 17 unsaturated'],
  ['range of an output excess', within(outputStart, 'cell[EXCESS].assert_max_bit_size::<EXC>();'), 'output: 16 called above'],
  [
    'range of an output remainder',
    within(outputStart, 'cell[REMAINDER].assert_max_bit_size::<FW2>();'),
    'output: quotient + 1, remainder - 2^(Fw + 2)',
  ],
  ['range of a feature', range('minibatch.nr', 'features[s][i].assert_max_bit_size::<FX>();'), 'pixel 16'],
  ['bits of a label', assertion('minibatch.nr', 'bit * bit == bit', 'label: a one-hot entry is not a bit'), 'label: a two and a minus one'],
  ['one-hot label', assertion('minibatch.nr', 'sum == 1', 'label: not one-hot'), 'label: five-hot'],
  ['leaf under the root', assertion('merkle.nr', 'node == root', 'minibatch: not the leaf that the seed selects'), 'another seed'],
  ['Z v = A y, hidden', mainAssertion('layer 0: Z v differs from A y'), 'hidden: an activation that is not its z'],
  ['Z v = A y, output', mainAssertion('layer 1: Z v differs from A y'), 'output: an answer that is not its z'],
  ['H s = E u', mainAssertion('layer 1: H s differs from E u'), 'delta: not what the errors give'],
  ['loss', mainAssertion('loss differs from the sum of e^2'), 'the loss one lower'],
];

let forgeries: readonly WindowForgery[];
let mutants: Record<string, CompiledProgram>;
let real: CompiledProgram;

beforeAll(async () => {
  forgeries = await windowForgeries();
  real = (await windowArtifactsOf(forgeryInstance)).program;
  mutants = await compileMutants(forgeryInstance, Object.fromEntries(dropped.map(([name, edit]) => [name, [edit]])));
});

describe.each(dropped)('without the constraint "%s"', (name, _edit, forgeryName) => {
  test(`"${forgeryName}" passes, and only without it`, async () => {
    const forged = (forgeries.find((forgery) => forgery.name === forgeryName) as WindowForgery).forge();
    expect(await codeOf(() => solveWitness(real, forged.inputs))).toBe('WITNESS_UNSATISFIED');
    expect((await solveWitness(mutants[name] as CompiledProgram, forged.inputs)).outputs).toEqual(forged.outputs);
  });
});

test('no constraint of the sources is left out', () => {
  // The library's modules that this circuit reaches; grouped rows have a test of their own.
  const counted = ['main.nr', 'fixed.nr', 'merkle.nr', 'minibatch.nr', 'packing.nr', 'sketch.nr', 'sponge.nr']
    .flatMap((name) => (sources[name] as string).split('\n'))
    .filter((line) => /\bassert\(|assert_max_bit_size/.test(line) && !line.trim().startsWith('//'));
  // Freivalds of every layer, written out by the generator, is listed layer by layer.
  expect(counted).toHaveLength(dropped.length);
});
