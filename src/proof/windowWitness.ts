import { mod, pow, R } from '../commitment/field.ts';
import type { Weights } from '../commitment/kzg.ts';
import { leafDigest, tripleCount, tripleFeatures } from '../commitment/merkle.ts';
import { pack } from '../commitment/packing.ts';
import { type Poseidon2, spongeTags } from '../commitment/poseidon2.ts';
import { AssayError } from '../errors.ts';
import { type ArithmeticSpec, weightBits } from '../quant/spec.ts';
import type { WindowInstance } from './circuitInstance.ts';
import { windowLayout } from './windowCircuit.ts';

/** What one layer computed in one step; B samples, m = its neurons (the reference engine's trace has this shape). */
export type LayerValues = {
  /** B x m: inputs . W. */
  readonly z: ArrayLike<number>;
  /** B x m: activations of a hidden layer, q of the last one. */
  readonly outputs: ArrayLike<number>;
  /** B x m: d of a hidden layer (masked), e of the last one. */
  readonly deltas: ArrayLike<number>;
  /** B x m: the next layer's deltas times its weights, before rounding; hidden layers only. */
  readonly h: ArrayLike<number> | undefined;
};

export type StepValues = {
  readonly layers: readonly LayerValues[];
  /** Sum of e^2. */
  readonly loss: number;
  /** B x sizes[0] integers in [0, 2^fx), sample by sample. */
  readonly features: ArrayLike<number>;
  /** B class numbers. */
  readonly labels: ArrayLike<number>;
  readonly salt: bigint;
  /** Siblings of the minibatch's leaf, from the leaf up. */
  readonly path: readonly bigint[];
};

export type WindowWitnessParameters = {
  readonly instance: WindowInstance;
  /** context, parentId, childId, maskId, datasetRoot, batchSeed, firstStep, lossSum. */
  readonly statement: readonly bigint[];
  readonly steps: readonly StepValues[];
  readonly parent: Weights;
  readonly child: Weights;
  /** 16 random coefficients of the mask polynomial behind maskId. */
  readonly mask: readonly bigint[];
  /** Random field element: without it b would leak low-entropy cells. */
  readonly blinder: bigint;
};

/** Inputs of the circuit's `main`, by name, as the ABI encoder takes them. */
export type CircuitInputs = Record<string, unknown>;

export type WindowWitness = {
  readonly inputs: CircuitInputs;
  /** b, a, E. */
  readonly outputs: readonly [bigint, bigint, bigint];
};

/** Place of the side s among a neuron's cells: it is packed as s + 1. */
const sideCell = 1;

/** y_l = W_l v with v_j = b^j: one element a row, bias row last. */
export function rowSketch(weights: Int32Array, rows: number, columns: number, b: bigint): bigint[] {
  const powers = geometric(b, columns);
  return Array.from({ length: rows }, (_, i) => {
    let sum = 0n;
    for (let j = 0; j < columns; j++) sum += BigInt(weights[i * columns + j] as number) * (powers[j] as bigint);
    return mod(sum);
  });
}

/** u_l = W_l^T s with s_i = b^i over the input rows only: one element a column. */
function columnSketch(weights: Int32Array, inputRows: number, columns: number, b: bigint): bigint[] {
  const powers = geometric(b, inputRows);
  return Array.from({ length: columns }, (_, j) => {
    let sum = 0n;
    for (let i = 0; i < inputRows; i++) sum += BigInt(weights[i * columns + j] as number) * (powers[i] as bigint);
    return mod(sum);
  });
}

/** eR = sum_{i,j<4} b^i R_{4i+j} b^j. */
export function maskClaim(mask: readonly bigint[], b: bigint): bigint {
  const powers = geometric(b, 7);
  return mod(mask.reduce((sum, r, k) => sum + r * (powers[(k >> 2) + (k & 3)] as bigint), 0n));
}

/** sum_i x_i p^i. */
export function evaluate(x: readonly bigint[], p: bigint): bigint {
  return x.reduceRight((sum, value) => (sum * p + value) % R, 0n);
}

function geometric(base: bigint, length: number): bigint[] {
  const powers = [1n];
  while (powers.length < length) powers.push(((powers.at(-1) as bigint) * base) % R);
  return powers;
}

