import { inv, mod, pow, R } from '../../src/commitment/field.ts';
import { batchIndex, buildTree, tripleCount } from '../../src/commitment/merkle.ts';
import { packedBits } from '../../src/commitment/packing.ts';
import { type Poseidon2, spongeTags } from '../../src/commitment/poseidon2.ts';
import type { WindowInstance } from '../../src/proof/circuitInstance.ts';
import { windowLayout } from '../../src/proof/windowCircuit.ts';
import type { CircuitInputs } from '../../src/proof/windowWitness.ts';
import { weightBits } from '../../src/quant/spec.ts';
import type { WindowCase } from './windowFixture.ts';

// A worker that knows no honesty: it trains by rules of its own, and redoes leaves, tree, digests, b, sketches and everything after them, so
// that all that depends on a lie agrees with it. All numbers are bigint; what leaves its range is not stopped here.

export type ForgedMinibatch = {
  readonly features: readonly bigint[];
  readonly oneHot: readonly (readonly bigint[])[];
  readonly salt: bigint;
  /** Digits put where a triple has none: sample, triple, digit, value. */
  readonly phantoms?: readonly { readonly s: number; readonly t: number; readonly digit: 1 | 2; readonly value: bigint }[];
};

/** Place of a neuron: step, layer, sample, neuron. */
export type Place = { readonly k: number; readonly l: number; readonly s: number; readonly j: number };

/** c, side, excess and remainder: z = 2^bits (c + side (1 + excess) - offset) + remainder. */
export type ClipCells = readonly [bigint, bigint, bigint, bigint];
/** d' (without its offset) and its remainder. */
export type DeltaCells = readonly [bigint, bigint];

export type Sketches = { y: bigint[][]; u: bigint[][]; eR: bigint };

export type ForgeParameters = {
  readonly window: WindowCase;
  readonly dataset?: (honest: readonly ForgedMinibatch[]) => readonly ForgedMinibatch[];
  /** Leaf that step k uses, and from which its path is taken; honest: what the seed selects. */
  readonly leafOf?: (k: number, honest: number) => number;
  readonly siblings?: (k: number, honest: readonly bigint[]) => readonly bigint[];
  /** Another clip of quotient f; undefined leaves the neuron honest. */
  readonly clip?: (place: Place, f: bigint, honest: ClipCells) => ClipCells | undefined;
  readonly delta?: (place: Place, honest: DeltaCells, mask: bigint) => DeltaCells | undefined;
  /** Changes of the statement before b is drawn; word 7 is the loss of the forged steps. */
  readonly statement?: (honest: readonly bigint[]) => readonly bigint[];
  /** What the steps take as the parent's sketches, once b is known. */
  readonly sketches?: (honest: Sketches, b: bigint, forged: ForgedTrace) => Sketches;
  readonly blinder?: bigint;
  /** Digest of a minibatch, where the circuit at hand has another. */
  readonly leaf?: (batch: ForgedMinibatch) => bigint;
  /** Digest of a layer's cells from the packed kinds, and what b is drawn from, likewise. */
  readonly digest?: (l: number, kinds: readonly (readonly bigint[])[]) => bigint;
  readonly absorbedB?: (items: readonly bigint[]) => readonly bigint[];
  /** What a is drawn from, where the circuit at hand absorbs less. */
  readonly absorbedA?: (b: bigint, sketches: Sketches, blinder: bigint) => readonly bigint[];
  /** What the parts of every A y are said to be, in a circuit with grouped rows, and what a is drawn from there. */
  readonly parts?: (honest: readonly (readonly bigint[])[], c: bigint, sketches: Sketches) => readonly (readonly bigint[])[];
  readonly absorbedGroups?: (c: bigint, parts: readonly (readonly bigint[])[]) => readonly bigint[];
  /** Challenges of a proof that was seen, where only what follows from them is of interest. */
  readonly challengeB?: bigint;
  readonly challengeA?: bigint;
};

/** cells[k][l][s][j]: a neuron's cells; side without, delta with its offset. */
export type ForgedTrace = {
  readonly cells: readonly (readonly (readonly (readonly bigint[][])[])[])[];
  /** inputs[k][l][s]: what layer l sees, its bias last. */
  readonly inputs: readonly (readonly (readonly (readonly bigint[])[])[])[];
  /** deltas[k][l][s]. */
  readonly deltas: readonly (readonly (readonly (readonly bigint[])[])[])[];
};

