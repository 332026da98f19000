/**
 * Gates that one unit costs. Of a training window: small circuits around the library's functions, at two sizes each, and the slope between them; cell
 * widths are those of 784-128-10 with B = 16 and K = 4. Of the other statements: differences between whole generated circuits, around 252-27-9, whose
 * packings and sponges are full.
 *
 *     npm run -s bench:gadgets [-- --json] [-- window|inference|audit|well-formed|membership ...]
 */
import { fork } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { tripleCount } from '../src/commitment/merkle.ts';
import { getWindowCircuit } from '../src/proof/circuitInstance.ts';
import { compileCircuit } from '../src/proof/compileCircuit.ts';
import { type MakeInstanceParameters, makeInstance } from '../src/proof/makeInstance.ts';
import type { CompiledProgram } from '../src/proof/solveWitness.ts';
import { circuitSize } from '../src/proof/ultrahonk.ts';
import { packedLength, windowLayout } from '../src/proof/windowCircuit.ts';
import { weightBits } from '../src/quant/spec.ts';

const root = resolve(import.meta.dirname, '..');
const instance = await getWindowCircuit('train-window-784-128-10');
const { spec } = instance;
const batch = 2 ** spec.lb;
const fw = weightBits(spec);
const [hidden, output] = windowLayout(instance).cellWidths as [readonly number[], readonly number[]];
const bias = 2 ** spec.fa;
const fields = (widths: readonly number[], count: number): string => widths.map((width) => packedLength(width, batch * count)).join(', ');

const leafGenerics = (triples: number): string =>
  [triples, batch, 2, spec.fx, packedLength(3 * spec.fx, triples * batch), packedLength(8, batch)].join(', ');

type Gadget = {
  readonly unit: string;
  /** Units of the gadget in a probe of size n. */
  readonly units: (n: number) => number;
  /** Gates of a probe that grow with n and belong to another unit: reading the updated rows out is a sketch row's evaluation. */
  readonly elsewhere?: (n: number) => number;
  /** Gates of the prototype that the project set out to beat. */
  readonly prototype?: number;
  readonly source: (n: number) => string;
};