/**
 * Cells of one neuron and sample, in the order of docs/reference/encodings.md; `side` as -1, 0, 1 and `delta` with its offset.
 *
 * @param h undefined in the last layer
 * @param deltaBits width of the delta cell
 */
function neuronCells(spec: ArithmeticSpec, deltaBits: number, z: number, output: number, h: number | undefined): number[] {
  const fw = weightBits(spec);
  const last = h === undefined;
  const bits = last ? fw + 2 : fw;
  const shifted = Math.floor(z / 2 ** bits);
  const quotient = last ? shifted + 2 ** (spec.fd - 1) : shifted;
  const excess = quotient - output;
  const side = Math.sign(excess);
  const clip = [output, side, excess === 0 ? 0 : Math.abs(excess) - 1, z - shifted * 2 ** bits];
  if (last) return clip;
  const rounded = h + 2 ** (fw - 1);
  const delta = Math.floor(rounded / 2 ** fw);
  return [...clip, delta + 2 ** (deltaBits - 1), rounded - delta * 2 ** fw];
}

/**
 * Builds the inputs of a window circuit and its three outputs.
 *
 * @throws PROOF_TRACE_INVALID, COMMITMENT_PACK_RANGE where a value does not fit its cell (a trace that no honest engine makes)
 */
export function buildWindowWitness(p2: Poseidon2, parameters: WindowWitnessParameters): WindowWitness {
  const { instance, statement, steps, parent, child, mask, blinder } = parameters;
  const { sizes, spec } = instance;
  const layout = windowLayout(instance);
  const batch = 2 ** spec.lb;
  const layerCount = sizes.length - 1;
  const size = (l: number): number => sizes[l] as number;
  if (steps.length !== instance.steps || statement.length !== 8 || mask.length !== 16) {
    throw new AssayError(
      'PROOF_TRACE_INVALID',
      `${instance.name} takes ${instance.steps} steps, a statement of 8 words and 16 mask coefficients`,
    );
  }

  const cells = steps.map((step) =>
    step.layers.map((values, l) => {
      const deltaBits = (layout.cellWidths[l] as readonly number[])[4] ?? 0;
      return Array.from({ length: batch }, (_, s) =>
        Array.from({ length: size(l + 1) }, (_, j) => {
          const k = s * size(l + 1) + j;
          return neuronCells(spec, deltaBits, values.z[k] as number, values.outputs[k] as number, values.h?.[k]);
        }),
      );
    }),
  );
  const leaves = steps.map((step) => leafDigest(p2, step.features, spec.fx, step.labels, step.salt));
  const digests = cells.map((step) =>
    step.map((layer, l) => {
      const widths = layout.cellWidths[l] as readonly number[];
      const kinds = widths.map((width, kind) =>
        pack(
          layer.flatMap((sample) => sample.map((cell) => (cell[kind] as number) + (kind === sideCell ? 1 : 0))),
          width,
        ),
      );
      return p2.sponge(spongeTags.cells, kinds.flat());
    }),
  );
  const absorbed = [...statement, blinder, ...leaves, ...digests.flat()];
  const b = p2.sponge(spongeTags.transcriptB, absorbed);

  const weights = (checkpoint: Weights, l: number): Int32Array => checkpoint[l] as Int32Array;
  const layers = Array.from({ length: layerCount }, (_, l) => l);
  const parentY = layers.map((l) => rowSketch(weights(parent, l), size(l) + 1, size(l + 1), b));
  const childY = layers.map((l) => rowSketch(weights(child, l), size(l) + 1, size(l + 1), b));
  const parentU = layers.slice(1).map((l) => columnSketch(weights(parent, l), size(l), size(l + 1), b));
  const eR = maskClaim(mask, b);
  const c = p2.sponge(spongeTags.transcriptA, [b, ...parentY.flat(), ...parentU.flat(), eR, blinder]);
  const parts = layout.grouped ? groupParts(steps, size(0), 2 ** spec.fa, parentY[0] as bigint[], b, c).parts : [];
  const a = layout.grouped ? p2.sponge(spongeTags.transcriptGroups, [c, ...parts.flat()]) : c;
  const claims = [...parentY.map((y) => evaluate(y, a)), ...childY.map((y) => evaluate(y, a)), ...parentU.map((u) => evaluate(u, a)), eR];
  const claim = evaluate(claims, pow(a, 65536n));

  const classes = size(layerCount);
  const inputs: CircuitInputs = {
    statement: statement.map(field),
    blinder: field(blinder),
    salts: steps.map((step) => field(step.salt)),
    siblings: steps.map((step) => step.path.map(field)),
    labels: steps.map((step) =>
      Array.from({ length: batch }, (_, s) => Array.from({ length: classes }, (_, j) => (step.labels[s] === j ? 1 : 0))),
    ),
    mask_claim: field(eR),
  };
  if (layout.grouped) {
    inputs['triples'] = steps.map((step) => chunked(tripleFeatures(step.features, spec.fx, batch), layout.triples));
    inputs['parts'] = parts.map((step) => step.map(field));
  } else inputs['features'] = steps.map((step) => chunked(Array.from(step.features), size(0)));
  for (const l of layers) {
    inputs[`cells${l}`] = cells.map((step) => (step[l] as number[][][]).map((sample) => sample.map((cell) => cell.map(cellField))));
    inputs[`parent_y${l}`] = (parentY[l] as bigint[]).map(field);
    if (l > 0) inputs[`parent_u${l}`] = (parentU[l - 1] as bigint[]).map(field);
  }
  return { inputs, outputs: [b, a, claim] };
}