export type ForgedWindow = {
  readonly inputs: CircuitInputs;
  readonly trace: ForgedTrace;
  /** What a was drawn from. */
  readonly sketches: Sketches;
  /** b, a, E as the forger computes them. */
  readonly outputs: readonly [bigint, bigint, bigint];
  /** The E that an opening of parent, forged child and mask gives at this a and b. */
  readonly opened: bigint;
  /** Neurons, samples or words that were changed. */
  readonly changes: number;
};

const hex = (x: bigint): string => `0x${mod(x).toString(16)}`;

/** The honest data set as the forger holds it. */
export function forgedDataset(window: WindowCase): ForgedMinibatch[] {
  const classes = window.instance.sizes.at(-1) as number;
  return window.dataset.map(({ features, labels, salt }) => ({
    features: Array.from(features, BigInt),
    oneHot: Array.from(labels, (label) => Array.from({ length: classes }, (_, j) => (j === label ? 1n : 0n))),
    salt,
  }));
}

/** Packs as the circuit does, whatever the values are. */
export function packLoosely(values: readonly bigint[], width: number): bigint[] {
  const each = Math.floor(packedBits / width);
  return Array.from({ length: Math.ceil(values.length / each) }, (_, f) =>
    mod(values.slice(f * each, (f + 1) * each).reduceRight((sum, value) => (sum << BigInt(width)) + value, 0n)),
  );
}

/** The three digits of every triple, sample by sample, whatever they are. */
function looseDigits(batch: ForgedMinibatch): bigint[][][] {
  const n = batch.features.length / batch.oneHot.length;
  const count = tripleCount(n);
  return batch.oneHot.map((_, s) =>
    Array.from({ length: count }, (__, t) =>
      rowsOfGroup(n, t).map(
        (i, digit) =>
          (i === undefined ? 0n : (batch.features[s * n + i] as bigint)) +
          (batch.phantoms?.find((phantom) => phantom.s === s && phantom.t === t && phantom.digit === digit)?.value ?? 0n),
      ),
    ),
  );
}

/** Rows of group t, of a layer with n inputs; undefined where a row is missing. */
function rowsOfGroup(n: number, t: number): (number | undefined)[] {
  const count = tripleCount(n);
  const [second, third] = [count + t, 2 * count - 1 + t];
  return [t, t < count - 1 && second < n ? second : undefined, third < n ? third : undefined];
}

export function looseTriples(batch: ForgedMinibatch, fx: number): bigint[][] {
  return looseDigits(batch).map((sample) =>
    sample.map(([x0, x1, x2]) => (x0 as bigint) + ((x1 as bigint) << BigInt(fx)) + ((x2 as bigint) << BigInt(2 * fx))),
  );
}

export function looseLeaf(p2: Poseidon2, batch: ForgedMinibatch, fx: number): bigint {
  const labels = batch.oneHot.map((row) => row.reduce((sum, bit, j) => sum + bit * BigInt(j), 0n));
  return p2.sponge(spongeTags.leaf, [...packLoosely(looseTriples(batch, fx).flat(), 3 * fx), ...packLoosely(labels, 8), mod(batch.salt)]);
}

const polynomial = (x: readonly bigint[], p: bigint): bigint => x.reduceRight((sum, value) => mod(sum * p + value), 0n);
const dot = (x: readonly bigint[], y: readonly bigint[]): bigint => x.reduce((sum, value, i) => sum + value * (y[i] as bigint), 0n);

/** Widths of an instance's cells by layer, and of the features. */
export function widthsOf(instance: WindowInstance): readonly (readonly number[])[] {
  return windowLayout(instance).cellWidths;
}

