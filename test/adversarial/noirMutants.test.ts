import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import { inv, mod } from '../../src/commitment/field.ts';
import { batchIndex } from '../../src/commitment/merkle.ts';
import type { CircuitInstance, WindowInstance } from '../../src/proof/circuitInstance.ts';
import { type CompiledProgram, solveWitness } from '../../src/proof/solveWitness.ts';
import { answerForgeries, answerInstances, classCases, logitsCase } from '../utils/answerForgeries.ts';
import { auditCase, testAudit } from '../utils/auditFixture.ts';
import { auditForgeries, auditGiven, auditInstance, marginForgeries, marginGiven, marginInstance } from '../utils/auditForgeries.ts';
import { type ForgeAuditParameters, forgeAudit } from '../utils/auditForgery.ts';
import type { ForgedWitness } from '../utils/forgedProof.ts';
import { inferenceCase, testInference } from '../utils/inferenceFixture.ts';
import { forgeAnswer } from '../utils/inferenceForgery.ts';
import { membershipCase, testMembership } from '../utils/membershipFixture.ts';
import { forgedGiven, forgedInstance, membershipForgeries } from '../utils/membershipForgeries.ts';
import { forgeMembership } from '../utils/membershipForgery.ts';
import { compileSources, constraintsOf, mutantsOf } from '../utils/noirMutants.ts';
import { weightForgeries, weightsCase, weightsInstance } from '../utils/weightForgeries.ts';
import { testWellFormed, wellFormedCase } from '../utils/wellFormedFixture.ts';
import { forgeWeights } from '../utils/wellFormedForgery.ts';
import { sampleOf } from '../utils/windowEdits.ts';
import { testInstance, windowCase } from '../utils/windowFixture.ts';
import { forgeryInstance, forgeryWindows, windowForgeries } from '../utils/windowForgeries.ts';
import { type ForgeParameters, forgeWindow } from '../utils/windowForgery.ts';
import { circuitSources } from '../utils/windowMutant.ts';

// Mutants of the Noir sources: every constraint dropped and weakened, every statement dropped, sums that skip a term, indices shifted, wrong powers,
// signs and tags, items left out. A mutant is killed where an honest witness has no solution or other outputs than the forger that does not lie,
// or where a forgery that the real circuit refuses passes. Survivors stand in noirMutants.survivors.json, each with a reason
// (docs/security/mutants.md). ASSAY_MUTANTS: how many are compiled, or `all`; ASSAY_MUTANTS_OF: `statement | file`, only those.

const wanted = process.env['ASSAY_MUTANTS'] ?? '4';
const complete = wanted === 'all';
const only = (process.env['ASSAY_MUTANTS_OF'] ?? '').split(',');
const isWanted = (key: string): boolean => only.some((start) => key.startsWith(start));

type Named = ForgedWitness & { readonly name: string };
/** An instance with honest witnesses, and forgeries that its circuit refuses. */
type Ground = { readonly instance: CircuitInstance; readonly honest: readonly Named[]; readonly forgeries: readonly Named[] };
/** A statement, the files that are its own, and its instances: a later one judges what the earlier ones left. */
type Statement = { readonly name: string; readonly files: readonly string[]; readonly grounds: () => Promise<readonly Ground[]> };

const named = (name: string, { inputs, outputs }: ForgedWitness): Named => ({ name, inputs, outputs });