const gadgets: readonly Gadget[] = [
  {
    unit: 'hidden activation, a sample and step: ranges, clip, digest, Z v, H s, D v, products with y, update',
    prototype: 35,
    units: (n) => n * batch,
    elsewhere: (n) => n,
    source: (n) => `fn main(cells: [[[Field; 6]; ${n}]; ${batch}], y: [Field; ${n + 1}], b: Field) -> pub [Field; 3] {
    let b_squared = b * b;
    std::as_witness(b_squared);
    let d = fixed::hidden::<${batch}, ${n}, ${spec.actBits}, ${hidden[2]}, ${fw}, ${hidden[4]}>(cells);
    let digest = fixed::hidden_digest::<${batch}, ${n}, ${spec.actBits}, ${hidden[2]}, ${fw}, ${hidden[4]}, ${fields(hidden.slice(0, 5), n)}>(cells);
    let a = fixed::activations(cells);
    let mut rows = y;
    let mut w = [0; ${batch}];
    let mut sum = 0;
    for s in 0..${batch} {
        w[s] = sketch::evaluate(d[s], b);
        sum += sketch::hidden_z::<${n}, ${fw}>(cells[s], b) + sketch::hidden_h::<${n}, ${fw}, ${hidden[4]}>(cells[s], b, b_squared);
        sum += sketch::evaluate(a[s], b) + sketch::dot(a[s], rows, ${bias});
        std::as_witness(sum);
    }
    sketch::update_rows(&mut rows, a, w, ${bias});
    [digest, sum, sketch::evaluate(rows, b)]
}`,
  },
  {
    unit: 'output, a sample and step: ranges, clip, digest, label, Z v, D v, products with u, update, loss',
    units: (n) => n * batch,
    source: (
      n,
    ) => `fn main(cells: [[[Field; 4]; ${n}]; ${batch}], labels: [[Field; ${n}]; ${batch}], feature: [[Field; 1]; ${batch}], u: [Field; ${n}], x: [Field; ${batch}], b: Field) -> pub [Field; 5] {
    let leaf = minibatch::leaf::<1, ${batch}, ${n}, ${spec.fx}, ${packedLength(3 * spec.fx, batch)}, ${packedLength(8, batch)}>(feature, labels, 0);
    let e = fixed::output::<${batch}, ${n}, ${spec.fd}, ${output[2]}, ${fw + 2}>(cells, labels);
    let digest = fixed::output_digest::<${batch}, ${n}, ${spec.fd}, ${output[2]}, ${fw + 2}, ${fields(output, n)}>(cells);
    let mut columns = u;
    let mut sum = 0;
    for s in 0..${batch} {
        sum += sketch::output_z::<${n}, ${fw + 2}, ${spec.fd}>(cells[s], b) + sketch::evaluate(e[s], b) + sketch::dot(e[s], columns, 0);
        std::as_witness(sum);
    }
    sketch::update_columns(&mut columns, e, x);
    [leaf, digest, sum, fixed::loss(e), sketch::evaluate(columns, b)]
}`,
  },
  {
    unit: 'pixel alone, a sample and step: range, packing, leaf hash, product with y, update',
    prototype: 4,
    units: (n) => n * batch,
    elsewhere: (n) => n,
    source: (
      n,
    ) => `fn main(features: [[Field; ${n}]; ${batch}], labels: [[Field; 2]; ${batch}], y: [Field; ${n + 1}], w: [Field; ${batch}], b: Field) -> pub [Field; 3] {
    let triples = minibatch::triples::<${n}, ${batch}, ${tripleCount(n)}, ${spec.fx}>(features);
    let leaf = minibatch::leaf::<${leafGenerics(tripleCount(n))}>(triples, labels, 0);
    let mut rows = y;
    let mut sum = 0;
    for s in 0..${batch} {
        sum += sketch::dot(features[s], rows, ${bias});
        std::as_witness(sum);
    }
    sketch::update_rows(&mut rows, features, w, ${bias});
    [leaf, sum, sketch::evaluate(rows, b)]
}`,
  },
  {
    unit: 'pixel in a group, the same; without the table',
    prototype: 4,
    // n groups of three rows but for the last.
    units: (n) => (3 * n - 2) * batch,
    elsewhere: (n) => n,
    source: (
      n,
    ) => `fn main(triples: [[Field; ${n}]; ${batch}], labels: [[Field; 2]; ${batch}], y: [Field; ${n + 1}], w: [Field; ${batch}], b: Field, p: Field, q: Field) -> pub [Field; 3] {
    let leaf = minibatch::leaf::<${leafGenerics(n)}>(triples, labels, 0);
    let entries = groups::table::<${spec.fx}, ${8 ** spec.fx}>(p, q);
    let mut rows = y;
    let mut sum = 0;
    let mut grouped = [[0; ${n}]; ${batch}];
    for s in 0..${batch} {
        groups::ranges::<${3 * n - 2}, ${n}, ${spec.fx}>(triples[s]);
        grouped[s] = groups::features(triples[s], entries);
        sum += sketch::dot(grouped[s], rows, ${bias});
        std::as_witness(sum);
    }
    sketch::update_rows(&mut rows, grouped, w, ${bias});
    [leaf, sum, sketch::evaluate(rows, b)]
}`,
  },
  {
    unit: 'entry of the table of triples, once a circuit',
    units: (n) => 2 ** (n === 4 ? 6 : 9),
    source: (n) => `fn main(triple: Field, p: Field, q: Field) -> pub Field {
    groups::ranges::<4, 2, ${n === 4 ? 2 : 3}>([triple, 0]);
    groups::features([triple, 0], groups::table::<${n === 4 ? 2 : 3}, ${n === 4 ? 64 : 512}>(p, q))[0]
}`,
  },
  {
    unit: 'row of a sketch y, a window: absorbed for a, evaluated for parent and child',
    prototype: 25,
    units: (n) => n,
    source: (n) => `fn main(y: [Field; ${n}], x: [Field; ${n}]) -> pub Field {
    let a = sponge::hash(sponge::TAG_TRANSCRIPT_A, y);
    sketch::evaluate(y, a) + sketch::evaluate(x, a)
}`,
  },
  {
    unit: 'level of a Merkle path, a step',
    units: (n) => n,
    source: (n) => `fn main(root: Field, seed: Field, step: Field, leaf: Field, siblings: [Field; ${n}]) {
    merkle::assert_batch(root, seed, step, leaf, siblings);
}`,
  },
];
/** What a path costs whatever its depth: hash and canonical bits of the index. */
const fixedPath = { unit: 'path, a step, besides its levels: index hash and its canonical bits', probe: 4 };

