import { beforeAll, describe, expect, test } from 'vitest';
import {
  type CircomSystem,
  circomCase,
  circomInstance,
  circomProgramOf,
  circomSystem,
  gadgetSources,
  sourcesOf,
  systemOf,
} from '../utils/circomFixture.ts';
import { type Freedom, freedomOf } from '../utils/circomFreedom.ts';
import { activationHoles, argmaxHoles, bitsHoles } from '../utils/circomHoles.ts';
import { wiresOf } from '../utils/circomR1cs.ts';
import { sampleOf } from '../utils/windowEdits.ts';

// No constraint can be dropped unnoticed. Of the whole circuit: an honest witness can move in exactly as many directions as it is meant to, and
// dropping any constraint adds one; those of which this is not so decide between discrete alternatives (which side of a range, which class), and
// dropping each of those lets a small gadget take a wrong answer. ASSAY_MUTANTS: how many source lines are weakened and compiled, or `all`.

const wanted = process.env['ASSAY_MUTANTS'] ?? '3';
const everything = 3 * 3_600_000;

/** Where constraints follow from others to first order: alternatives are discrete, so no small movement shows them. */
const discrete = [/^main\.Argmax#0/, /^main\.HiddenLayer#\d+\.Activation#0/, /^main\.OutputLayer#0\.bit/, /^main\.outputs/];

/** Binding, salt, blinder and the mask's claim are free, and so are the sketches but for one product a layer; everything else follows from them. */
function designed(sizes: readonly number[], inside: number): number {
  const rows = sizes.slice(0, -1).reduce((sum, n) => sum + n + 1, 0);
  return 4 + rows - (sizes.length - 1) + inside;
}

const instance = circomInstance([4, 3, 2]);
/** One neuron below its range, one inside, one above. */
const hidden = [-3, 60, 140];
const inside = 1;

let system: CircomSystem;
let values: bigint[];
let freedom: Freedom;

beforeAll(async () => {
  const { inputs } = (await circomCase({ instance, label: 'freedom', hidden })).built;
  system = await circomSystem(await circomProgramOf(instance));
  values = system.solve(inputs);
  freedom = freedomOf(system.r1cs, values);
});

describe('a witness moves as it is meant to, and no further', () => {
  test('a class', () => {
    expect(freedom.dimension).toBe(designed(instance.sizes, inside));
  });

  test('logits of three layers', async () => {
    const other = circomInstance([5, 4, 3, 3], 'logits');
    const compiled = await circomSystem(await circomProgramOf(other));
    const { built } = await circomCase({ instance: other, label: 'freedom', hidden });
    const witness = compiled.solve(built.inputs);
    const free = freedomOf(compiled.r1cs, witness);
    // A ratio moves where its neuron is inside: there the circuit's own hint is 0.
    const ratios = compiled.names.flatMap((names, wire) => (names[0]?.endsWith('.ratio') ? [witness[wire] as bigint] : []));
    expect(free.dimension).toBe(designed(other.sizes, ratios.filter((ratio) => ratio === 0n).length));
    expect(free.dependent.length).toBeLessThan(0.02 * compiled.r1cs.constraints.length);
  });

  test('every constraint but the discrete ones adds a direction when it is dropped', () => {
    const { constraints } = system.r1cs;
    const elsewhere = freedom.dependent.filter((index) => {
      const names = wiresOf(constraints[index] as never).flatMap((wire) => system.names[wire] as string[]);
      return !names.some((name) => discrete.some((pattern) => pattern.test(name)));
    });
    expect(elsewhere).toEqual([]);
    expect(freedom.dependent.length).toBeLessThan(0.1 * constraints.length);
    // What was computed for all at once, seen for some.
    const dropped = (index: number): number =>
      freedomOf({ ...system.r1cs, constraints: constraints.filter((_, i) => i !== index) }, values).dimension - freedom.dimension;
    const free = new Set(freedom.dependent);
    const chosen = sampleOf('dropped', 4, constraints.length).filter((index) => !free.has(index));
    expect(chosen.length).toBeGreaterThan(1);
    for (const index of chosen) expect(dropped(index)).toBe(1);
    expect(dropped(freedom.dependent[0] as number)).toBe(0);
  });
});

describe('dropping a constraint of a gadget lets a wrong answer pass', () => {
  type Gadget = { call: string; holes: (system: CircomSystem) => string[] };
  const gadgets: Record<string, Gadget> = {
    bits: { call: 'Bits(3)', holes: (made) => bitsHoles(made, 3) },
    activation: { call: 'Activation(7, 2, 2)', holes: (made) => activationHoles(made, 7, 2, 2) },
    argmax: { call: 'Argmax(3, 2)', holes: (made) => argmaxHoles(made, 3, 2) },
  };

  async function holesOf(name: string, file?: string, from?: string, to?: string): Promise<string[]> {
    const { call, holes } = gadgets[name] as Gadget;
    const sources = await gadgetSources(`component main {public [in]} = ${call};`);
    if (file !== undefined && from !== undefined && to !== undefined) {
      expect(sources[file]?.split(from)).toHaveLength(2);
      sources[file] = (sources[file] as string).replace(from, () => to);
    }
    return holes(await systemOf(`test-mutant-${name}`, sources));
  }

  test.each(Object.keys(gadgets))('%s as it is has no hole', async (name) => {
    expect(await holesOf(name)).toEqual([]);
  });

  test.each([
    ['bits', 'lib/packing.circom', '    out[i] * (out[i] - 1) === 0;', ''],
    ['bits', 'lib/packing.circom', '  sum === in;', ''],
    ['activation', 'lib/fixed.circom', '  high * ratio === out - low;', ''],
    ['activation', 'lib/fixed.circom', '  high * (out - edge) === 0;', ''],
    ['argmax', 'lib/argmax.circom', '    hot[j] * (hot[j] - 1) === 0;', ''],
    ['argmax', 'lib/argmax.circom', '  sum === 1;', ''],
    ['argmax', 'lib/argmax.circom', '    hot[j] * (largest - in[j]) === 0;', ''],
    ['argmax', 'lib/argmax.circom', 'Bits(k)(largest - in[j] - later)', 'Bits(k)(0 * largest)'],
    ['argmax', 'lib/argmax.circom', '- later);', ');'],
    ['argmax', 'lib/argmax.circom', '  out <== index;', '  out <-- index;'],
  ])('%s, %s: without %s', async (name, file, from, to) => {
    expect((await holesOf(name, file, from, to)).length).toBeGreaterThan(0);
  });
});

/** Reviewed: source lines that change nothing that freedom shows when they are weakened. */
const harmless: Readonly<Record<string, string>> = {
  // Decides between discrete alternatives: dropped, the gadget above has holes.
  'high * ratio === out - low;': 'lib/fixed.circom',
  // The salt is free anyway: a free item in its place is the same circuit.
  'items[packedLength(n, fx)] <== salt;': 'lib/inference.circom',
  // Nobody's outputs: no constraint stands here.
  '_ <== round[groups - 1].out[1];': 'lib/poseidon2.circom',
  '_ <== round[groups - 1].out[2];': 'lib/poseidon2.circom',
  '_ <== round[groups - 1].out[3];': 'lib/poseidon2.circom',
};

test(
  `weakening ${wanted} of the sources' lines frees the witness`,
  async () => {
    // Rows for two groups of the transcript: every line is in use.
    const wide = circomInstance([8, 5, 2]);
    const { inputs } = (await circomCase({ instance: wide, label: 'freedom', hidden })).built;
    const whole = await circomSystem(await circomProgramOf(wide));
    const { dimension } = freedomOf(whole.r1cs, whole.solve(inputs));
    const sources = await sourcesOf(wide);
    // Lines that assign and constrain, or only constrain. A call cannot be weakened by itself: its inputs and outputs are, in the lines around it.
    const lines = Object.entries(sources).flatMap(([file, text]) =>
      file.startsWith('circomlib/') || file === 'lib/argmax.circom'
        ? []
        : text.split('\n').flatMap((line, number) => {
            if (/^\s*\/\//.test(line) || / <== \w+\(.*\)\(.*\);/.test(line)) return [];
            return line.includes(' <== ') || line.includes(' === ') ? [{ file, number, line }] : [];
          }),
    );
    expect(lines.length).toBeGreaterThan(40);
    const chosen =
      wanted === 'all' ? lines : sampleOf('weakened', Number(wanted), lines.length).map((i) => lines[i] as (typeof lines)[number]);
    const survivors: string[] = [];
    for (const { file, number, line } of chosen) {
      const weak = line.includes(' === ') ? '' : line.replace(' <== ', ' <-- ');
      const changed = { ...sources, [file]: (sources[file] as string).split('\n').with(number, weak).join('\n') };
      const mutant = await systemOf('test-weakened', changed);
      const free = freedomOf(mutant.r1cs, mutant.solve(inputs)).dimension;
      if (free <= dimension) survivors.push(line.trim());
      if (harmless[line.trim()] !== file) expect(free, `${file}:${number + 1} ${line.trim()}`).toBeGreaterThan(dimension);
    }
    console.log(`${chosen.length} of ${lines.length} lines weakened, ${survivors.length} survived, all of them reviewed`);
    expect(survivors.filter((line) => harmless[line] === undefined)).toEqual([]);
    if (wanted === 'all') expect(survivors.sort()).toEqual(Object.keys(harmless).sort());
    expect(chosen.length).toBeGreaterThan(survivors.length);
  },
  wanted === 'all' ? everything : 120_000,
);