async function windowGrounds(): Promise<Ground[]> {
  const honest = await Promise.all(
    Object.entries(forgeryWindows).map(async ([label, targets]) => {
      const window = await windowCase({ instance: forgeryInstance, label, ...targets });
      return named(label, forgeWindow({ window }));
    }),
  );
  const forgeries = (await windowForgeries()).map(({ name, forge }) => named(name, forge()));
  // Its first layer goes in groups of three rows.
  const base = testInstance([9, 3, 6], { steps: 2, treeDepth: 2 });
  const grouped: WindowInstance = { ...base, name: `${base.name}-grouped`, spec: { ...base.spec, fx: 1, fa: 1 } };
  const window = await windowCase({ instance: grouped, label: 'grouped', gain: -1, hidden: [60, -3, 140], output: [5, 7, 16, 30, -4, 9] });
  const other = await windowCase({ instance: grouped, label: 'grouped 2', gain: 2 });
  // In the last step: earlier, a row that never was would take part in later steps.
  const last = batchIndex(window.p2, window.statement[5] as bigint, Number(window.statement[6]) + 1, grouped.treeDepth);
  const lies: Record<string, Partial<ForgeParameters>> = {
    'pixel 2': { dataset: (batches) => batches.map((batch) => ({ ...batch, features: batch.features.with(7, 2n) })) },
  };
  for (const step of [1n, -1n]) {
    for (const layer of [0, 1]) {
      lies[`layer ${layer}: a remainder off by ${step}`] = {
        clip: ({ k, l, s, j }, _f, [c, side, t, r]) => (l === layer && k + s + j === 0 ? [c, side, t, r + step] : undefined),
      };
    }
    lies[`a delta's remainder off by ${step}`] = { delta: ({ k, s, j }, [d, r]) => (k + s + j === 0 ? [d, r + step] : undefined) };
    lies[`a remainder off by ${step}, and parts that fit it`] = {
      clip: ({ k, l, s, j }, _f, [c, side, t, r]) => (k + l + s + j === 0 ? [c, side, t, r + step] : undefined),
      parts: (honest, c) => honest.map((parts, k) => parts.map((part, i) => (k + i === 0 ? mod(part + step * c) : part))),
    };
  }
  for (const [t, digit] of [
    [2, 2],
    [3, 1],
  ] as const) {
    lies[`digit ${digit} of triple ${t}`] = {
      dataset: (batches) => batches.map((batch, i) => (i === last ? { ...batch, phantoms: [{ s: 1, t, digit, value: 1n }] } : batch)),
    };
  }
  // Several fields a packing, sums longer than sixteen terms, pairs of neurons.
  const wide = testInstance([24, 5, 18], { steps: 1, treeDepth: 1 });
  const long = await windowCase({ instance: wide, label: 'wide', gain: -1, hidden: [60, -3, 140], output: [5, 7, 16, 30, -4, 9] });
  return [
    { instance: forgeryInstance, honest, forgeries },
    {
      instance: grouped,
      honest: [named('grouped', forgeWindow({ window })), named('grouped 2', forgeWindow({ window: other }))],
      forgeries: Object.entries(lies).map(([name, lie]) => named(name, forgeWindow({ window, ...lie }))),
    },
    { instance: wide, honest: [named('wide', forgeWindow({ window: long }))], forgeries: [] },
  ];
}

async function inferenceGrounds(): Promise<Ground[]> {
  const cases = { class: Object.entries(classCases), logits: [['logits', logitsCase] as const] };
  const small = (['class', 'logits'] as const).map((output) => ({
    instance: answerInstances[output],
    honest: cases[output].map(([label, given]) => named(label, forgeAnswer({ given }))),
    forgeries: answerForgeries.flatMap(([name, , , forge]) => {
      const parameters = forge();
      return parameters.given.instance.output === output ? [named(name, forgeAnswer(parameters))] : [];
    }),
  }));
  const wide = testInference([20, 5, 18], { inputs: 2 });
  const long = await inferenceCase({ instance: wide, label: 'wide', hidden: [60, -3, 140] });
  return [...small, { instance: wide, honest: [named('wide', forgeAnswer({ given: long }))], forgeries: [] }];
}

async function wellFormedGrounds(): Promise<Ground[]> {
  const wide = testWellFormed([8, 3, 2], { blockLog: 5, blocksPerProof: 2 });
  const long = await wellFormedCase(wide, 'wide');
  return [
    {
      instance: weightsInstance,
      honest: [named('segment', forgeWeights({ given: weightsCase }))],
      forgeries: weightForgeries.map(([name, weights]) => named(name, forgeWeights({ given: weightsCase, weights }))),
    },
    { instance: wide, honest: [named('wide', forgeWeights({ given: long }))], forgeries: [] },
  ];
}

