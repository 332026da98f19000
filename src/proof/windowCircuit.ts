import { tripleCount } from '../commitment/merkle.ts';
import { packedBits } from '../commitment/packing.ts';
import { AssayError } from '../errors.ts';
import { windowBounds } from '../quant/bounds.ts';
import { weightBits } from '../quant/spec.ts';
import type { WindowInstance } from './circuitInstance.ts';

/** Static facts of a window circuit, derived once from its instance and shared by generator and witness builder. */
export type WindowLayout = {
  /** Widths in bits of one neuron's cells, per layer (docs/reference/encodings.md, "Cells"). */
  readonly cellWidths: readonly (readonly number[])[];
  /** Fields that one step's cells of each kind pack into, per layer. */
  readonly cellFields: readonly (readonly number[])[];
  /** Fields absorbed for the challenge b and for the challenge a. */
  readonly transcriptB: number;
  readonly transcriptA: number;
  /** Triples of a sample's features. */
  readonly triples: number;
  /** Whether the first layer's rows go in groups, and features as triples: it takes a table of 8^fx entries. */
  readonly grouped: boolean;
  /** Fields that a minibatch's features and labels pack into. */
  readonly featureFields: number;
  readonly labelFields: number;
};

/** Labels have 8 bits in the packing. */
const maxClasses = 256;
/** Rows of a layer, bias included, stay below rho = a^65536. */
const maxRows = 65_536;

/** A feature saves less than two gates by being looked up in a triple; an entry of the table costs four. */
const featuresPerEntry = 3;

/** No value that a circuit forms from range-checked cells may come near the field's order. */
const widthLimit = 250;

/**
 * @throws CIRCUIT_WIDTH: a cell is not representable, a packing would not be injective, or a value could reach 2^250
 */
export function windowLayout(instance: WindowInstance): WindowLayout {
  const { sizes, spec, steps } = instance;
  const fw = weightBits(spec);
  const batch = 2 ** spec.lb;
  const { layers, zMax, hMax } = windowBounds(spec, sizes, steps);
  const last = layers.length - 1;
  if ((sizes[last + 1] as number) > maxClasses) {
    throw new AssayError('CIRCUIT_WIDTH', `${sizes[last + 1]} classes: a label is packed into 8 bits`);
  }
  const largest = Math.max(...sizes.slice(0, -1));
  if (largest >= maxRows)
    throw new AssayError('CIRCUIT_WIDTH', `a layer of ${largest} inputs and the bias: powers of a would meet powers of rho = a^${maxRows}`);
  const cellWidths = layers.map((layer, l) =>
    l === last ? [spec.fd + 1, 2, layer.excess, fw + 2] : [spec.actBits, 2, layer.excess, fw, layer.delta, fw],
  );
  cellWidths.forEach((widths, l) => {
    assertInjective(widths, `layer ${l}`);
    // The largest value formed from one neuron's cells: 2^(fw + 2) times a quotient.
    const quotient = Math.max(...widths) + fw + 3;
    if (quotient >= widthLimit) throw new AssayError('CIRCUIT_WIDTH', `layer ${l}: a value can reach 2^${quotient}`);
  });
  const reach = Math.log2(Math.max(...zMax, ...hMax, 1));
  if (reach >= widthLimit) throw new AssayError('CIRCUIT_WIDTH', `an accumulator can reach 2^${reach.toFixed(0)}`);
  const cellFields = cellWidths.map((widths, l) => widths.map((width) => packedLength(width, batch * (sizes[l + 1] as number))));
  const triples = tripleCount(sizes[0] as number);
  const rows = sizes.slice(0, -1).reduce((sum, n) => sum + n + 1, 0);
  const columns = sizes.slice(2).reduce((sum, m) => sum + m, 0);
  return {
    cellWidths,
    cellFields,
    transcriptB: 8 + 1 + steps + steps * layers.length,
    transcriptA: 1 + rows + columns + 2,
    triples,
    grouped: triples > 1 && featuresPerEntry * 8 ** spec.fx < steps * batch * (sizes[0] as number),
    featureFields: packedLength(3 * spec.fx, batch * triples),
    labelFields: packedLength(8, batch),
  };
}