const folder = await mkdtemp(join(tmpdir(), 'assay-gadgets-'));

async function gatesOf(source: string): Promise<number> {
  for (const part of ['main', 'lib']) await rm(join(folder, part), { recursive: true, force: true });
  await mkdir(join(folder, 'main', 'src'), { recursive: true });
  await cp(join(root, 'circuits/noir/lib'), join(folder, 'lib'), { recursive: true });
  await writeFile(join(folder, 'main', 'src', 'main.nr'), `use assay::{fixed, groups, merkle, minibatch, sketch, sponge};\n\n${source}\n`);
  await writeFile(
    join(folder, 'main', 'Nargo.toml'),
    '[package]\nname = "main"\ntype = "bin"\nauthors = [""]\n\n[dependencies]\nassay = { path = "../lib" }\n',
  );
  const program = join(folder, 'program.json');
  const child = fork(join(root, 'src/proof/compileWorker.ts'), [join(folder, 'main'), program], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const code = await new Promise((ended) => child.once('exit', ended));
  if (code !== 0) throw new Error('a probe does not compile');
  return (await circuitSize(JSON.parse(await readFile(program, 'utf8')) as CompiledProgram)).gates;
}

/** Whole circuits, each compiled once. */
const sizesOfCircuits = new Map<string, Promise<number>>();
function gatesOfCircuit(parameters: MakeInstanceParameters): Promise<number> {
  const circuit = makeInstance(parameters);
  const known = sizesOfCircuits.get(circuit.name);
  if (known !== undefined) return known;
  const gates = compileCircuit({ instance: circuit, cacheDirectory: folder }).then(async (program) => (await circuitSize(program)).gates);
  sizesOfCircuits.set(circuit.name, gates);
  return gates;
}

const base = [252, 27, 9];
const answers = (sizes: readonly number[], inputs: number, output: 'class' | 'logits' = 'class') =>
  gatesOfCircuit({ sizes, statement: 'inference', inputs, output });
const threeMore = async (sizes: readonly number[], output: 'class' | 'logits' = 'class') =>
  (await answers(sizes, 6, output)) - (await answers(sizes, 3, output));

/** Units of statements whose circuits differ by whole units. */
const differences: Readonly<Record<string, () => Promise<Readonly<Record<string, number>>>>> = {
  async inference() {
    const [wide, deep, more] = [[504, 27, 9] as const, [252, 54, 9] as const, [252, 27, 18] as const];
    const three = await threeMore(base);
    const feature = ((await threeMore(wide)) - three) / (3 * 252);
    return {
      feature,
      'hidden activation': ((await threeMore(deep)) - three) / (3 * 27),
      'output, class': ((await threeMore(more)) - three) / (3 * 9),
      'output, logit': ((await threeMore(more, 'logits')) - (await threeMore(base, 'logits'))) / (3 * 9),
      'row of a sketch y': ((await answers(wide, 3)) - (await answers(base, 3))) / 252 - 3 * feature,
    };
  },
  async audit() {
    const of = (options: Partial<MakeInstanceParameters>) =>
      gatesOfCircuit({ sizes: base, statement: 'audit', samples: 3, setDepth: 3, ...options });
    const chunk = await of({});
    const sixSamples = await of({ samples: 6 });
    const thresholds = [3000, 5000, 6500, 8000];
    const margins = (await of({ samples: 6, thresholds })) - (await of({ thresholds }));
    return {
      'sample besides its answer: label, leaf, counting': (sixSamples - chunk - (await threeMore(base))) / 3,
      "sample's margin, four thresholds": (margins - sixSamples + chunk) / 3,
      'count, with its part of a label': ((await of({ groups: 4 })) - chunk) / (3 * 81),
      "level of the set's tree": ((await of({ setDepth: 6 })) - chunk) / 3,
    };
  },
  async 'well-formed'() {
    const of = (features: number) => gatesOfCircuit({ sizes: [features, 20, 9], statement: 'well-formed' });
    return { weight: ((await of(127)) - (await of(64))) / (63 * 20) };
  },
  async membership() {
    const of = (features: number, options: Partial<MakeInstanceParameters> = {}) =>
      gatesOfCircuit({ sizes: [features], statement: 'membership', ...options });
    const set = await of(189);
    const triple = ((await of(378)) - set) / (63 * 16);
    return {
      'triple of features': triple,
      sample: ((await of(189, { lb: 5 })) - set) / 16 - 63 * triple,
      'level of the path': ((await of(189, { treeDepth: 18 })) - set) / 6,
    };
  },
};

type Row = { readonly unit: string; readonly gates: number; readonly prototype?: number };

try {
  const named = process.argv.slice(2).filter((arg) => !arg.startsWith('--'));
  const all = ['window', ...Object.keys(differences)];
  const unknown = named.filter((statement) => !all.includes(statement));
  if (unknown.length > 0) throw new Error(`no gates of ${unknown.join(', ')}: name some of ${all.join(', ')}, or none for all`);
  const isWanted = (statement: string): boolean => named.length === 0 || named.includes(statement);
  const rows: Row[] = [];
  for (const { unit, units, elsewhere = () => 0, prototype, source } of isWanted('window') ? gadgets : []) {
    // Multiples of 63 fill whole elements of every packing, and of 3 whole blocks of the sponge.
    const [small, large] = (units(1) === 1 && !unit.startsWith('row')) || unit.startsWith('entry') ? [4, 12] : [63, 252];
    const [few, many] = [await gatesOf(source(small)), await gatesOf(source(large))];
    const gates = (many - few - elsewhere(large) + elsewhere(small)) / (units(large) - units(small));
    rows.push(prototype === undefined ? { unit: `window: ${unit}`, gates } : { unit: `window: ${unit}`, gates, prototype });
    if (unit.startsWith('level')) {
      const empty = await gatesOf('fn main(x: Field) -> pub Field {\n    x * x\n}');
      rows.push({ unit: `window: ${fixedPath.unit}`, gates: few - fixedPath.probe * gates - empty });
    }
  }
  for (const [statement, measure] of Object.entries(differences)) {
    if (!isWanted(statement)) continue;
    for (const [unit, gates] of Object.entries(await measure())) rows.push({ unit: `${statement}: ${unit}`, gates });
  }
  if (process.argv.includes('--json')) console.log(JSON.stringify({ circuit: instance.name, rows }, null, 2));
  else {
    for (const { unit, gates, prototype } of rows) {
      console.log(`${gates.toFixed(2).padStart(8)}  ${unit}${prototype === undefined ? '' : ` (prototype: ${prototype})`}`);
    }
  }
} finally {
  await rm(folder, { recursive: true, force: true });
}
process.exit(0);