async function membershipGrounds(): Promise<Ground[]> {
  // Rows of several fields, labels of several, an index of three bits.
  const wide = testMembership(64, { lb: 5, treeDepth: 3 });
  const long = await membershipCase(wide, 'wide', { index: 6, place: 17 });
  const ends = await Promise.all(
    [0, 2 ** forgedInstance.spec.lb - 1].map((place) => membershipCase(forgedInstance, 'forged membership', { index: 2, place })),
  );
  return [
    {
      instance: forgedInstance,
      honest: [forgedGiven, ...ends].map((given, i) => named(`record ${i}`, forgeMembership({ given }))),
      forgeries: membershipForgeries.map(([name, , , parameters]) => named(name, forgeMembership(parameters))),
    },
    { instance: wide, honest: [named('wide', forgeMembership({ given: long }))], forgeries: [] },
  ];
}

/** Values of the last two counts with their packing as said and their sum at b as it is. */
function solvedEnds(said: readonly bigint[], truth: readonly bigint[], b: bigint): bigint[] {
  const at = (counts: readonly bigint[]): bigint => counts.reduceRight((sum, count) => mod(sum * b + count), 0n);
  const first = said.length - 2;
  const rest = said.map((count, k) => (k < first ? count : 0n));
  const packed = (said[first] as bigint) + (said[first + 1] as bigint) * 2n ** 16n;
  // x + b y is the rest of the sum, over b^first; x + 2^16 y is the packing.
  const sum = mod((at(truth) - at(rest)) * inv(at(rest.map((_, k) => (k === first ? 1n : 0n)))));
  const second = mod((sum - packed) * inv(mod(b - 2n ** 16n)));
  return [...said.slice(0, first), mod(packed - second * 2n ** 16n), second];
}

async function auditGrounds(): Promise<Ground[]> {
  const margins = {
    instance: marginInstance,
    honest: [named('margins', forgeAudit({ given: marginGiven }))],
    forgeries: marginForgeries.map(([name, , , parameters]) => named(name, forgeAudit(parameters))),
  };
  const plain = {
    instance: auditInstance,
    honest: [named('chunk', forgeAudit({ given: auditGiven }))],
    forgeries: auditForgeries.map(([name, , , parameters]) => named(name, forgeAudit(parameters))),
  };
  // Counts behind a commitment, several fields of them.
  const hidden = testAudit([4, 3, 3], { samples: 5, output: 'committed' });
  const committed = await auditCase(hidden, 'hidden counts', 1);
  // Answers of both classes, a first and a last count of 1, a path of three levels.
  const deep = await auditCase(testAudit([4, 3, 2], { samples: 6, groups: 1, treeDepth: 3, thresholds: [3000] }), 'deep 1', 2);
  // The third sample's margin is the first threshold.
  const exact = await auditCase(testAudit([4, 3, 3], { samples: 5, groups: 1, thresholds: [4854, 5333] }), 'margins f', 1);
  const ends = (counts: readonly bigint[]): bigint[] =>
    counts.map((count, k) => count + (k >= counts.length - 2 ? (k % 2 === 0 ? 1n : -1n) : 0n));
  const lies: Record<string, ForgeAuditParameters> = {
    'the root after the true one': { given: deep, root: deep.root + 1n },
    'the root before the true one': { given: deep, root: deep.root - 1n },
    'one right answer less': { given: deep, counts: (counts) => counts.with(0, (counts[0] as bigint) - 1n) },
    'last counts that only look right in the packing': { given: deep, counts: ends, table: solvedEnds },
    'a second that is one above the other class': { given: deep, second: (honest) => honest.with(0, (honest[0] as number) + 1) },
  };
  return [
    {
      ...margins,
      forgeries: [
        ...margins.forgeries,
        named('the last sample in a bin above its own', forgeAudit({ given: marginGiven, bins: (rows) => rows.with(4, [0n, 0n, 0n, 1n]) })),
        named(
          'a sample in two bins, and once less in a third',
          forgeAudit({ given: marginGiven, bins: (rows) => rows.with(3, [1n, -1n, 0n, 1n]) }),
        ),
      ],
    },
    plain,
    {
      instance: deep.instance,
      honest: [named('deep', forgeAudit({ given: deep }))],
      forgeries: Object.entries(lies).map(([name, parameters]) => named(name, forgeAudit(parameters))),
    },
    {
      instance: exact.instance,
      honest: [named('exact', forgeAudit({ given: exact }))],
      forgeries: [
        named('a threshold that is met is not reached', forgeAudit({ given: exact, bins: (rows) => rows.with(2, [1n, 0n, 0n]) })),
      ],
    },
    { instance: hidden, honest: [named('hidden', forgeAudit({ given: committed }))], forgeries: [] },
  ];
}