/** Throws `CIRCUIT_WIDTH` unless packing values of these widths is injective: each is representable and fits an element. */
export function assertInjective(widths: readonly number[], what: string): void {
  for (const width of widths) {
    if (!Number.isSafeInteger(width) || width < 1 || width > packedBits || width > 53) {
      throw new AssayError('CIRCUIT_WIDTH', `${what}: a cell of ${width} bits cannot be packed injectively`);
    }
  }
}

/** Elements that `count` values of one width pack into. */
export function packedLength(width: number, count: number): number {
  return Math.ceil(count / Math.floor(packedBits / width));
}

/** Noir source of an instance's `main.nr`: sizes and calls only, the constraints are in circuits/noir/lib. */
export function windowCircuitSource(instance: WindowInstance): string {
  const { sizes, spec, steps, treeDepth } = instance;
  const layout = windowLayout(instance);
  const fw = weightBits(spec);
  const batch = 2 ** spec.lb;
  const last = sizes.length - 2;
  const size = (l: number): number => sizes[l] as number;
  const layers = Array.from({ length: last + 1 }, (_, l) => l);
  const upper = layers.slice(1);
  const bias = 2 ** spec.fa;
  const cells = (l: number): string => `[[[[Field; ${l === last ? 4 : 6}]; ${size(l + 1)}]; ${batch}]; ${steps}]`;
  const { grouped, triples } = layout;
  const [second, third] = [triples, 2 * triples - 1];
  const inputsOf = (l: number): string => (l === 0 ? 'features[k]' : `a${l - 1}`);
  const widths = (l: number): readonly number[] => layout.cellWidths[l] as readonly number[];
  const lines: string[] = [];
  const add = (indent: number, text: string): void => {
    lines.push(text === '' ? '' : ' '.repeat(4 * indent) + text);
  };
  add(0, `// Generated from circuits/circuits.json for ${instance.name}: do not edit.`);
  add(0, '// Statement, inputs and ranges: circuits/README.md. Constraints: circuits/noir/lib.');
  add(0, `use assay::{fixed, ${grouped ? 'groups, ' : ''}merkle, minibatch, packing, sketch, sponge};`);
  add(0, '');
  add(0, 'fn main(');
  add(1, 'statement: pub [Field; 8],');
  add(1, 'blinder: Field,');
  add(1, `salts: [Field; ${steps}],`);
  add(1, `siblings: [[Field; ${treeDepth}]; ${steps}],`);
  add(1, grouped ? `triples: [[[Field; ${triples}]; ${batch}]; ${steps}],` : `features: [[[Field; ${size(0)}]; ${batch}]; ${steps}],`);
  add(1, `labels: [[[Field; ${size(last + 1)}]; ${batch}]; ${steps}],`);
  for (const l of layers) add(1, `cells${l}: ${cells(l)},`);
  for (const l of layers) add(1, `parent_y${l}: [Field; ${size(l) + 1}],`);
  for (const l of upper) add(1, `parent_u${l}: [Field; ${size(l + 1)}],`);
  add(1, 'mask_claim: Field,');
  if (grouped) add(1, `parts: [[Field; 6]; ${steps}],`);
  add(0, ') -> pub [Field; 3] {');
  add(1, '// 1. Leaves, paths, ranges; 2. everything into b.');
  add(1, `let mut transcript = [0; ${layout.transcriptB}];`);
  add(1, 'transcript = packing::place(transcript, statement, 0);');
  add(1, 'transcript[8] = blinder;');
  for (const l of layers) add(1, `let mut d${l} = [[[0; ${size(l + 1)}]; ${batch}]; ${steps}];`);
  add(1, `for k in 0..${steps} {`);
  if (grouped) {
    add(2, `for s in 0..${batch} {`);
    add(3, `groups::ranges::<${size(0)}, ${triples}, ${spec.fx}>(triples[k][s]);`);
    add(2, '}');
  } else add(2, `let triples = minibatch::triples::<${size(0)}, ${batch}, ${triples}, ${spec.fx}>(features[k]);`);
  const leafGenerics = [triples, batch, size(last + 1), spec.fx, layout.featureFields, layout.labelFields].join(', ');
  add(2, `let leaf = minibatch::leaf::<${leafGenerics}>(triples${grouped ? '[k]' : ''}, labels[k], salts[k]);`);
  add(2, 'merkle::assert_batch(statement[4], statement[5], statement[6] + k as Field, leaf, siblings[k]);');
  add(2, 'transcript[9 + k] = leaf;');
  for (const l of layers) {
    const w = widths(l);
    const f = layout.cellFields[l] as readonly number[];
    const slot = `transcript[${9 + steps} + ${layers.length} * k + ${l}]`;
    if (l < last) {
      const generics = `${batch}, ${size(l + 1)}, ${spec.actBits}, ${w[2]}, ${fw}, ${w[4]}`;
      add(2, `d${l}[k] = fixed::hidden::<${generics}>(cells${l}[k]);`);
      add(2, `${slot} = fixed::hidden_digest::<${generics}, ${f.slice(0, 5).join(', ')}>(cells${l}[k]);`);
    } else {
      const generics = `${batch}, ${size(l + 1)}, ${spec.fd}, ${w[2]}, ${fw + 2}`;
      add(2, `d${l}[k] = fixed::output::<${generics}>(cells${l}[k], labels[k]);`);
      add(2, `${slot} = fixed::output_digest::<${generics}, ${f.join(', ')}>(cells${l}[k]);`);
    }
  }
  add(1, '}');
  add(1, 'let b = sponge::hash(sponge::TAG_TRANSCRIPT_B, transcript);');
  add(1, 'let b_squared = b * b;');
  add(1, 'std::as_witness(b_squared);');
  add(0, '');
  add(1, `// 3. Sketches of the parent are fixed before ${grouped ? 'c, the parts of every A y before a' : 'a'}.`);
  add(1, `let mut sketches = [0; ${layout.transcriptA}];`);
  add(1, 'sketches[0] = b;');
  let offset = 1;
  for (const l of layers) {
    add(1, `sketches = packing::place(sketches, parent_y${l}, ${offset});`);
    offset += size(l) + 1;
  }
  for (const l of upper) {
    add(1, `sketches = packing::place(sketches, parent_u${l}, ${offset});`);
    offset += size(l + 1);
  }
  add(1, `sketches[${offset}] = mask_claim;`);
  // With E, a guess of the weights gives the mask's claim: without the blinder it could be checked against a.
  add(1, `sketches[${offset + 1}] = blinder;`);
  if (grouped) {
    add(1, 'let c = sponge::hash(sponge::TAG_TRANSCRIPT_A, sketches);');
    add(1, `let mut absorbed = [0; ${1 + 6 * steps}];`);
    add(1, 'absorbed[0] = c;');
    add(1, `for k in 0..${steps} {`);
    add(2, 'absorbed = packing::place(absorbed, parts[k], 6 * k + 1);');
    add(1, '}');
    add(1, 'let a = sponge::hash(groups::TAG_TRANSCRIPT_GROUPS, absorbed);');
  } else add(1, 'let a = sponge::hash(sponge::TAG_TRANSCRIPT_A, sketches);');
  add(0, '');
  add(1, '// 4. Freivalds for each sample, then the exact update.');
  if (grouped) {
    add(1, `let p = groups::power::<${second}>(a);`);
    add(1, `let q = groups::power::<${third}>(a);`);
    add(1, `let entries = groups::table::<${spec.fx}, ${8 ** spec.fx}>(p, q);`);
    add(1, `let parent_rows = groups::rows::<${size(0)}, ${size(0) + 1}, ${triples}>(parent_y0, p, q);`);
    add(1, `let mut y0 = packing::place([0; ${triples + 1}], parent_rows, 0);`);
    add(1, `y0[${triples}] = parent_y0[${size(0)}];`);
  }
  for (const l of grouped ? upper : layers) add(1, `let mut y${l} = parent_y${l};`);
  for (const l of upper) add(1, `let mut u${l} = parent_u${l};`);
  add(1, 'let mut loss = 0;');
  add(1, `for k in 0..${steps} {`);
  add(2, `loss += fixed::loss(d${last}[k]);`);
  for (const l of layers.slice(0, -1)) add(2, `let a${l} = fixed::activations(cells${l}[k]);`);
  for (const l of layers) add(2, `let mut w${l} = [0; ${batch}];`);
  for (const l of upper) add(2, `let mut x${l} = [0; ${batch}];`);
  if (grouped) {
    add(2, `let mut grouped = [[0; ${triples}]; ${batch}];`);
    add(2, 'let mut left = 0;');
    add(2, 'let mut right = 0;');
    add(2, 'let mut ones = 0;');
  }
  add(2, `for s in 0..${batch} {`);
  for (const l of layers) {
    const z =
      l < last
        ? `sketch::hidden_z::<${size(l + 1)}, ${fw}>(cells${l}[k][s], b)`
        : `sketch::output_z::<${size(l + 1)}, ${fw + 2}, ${spec.fd}>(cells${l}[k][s], b)`;
    if (l === 0 && grouped) {
      // Samples with powers of c: one equation for the whole step.
      add(3, 'grouped[s] = groups::features(triples[k][s], entries);');
      add(3, `left = left * c + ${z};`);
      add(3, 'std::as_witness(left);');
      add(3, 'right = right * c + sketch::dot(grouped[s], y0, 0);');
      add(3, 'std::as_witness(right);');
      add(3, 'ones = ones * c + 1;');
      add(3, 'std::as_witness(ones);');
    } else add(3, `assert(${z} == sketch::dot(${inputsOf(l)}[s], y${l}, ${bias}), "layer ${l}: Z v differs from A y");`);
    add(3, `w${l}[s] = sketch::evaluate(d${l}[k][s], b);`);
  }
  for (const l of upper) {
    const w = widths(l - 1);
    add(
      3,
      `assert(sketch::hidden_h::<${size(l)}, ${fw}, ${w[4]}>(cells${l - 1}[k][s], b, b_squared) == sketch::dot(d${l}[k][s], u${l}, 0), "layer ${l}: H s differs from E u");`,
    );
    add(3, `x${l}[s] = sketch::evaluate(a${l - 1}[s], b);`);
  }
  add(2, '}');
  if (grouped) {
    add(2, 'assert(right == groups::product(parts[k], p, q), "layer 0: A y differs from its parts");');
    const products = 'parts[k][0] + parts[k][1] + parts[k][2]';
    add(2, `assert(left == ${products} + ${bias} * ones * y0[${triples}], "layer 0: Z v differs from A y");`);
  }
  for (const l of layers) {
    add(2, `sketch::update_rows(&mut y${l}, ${l === 0 && grouped ? 'grouped' : inputsOf(l)}, w${l}, ${bias});`);
  }
  for (const l of upper) add(2, `sketch::update_columns(&mut u${l}, d${l}[k], x${l});`);
  add(1, '}');
  add(1, 'assert(loss == statement[7], "loss differs from the sum of e^2");');
  add(0, '');
  add(1, '// 5. One claim.');
  add(1, 'let mut rho = a;');
  add(1, 'for _ in 0..16 {');
  add(2, 'rho = rho * rho;');
  add(1, '}');
  if (grouped) add(1, `let bias_power = groups::power::<${size(0)}>(a);`);
  const rowClaim = (rows: string, bias: string): string => `sketch::evaluate(${rows}, a) + bias_power * ${bias}`;
  if (grouped) {
    add(1, `let mut child_rows = [0; ${triples}];`);
    add(1, `for t in 0..${triples} {`);
    add(2, 'child_rows[t] = y0[t];');
    add(1, '}');
  }
  const claims = [
    ...layers.map((l) => (l === 0 && grouped ? rowClaim('parent_rows', `parent_y0[${size(0)}]`) : `sketch::evaluate(parent_y${l}, a)`)),
    ...layers.map((l) => (l === 0 && grouped ? rowClaim('child_rows', `y0[${triples}]`) : `sketch::evaluate(y${l}, a)`)),
    ...upper.map((l) => `sketch::evaluate(parent_u${l}, a)`),
    'mask_claim',
  ];
  add(1, `let claim = sketch::evaluate([${claims.join(', ')}], rho);`);
  add(1, '[b, a, claim]');
  add(0, '}');
  return `${lines.join('\n')}\n`;
}