/** Trains and builds a window by the forger's rules. */
export function forgeWindow(parameters: ForgeParameters): ForgedWindow {
  const { window } = parameters;
  const { p2, instance } = window;
  const { sizes, spec, steps, treeDepth } = instance;
  const widths = widthsOf(instance);
  const last = sizes.length - 2;
  const size = (l: number): number => sizes[l] as number;
  const layers = Array.from({ length: last + 1 }, (_, l) => l);
  const fw = BigInt(weightBits(spec));
  const bias = 1n << BigInt(spec.fa);
  const top = (l: number): bigint => (l === last ? 1n << BigInt(spec.fd) : (1n << BigInt(spec.actBits)) - 1n);
  let changes = 0;

  const dataset = parameters.dataset?.(forgedDataset(window)) ?? forgedDataset(window);
  const leafOf = parameters.leaf ?? ((batch: ForgedMinibatch): bigint => looseLeaf(p2, batch, spec.fx));
  const leaves = dataset.map(leafOf);
  const tree = buildTree(p2, leaves, treeDepth);
  const honestStatement = window.statement.with(4, tree.root);
  const base = parameters.statement?.(honestStatement) ?? honestStatement;
  const indices = Array.from({ length: steps }, (_, k) => {
    // The seed and step that the honest window used: what they are called in the statement is the forger's choice.
    const honest = batchIndex(p2, window.statement[5] as bigint, Number(window.statement[6]) + k, treeDepth);
    return parameters.leafOf?.(k, honest) ?? honest;
  });
  const batches = indices.map((index) => dataset[index % dataset.length] as ForgedMinibatch);
  const siblings = indices.map((index, k) => parameters.siblings?.(k, tree.path(index)) ?? tree.path(index));

  let weights = window.parent.map((layer) => Array.from(layer, BigInt));
  const parent = weights;
  const cells: bigint[][][][][] = [];
  const inputs: bigint[][][][] = [];
  const deltas: bigint[][][][] = [];
  let loss = 0n;
  for (let k = 0; k < steps; k++) {
    const batch = batches[k] as ForgedMinibatch;
    const w = (l: number, i: number, j: number): bigint => (weights[l] as bigint[])[i * size(l + 1) + j] as bigint;
    const samples = batch.oneHot.length;
    const layerInputs: bigint[][][] = [
      Array.from({ length: samples }, (_, s) => [...batch.features.slice(s * size(0), (s + 1) * size(0)), bias]),
    ];
    const clipped: ClipCells[][][] = [];
    for (const l of layers) {
      const bits = l === last ? fw + 2n : fw;
      const offset = l === last ? 1n << BigInt(spec.fd - 1) : 0n;
      clipped[l] = (layerInputs[l] as bigint[][]).map((row, s) =>
        Array.from({ length: size(l + 1) }, (_, j) => {
          const z = row.reduce((sum, x, i) => sum + x * w(l, i, j), 0n);
          const f = (z >> bits) + offset;
          const c = f < 0n ? 0n : f > top(l) ? top(l) : f;
          const side = f === c ? 0n : f < c ? -1n : 1n;
          const honest: ClipCells = [c, side, f === c ? 0n : (f - c) * side - 1n, z - ((z >> bits) << bits)];
          const forged = parameters.clip?.({ k, l, s, j }, f, honest);
          if (forged !== undefined) changes++;
          return forged ?? honest;
        }),
      );
      layerInputs.push((clipped[l] as ClipCells[][]).map((row) => [...row.map(([c]) => c), bias]));
    }
    const d: bigint[][][] = [];
    const deltaCells: DeltaCells[][][] = [];
    d[last] = (clipped[last] as ClipCells[][]).map((row, s) =>
      row.map(([q], j) => q - top(last) * ((batch.oneHot[s] as bigint[])[j] as bigint)),
    );
    for (let l = last - 1; l >= 0; l--) {
      deltaCells[l] = (clipped[l] as ClipCells[][]).map((row, s) =>
        row.map(([, side], j) => {
          const h = ((d[l + 1] as bigint[][])[s] as bigint[]).reduce((sum, e, i) => sum + e * w(l + 1, j, i), 0n);
          const rounded = h + (1n << (fw - 1n));
          const honest: DeltaCells = [rounded >> fw, rounded - ((rounded >> fw) << fw)];
          const forged = parameters.delta?.({ k, l, s, j }, honest, 1n - side * side);
          if (forged !== undefined) changes++;
          return forged ?? honest;
        }),
      );
      d[l] = (clipped[l] as ClipCells[][]).map((row, s) =>
        row.map(([, side], j) => (1n - side * side) * (((deltaCells[l] as DeltaCells[][])[s] as DeltaCells[])[j] as DeltaCells)[0]),
      );
    }
    loss += (d[last] as bigint[][]).flat().reduce((sum, e) => sum + e * e, 0n);
    weights = weights.map((layer, l) =>
      layer.map((value, at) => {
        const [i, j] = [Math.floor(at / size(l + 1)), at % size(l + 1)];
        return (layerInputs[l] as bigint[][]).reduce(
          (sum, row, s) => sum - (row[i] as bigint) * (((d[l] as bigint[][])[s] as bigint[])[j] as bigint),
          value,
        );
      }),
    );
    cells.push(
      layers.map((l) =>
        (clipped[l] as ClipCells[][]).map((row, s) =>
          row.map((cell, j) => {
            const delta = deltaCells[l]?.[s]?.[j];
            return delta === undefined ? [...cell] : [...cell, delta[0] + (1n << BigInt((widths[l]?.[4] as number) - 1)), delta[1]];
          }),
        ),
      ),
    );
    inputs.push(layerInputs.slice(0, -1));
    deltas.push(d);
  }

  const statement = base[7] === window.statement[7] ? base.with(7, loss) : base;
  const digests = cells.flatMap((step) =>
    step.map((layer, l) => {
      const kinds = (widths[l] as readonly number[]).map((width, kind) =>
        packLoosely(
          layer.flatMap((sample) => sample.map((cell) => (cell[kind] as bigint) + (kind === 1 ? 1n : 0n))),
          width,
        ),
      );
      return parameters.digest?.(l, kinds) ?? p2.sponge(spongeTags.cells, kinds.flat());
    }),
  );
  const blinder = parameters.blinder ?? window.blinder;
  const usedLeaves = batches.map(leafOf);
  const itemsB = [...statement.map((word) => mod(word)), blinder, ...usedLeaves, ...digests];
  const b = parameters.challengeB ?? p2.sponge(spongeTags.transcriptB, parameters.absorbedB?.(itemsB) ?? itemsB);
  const trace: ForgedTrace = { cells, inputs, deltas };

  const rows = (checkpoint: readonly bigint[][]): bigint[][] =>
    layers.map((l) =>
      Array.from({ length: size(l) + 1 }, (_, i) =>
        polynomial((checkpoint[l] as bigint[]).slice(i * size(l + 1), (i + 1) * size(l + 1)), b),
      ),
    );
  const columns = (checkpoint: readonly bigint[][]): bigint[][] =>
    layers.slice(1).map((l) =>
      Array.from({ length: size(l + 1) }, (_, j) =>
        polynomial(
          Array.from({ length: size(l) }, (_, i) => (checkpoint[l] as bigint[])[i * size(l + 1) + j] as bigint),
          b,
        ),
      ),
    );
  const eR = mod(window.mask.reduce((sum, r, i) => sum + r * pow(b, BigInt((i >> 2) + (i & 3))), 0n));
  const honest: Sketches = { y: rows(parent), u: columns(parent), eR };
  const used = parameters.sketches?.(structuredClone(honest), b, trace) ?? honest;
  const c =
    parameters.challengeA ??
    p2.sponge(
      spongeTags.transcriptA,
      parameters.absorbedA?.(b, used, blinder) ?? [b, ...used.y.flat(), ...used.u.flat(), used.eR, blinder],
    );
  const grouped = windowLayout(instance).grouped;
  const honestParts = grouped ? partsOf(batches, trace, used.y, b, c) : [];
  const parts = parameters.parts?.(honestParts, c, used) ?? honestParts;
  const a = grouped ? p2.sponge(spongeTags.transcriptGroups, parameters.absorbedGroups?.(c, parts) ?? [c, ...parts.flat()]) : c;
  const finalY = updatedRows(trace, used.y, b);
  const rho = pow(a, 65536n);
  const claimOf = (y: bigint[][], child: bigint[][], u: bigint[][], mask: bigint): bigint =>
    polynomial(
      [...y.map((row) => polynomial(row, a)), ...child.map((row) => polynomial(row, a)), ...u.map((column) => polynomial(column, a)), mask],
      rho,
    );

  const shaped: CircuitInputs = {
    statement: statement.map(hex),
    blinder: hex(blinder),
    salts: batches.map((batch) => hex(batch.salt)),
    siblings: siblings.map((path) => path.map(hex)),
    labels: batches.map((batch) => batch.oneHot.map((row) => row.map(hex))),
    mask_claim: hex(used.eR),
  };
  if (grouped) {
    shaped['triples'] = batches.map((batch) => looseTriples(batch, spec.fx).map((sample) => sample.map(hex)));
    shaped['parts'] = parts.map((step) => step.map(hex));
  } else {
    shaped['features'] = batches.map((batch) => batch.oneHot.map((_, s) => batch.features.slice(s * size(0), (s + 1) * size(0)).map(hex)));
  }
  for (const l of layers) {
    shaped[`cells${l}`] = cells.map((step) => (step[l] as bigint[][][]).map((sample) => sample.map((cell) => cell.map(hex))));
    shaped[`parent_y${l}`] = (used.y[l] as bigint[]).map(hex);
    if (l > 0) shaped[`parent_u${l}`] = (used.u[l - 1] as bigint[]).map(hex);
  }
  return {
    inputs: shaped,
    trace,
    sketches: used,
    outputs: [b, a, claimOf(used.y, finalY, used.u, used.eR)],
    opened: claimOf(honest.y, rows(weights), honest.u, eR),
    changes,
  };
}