const statements: readonly Statement[] = [
  {
    name: 'train-window',
    files: ['main.nr', 'fixed.nr', 'groups.nr', 'merkle.nr', 'minibatch.nr', 'packing.nr', 'sketch.nr', 'sponge.nr'],
    grounds: windowGrounds,
  },
  { name: 'inference', files: ['main.nr', 'inference.nr', 'sponge.nr'], grounds: inferenceGrounds },
  { name: 'well-formed', files: ['main.nr', 'well_formed.nr'], grounds: wellFormedGrounds },
  { name: 'audit', files: ['audit.nr'], grounds: auditGrounds },
  { name: 'membership', files: ['main.nr', 'membership.nr'], grounds: membershipGrounds },
];

/** A mutant of a statement: the text of its file, by instance. */
type Mutant = { readonly statement: string; readonly name: string; readonly texts: ReadonlyMap<Ground, { file: string; text: string }> };
type Survivor = { readonly statement: string; readonly mutant: string; readonly reason: string };

const survivors = JSON.parse(readFileSync(new URL('./noirMutants.survivors.json', import.meta.url), 'utf8')) as readonly Survivor[];
let grounds: Record<string, readonly Ground[]>;
let mutants: readonly Mutant[];

beforeAll(async () => {
  grounds = Object.fromEntries(await Promise.all(statements.map(async ({ name, grounds: make }) => [name, await make()] as const)));
  mutants = statements.flatMap(({ name, files }) => {
    const found = new Map<string, Map<Ground, { file: string; text: string }>>();
    for (const ground of grounds[name] as readonly Ground[]) {
      const sources = circuitSources(ground.instance);
      for (const file of files) {
        // A generated line that stands only where nothing is forged would not be judged.
        if (file === 'main.nr' && ground.forgeries.length === 0) continue;
        for (const mutant of mutantsOf(file, sources[file] as string)) {
          if (!found.has(mutant.name)) found.set(mutant.name, new Map());
          found.get(mutant.name)?.set(ground, { file, text: mutant.text });
        }
      }
    }
    return [...found].map(([mutant, texts]) => ({ statement: name, name: mutant, texts }));
  });
}, 120_000);

const keyOf = (statement: string, mutant: string): string => `${statement} | ${mutant}`;

/** What tells a program from the real one; undefined where nothing does. */
async function killedBy(program: CompiledProgram, { honest, forgeries }: Ground): Promise<string | undefined> {
  const solved = async ({ inputs }: ForgedWitness): Promise<readonly bigint[] | undefined> => {
    try {
      return (await solveWitness(program, inputs)).outputs;
    } catch {
      return undefined;
    }
  };
  for (const witness of honest) {
    const { name } = witness;
    const outputs = await solved(witness);
    if (outputs === undefined) return `honest ${name}: refused`;
    if (outputs.some((value, i) => value !== witness.outputs[i])) return `honest ${name}: other outputs`;
  }
  for (const witness of forgeries) if ((await solved(witness)) !== undefined) return `forged ${witness.name}`;
  return undefined;
}

