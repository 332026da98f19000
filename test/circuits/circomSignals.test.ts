import { describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import {
  type CircomSystem,
  circomCase,
  circomInstance,
  circomProgramOf,
  circomSystem,
  sourcesOf,
  systemOf,
} from '../utils/circomFixture.ts';
import { survivorsOf, violatedBy, type WireEdit } from '../utils/circomR1cs.ts';
import { integers } from '../utils/random.ts';

// Every edit of a single wire of an honest witness must break a constraint of the compiled circuit.

// Reviewed: what a prover may choose freely, and why that is harmless.
const free = [
  // The ratio of an activation inside its range: there `high` is 0, and the ratio stands in no other product. Nothing else reads it.
  /^main\.HiddenLayer#\d+\.Activation#0\[\d+\]\.ratio$/,
];

/** The edits of a wire that change it: +1, -1, a random element, 0, r - 1. */
function editsOf(values: readonly bigint[], wire: number): WireEdit[] {
  const old = values[wire] as bigint;
  const all: [string, bigint][] = [
    ['+1', (old + 1n) % R],
    ['-1', (old + R - 1n) % R],
    ['random', (integers(`wire ${wire}`, 1)[0] as bigint) % R],
    ['0', 0n],
    ['r-1', R - 1n],
  ];
  const seen = new Set([old]);
  return all.flatMap(([edit, value]) => {
    if (seen.has(value)) return [];
    seen.add(value);
    return [{ wire, edit, value }];
  });
}

/** Names of the wires of which some edit breaks nothing, and the number of edits tried. */
function freeWires(system: CircomSystem, values: readonly bigint[]): { names: string[]; edits: number } {
  expect(violatedBy(system.r1cs, values)).toEqual([]);
  // Wire 0 is the constant 1, which no prover chooses.
  const edits = Array.from({ length: system.r1cs.wires - 1 }, (_, i) => editsOf(values, i + 1)).flat();
  const survivors = survivorsOf(system.r1cs, values, edits);
  return { names: [...new Set(survivors.map(({ wire }) => (system.names[wire] as string[])[0] as string))], edits: edits.length };
}

describe('edited wires of the inference circuit', () => {
  test.each([
    { sizes: [4, 3, 2], output: 'class' as const, inside: 1 },
    { sizes: [5, 4, 3, 3], output: 'logits' as const, inside: undefined },
  ])('$sizes, $output: every edit breaks a constraint, but of what is free on purpose', async ({ sizes, output, inside }) => {
    const instance = circomInstance(sizes, output);
    const system = await circomSystem(await circomProgramOf(instance));
    // One neuron below its range, one inside, one above.
    const { built } = await circomCase({ instance, label: 'edited wires', hidden: [-3, 60, 140] });
    const values = system.solve(built.inputs);
    const { names, edits } = freeWires(system, values);
    expect(edits).toBeGreaterThan(3.5 * system.r1cs.wires);
    expect(names.filter((name) => !free.some((pattern) => pattern.test(name)))).toEqual([]);
    // The list speaks of something: exactly the neurons inside their range have a free ratio.
    if (inside !== undefined) expect(names).toEqual([`main.HiddenLayer#0.Activation#0[${inside}].ratio`]);
    else expect(names.length).toBeGreaterThan(0);
  });

  test('a planted free hint is found', async () => {
    const instance = circomInstance([4, 3, 2]);
    const sources = await sourcesOf(instance);
    const file = 'lib/argmax.circom';
    const from = '  out <== index;';
    expect(sources[file]?.split(from)).toHaveLength(2);
    // A bit that the prover may choose: used, constrained to be a bit, and nothing more.
    sources[file] = (sources[file] as string).replace(from, `  signal plant;\n  plant <-- 0;\n  plant * (plant - 1) === 0;\n${from}`);
    const system = await systemOf('test-planted', sources);
    const { built } = await circomCase({ instance, label: 'edited wires', hidden: [-3, 60, 140] });
    const { names } = freeWires(system, system.solve(built.inputs));
    expect(names.filter((name) => !free.some((pattern) => pattern.test(name)))).toEqual(['main.Argmax#0.plant']);
  });
});