/**
 * The six parts of sum_s c^(B-1-s) A_s y at every step, bias left out: products of equal rows of a group, then of its rows (0, 1), (0, 2), (1, 2).
 *
 * @param y sketch of the parent's first layer
 */
function groupParts(
  steps: readonly Pick<StepValues, 'features' | 'layers'>[],
  features: number,
  bias: number,
  y: readonly bigint[],
  b: bigint,
  c: bigint,
): { readonly parts: bigint[][]; readonly child: bigint[] } {
  const triples = tripleCount(features);
  const rows = [...y];
  const parts = steps.map((step) => {
    const samples = step.features.length / features;
    const first = step.layers[0] as LayerValues;
    const neurons = first.deltas.length / samples;
    // Of every feature and the bias: its samples with powers of c, and with the steps that they take.
    const [drawn, moved] = [c, undefined].map((power) => {
      const factors = Array.from({ length: samples }, (_, s) =>
        power === undefined
          ? evaluate(
              Array.from({ length: neurons }, (_, j) => BigInt(first.deltas[s * neurons + j] as number)),
              b,
            )
          : pow(power, BigInt(samples - 1 - s)),
      );
      return Array.from({ length: features + 1 }, (_, i) =>
        mod(
          factors.reduce((sum, factor, s) => sum + factor * BigInt(i < features ? (step.features[s * features + i] as number) : bias), 0n),
        ),
      );
    }) as [bigint[], bigint[]];
    const sums = [0n, 0n, 0n, 0n, 0n, 0n] as [bigint, bigint, bigint, bigint, bigint, bigint];
    for (let t = 0; t < triples; t++) {
      const places = [t, t < triples - 1 ? triples + t : features, 2 * triples - 1 + t].map((i) => (i < features ? i : undefined));
      const [x0, x1, x2] = places.map((i) => (i === undefined ? 0n : drawn[i])) as [bigint, bigint, bigint];
      const [y0, y1, y2] = places.map((i) => (i === undefined ? 0n : rows[i])) as [bigint, bigint, bigint];
      sums[0] += x0 * y0;
      sums[1] += x1 * y1;
      sums[2] += x2 * y2;
      sums[3] += x0 * y1 + x1 * y0;
      sums[4] += x0 * y2 + x2 * y0;
      sums[5] += x1 * y2 + x2 * y1;
    }
    moved.forEach((move, i) => {
      rows[i] = mod((rows[i] as bigint) - move);
    });
    return sums.map((sum) => mod(sum));
  });
  return { parts, child: rows };
}

function chunked<T>(values: readonly T[], length: number): T[][] {
  return Array.from({ length: values.length / length }, (_, i) => values.slice(i * length, (i + 1) * length));
}

function field(x: bigint): string {
  return `0x${x.toString(16)}`;
}

/** Only a side is negative. */
function cellField(value: number): number | string {
  return value < 0 ? field(mod(BigInt(value))) : value;
}