test('every constraint has mutants, and the reviewed survivors are of these sources', () => {
  const counts = statements.map(({ name, files }) => {
    const lines = (grounds[name] as readonly Ground[]).flatMap(({ instance, forgeries }) => {
      const sources = circuitSources(instance);
      return (forgeries.length > 0 ? files : []).flatMap((file) => constraintsOf(sources[file] as string));
    });
    const names = mutants.filter(({ statement }) => statement === name).map((mutant) => mutant.name);
    for (const line of lines) {
      const code = line.replace(/\s+/g, ' ');
      expect(names.some((text) => text.includes(`(drop): ${code}`))).toBe(true);
      expect(names.filter((text) => text.includes(`): ${code} =>`)).length).toBeGreaterThan(0);
    }
    return new Set(lines).size;
  });
  expect(counts.every((count) => count > 1)).toBe(true);
  const known = new Set(mutants.map(({ statement, name }) => keyOf(statement, name)));
  expect(survivors.filter(({ statement, mutant }) => !known.has(keyOf(statement, mutant)))).toEqual([]);
  expect(survivors.filter(({ reason }) => reason.length < 20)).toEqual([]);
});

test(
  `${wanted} mutants: killed, or reviewed survivors`,
  async () => {
    const reviewed = new Set(survivors.map(({ statement, mutant }) => keyOf(statement, mutant)));
    const pool = mutants.filter(({ statement, name }) => {
      const key = keyOf(statement, name);
      return complete ? isWanted(key) : !reviewed.has(key);
    });
    const chosen = complete ? pool : sampleOf('noir mutants', Number(wanted), pool.length).map((i) => pool[i] as Mutant);
    let left: readonly Mutant[] = chosen;
    const changed = new Set<Mutant>();
    const compiled = new Set<Mutant>();
    const verdicts = new Map<Mutant, string>();
    const stages = Math.max(...Object.values(grounds).map(({ length }) => length));
    for (let stage = 0; left.length > 0 && stage < stages; stage++) {
      const jobs = left.flatMap((mutant) => {
        const ground = (grounds[mutant.statement] as readonly Ground[])[stage];
        const change = ground === undefined ? undefined : mutant.texts.get(ground);
        return ground === undefined || change === undefined ? [] : [{ mutant, ground, change }];
      });
      const used = [...new Set(jobs.map(({ ground }) => ground))];
      const sources = new Map(used.map((ground) => [ground, circuitSources(ground.instance)]));
      const programs = await compileSources([
        ...used.map((ground) => sources.get(ground) as Record<string, string>),
        ...jobs.map(({ ground, change: { file, text } }) => ({ ...sources.get(ground), [file]: text })),
      ]);
      const real = new Map(used.map((ground, i) => [ground, programs[i] as CompiledProgram]));
      // The control: the real circuit takes what is honest and refuses what is not.
      for (const ground of used) expect(await killedBy(real.get(ground) as CompiledProgram, ground), ground.instance.name).toBeUndefined();
      for (const [i, { mutant, ground }] of jobs.entries()) {
        const program = programs[used.length + i];
        if (program === null || program === undefined) continue;
        compiled.add(mutant);
        if (program.bytecode === real.get(ground)?.bytecode) continue;
        changed.add(mutant);
        const verdict = await killedBy(program, ground);
        if (verdict !== undefined) verdicts.set(mutant, verdict);
      }
      left = left.filter((mutant) => !verdicts.has(mutant));
    }
    const survived = [...changed].filter((mutant) => !verdicts.has(mutant)).map(({ statement, name }) => keyOf(statement, name));
    for (const { name } of statements) {
      const of = (set: Iterable<Mutant>): number => [...set].filter(({ statement }) => statement === name).length;
      const forged = [...verdicts].filter(([{ statement }, verdict]) => statement === name && verdict.startsWith('forged')).length;
      console.log(
        `${name}: ${of(chosen)} mutants, ${of(chosen) - of(compiled)} do not compile, ${of(compiled) - of(changed)} are the same program, ` +
          `${of(changed)} judged: ${of(verdicts.keys())} killed (${forged} by forgeries)`,
      );
    }
    console.log(survived.join('\n'));
    expect(survived.filter((name) => !reviewed.has(name))).toEqual([]);
    if (!complete) return;
    if (only[0] === '') expect(verdicts.size / changed.size).toBeGreaterThanOrEqual(0.95);
    const expected = [...reviewed].filter(isWanted);
    expect([...survived].sort()).toEqual(expected.sort());
  },
  complete ? 3 * 3_600_000 : 120_000,
);