/** The six parts of sum_s c^(B-1-s) A_s y of the first layer at every step. Digits that stand for no row take part as they do in the circuit. */
function partsOf(
  batches: readonly ForgedMinibatch[],
  trace: ForgedTrace,
  y: readonly (readonly bigint[])[],
  b: bigint,
  c: bigint,
): bigint[][] {
  const n = (y[0] as readonly bigint[]).length - 1;
  const rows = Array.from({ length: tripleCount(n) }, (_, t) =>
    rowsOfGroup(n, t).map((i) => (i === undefined ? 0n : ((y[0] as readonly bigint[])[i] as bigint))),
  );
  const pairs = [
    [0, 0],
    [1, 1],
    [2, 2],
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const;
  return batches.map((batch, k) => {
    const digits = looseDigits(batch);
    const parts = pairs.map(([m, o]) =>
      mod(
        digits.reduce((sum, sample, s) => {
          const term = sample.reduce((total, x, t) => {
            const product = (i: number, j: number): bigint => (x[i] as bigint) * ((rows[t] as bigint[])[j] as bigint);
            return total + product(m, o) + (m === o ? 0n : product(o, m));
          }, 0n);
          return sum + pow(c, BigInt(digits.length - 1 - s)) * mod(term);
        }, 0n),
      ),
    );
    const moves = ((trace.deltas[k] as bigint[][][])[0] as bigint[][]).map((row) => polynomial(row, b));
    rows.forEach((group, t) => {
      rows[t] = group.map((value, digit) =>
        mod(value - moves.reduce((sum, move, s) => sum + move * (((digits[s] as bigint[][])[t] as bigint[])[digit] as bigint), 0n)),
      );
    });
    return parts;
  });
}

/** The sketches y after all steps: y -= A^T (D v). */
function updatedRows(trace: ForgedTrace, y: readonly (readonly bigint[])[], b: bigint): bigint[][] {
  return y.map((rows, l) =>
    trace.inputs.reduce<bigint[]>(
      (current, step, k) => {
        const w = ((trace.deltas[k] as bigint[][][])[l] as bigint[][]).map((row) => polynomial(row, b));
        return current.map((value, i) =>
          mod(
            value -
              dot(
                (step[l] as bigint[][]).map((row) => row[i] as bigint),
                w,
              ),
          ),
        );
      },
      [...rows],
    ),
  );
}

/** A row of coefficients and the right side. */
export type Equation = readonly [readonly bigint[], bigint];

/**
 * Sketches under which every Freivalds equation of a trace holds at b, whatever the weights are: each is one solution of the linear system
 * that the equations are, with `extra` equations (row, right side) on y of each layer and on u of each layer but the first.
 */
export function solvedSketches(
  instance: WindowInstance,
  trace: ForgedTrace,
  b: bigint,
  eR: bigint,
  extra: {
    readonly y?: readonly (readonly Equation[])[];
    readonly u?: readonly (readonly Equation[])[];
  } = {},
): Sketches {
  const { sizes, spec } = instance;
  const last = sizes.length - 2;
  const fw = weightBits(spec);
  const widths = widthsOf(instance);
  const solve = (rows: readonly (readonly bigint[])[], right: readonly bigint[], more: readonly Equation[]): bigint[] => {
    const found = solveLinear([...rows, ...more.map(([row]) => row)], [...right, ...more.map(([, value]) => value)]);
    if (found === undefined) throw new Error('no sketches fit these cells');
    return found;
  };
  const y = widths.map((_, l) => {
    const scale = 2n ** BigInt(l === last ? fw + 2 : fw);
    const offset = l === last ? 2n ** BigInt(spec.fd - 1) : 0n;
    // What the updates have taken from y before each step, which is linear and does not depend on y.
    const zero = Array.from({ length: (sizes[l] as number) + 1 }, () => 0n);
    const rows: bigint[][] = [];
    const right: bigint[] = [];
    trace.inputs.forEach((step, k) => {
      const before = { cells: trace.cells.slice(0, k), inputs: trace.inputs.slice(0, k), deltas: trace.deltas.slice(0, k) };
      const moved = updatedRows(
        before,
        widths.map((__, i) => (i === l ? zero : [])),
        b,
      )[l] as bigint[];
      (step[l] as bigint[][]).forEach((row, s) => {
        const z = ((trace.cells[k] as bigint[][][][])[l] as bigint[][][])[s]?.map(
          ([c, side, t, r]) => scale * ((c as bigint) + (side as bigint) * (1n + (t as bigint)) - offset) + (r as bigint),
        ) as bigint[];
        rows.push(row);
        right.push(mod(polynomial(z, b) - dot(row, moved)));
      });
    });
    return solve(rows, right, extra.y?.[l] ?? []);
  });
  const u = widths.slice(1).map((_, i) => {
    const l = i + 1;
    const deltaOffset = 2n ** BigInt((widths[i]?.[4] as number) - 1);
    const rows: bigint[][] = [];
    const right: bigint[] = [];
    let moved = Array.from({ length: sizes[l + 1] as number }, () => 0n);
    trace.deltas.forEach((step, k) => {
      const cells = (trace.cells[k] as bigint[][][][])[i] as bigint[][][];
      (step[l] as bigint[][]).forEach((row, s) => {
        const h = (cells[s] as bigint[][]).map(
          (cell) => 2n ** BigInt(fw) * ((cell[4] as bigint) - deltaOffset) + (cell[5] as bigint) - 2n ** BigInt(fw - 1),
        );
        rows.push(row);
        right.push(mod(polynomial(h, b) - dot(row, moved)));
      });
      const x = cells.map((sample) =>
        polynomial(
          sample.map((cell) => cell[0] as bigint),
          b,
        ),
      );
      moved = moved.map((value, j) =>
        mod(
          value -
            dot(
              (step[l] as bigint[][]).map((row) => row[j] as bigint),
              x,
            ),
        ),
      );
    });
    return solve(rows, right, extra.u?.[i] ?? []);
  });
  return { y, u, eR };
}

/** One solution x of `matrix x = right` over the field, 0 where free; undefined where there is none. */
export function solveLinear(matrix: readonly (readonly bigint[])[], right: readonly bigint[]): bigint[] | undefined {
  const columns = (matrix[0] as readonly bigint[]).length;
  const rows = matrix.map((row, i) => [...row.map((x) => mod(x)), mod(right[i] as bigint)]);
  const pivots: number[] = [];
  for (let column = 0, at = 0; column < columns && at < rows.length; column++) {
    const found = rows.findIndex((row, i) => i >= at && row[column] !== 0n);
    if (found < 0) continue;
    const pivot = rows[found] as bigint[];
    rows[found] = rows[at] as bigint[];
    const scale = inv(pivot[column] as bigint);
    rows[at] = pivot.map((x) => (x * scale) % R);
    const reduced = rows[at] as bigint[];
    rows.forEach((row, i) => {
      const factor = row[column] as bigint;
      if (i !== at && factor !== 0n) rows[i] = row.map((x, c) => mod(x - factor * (reduced[c] as bigint)));
    });
    pivots.push(column);
    at++;
  }
  if (rows.slice(pivots.length).some((row) => row[columns] !== 0n)) return undefined;
  const solution = Array.from({ length: columns }, () => 0n);
  pivots.forEach((column, i) => {
    solution[column] = (rows[i] as bigint[])[columns] as bigint;
  });
  return solution;
}
