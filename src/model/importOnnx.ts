import { AssayError } from '../errors.ts';
import type { DenseLayer, FloatModel } from './floatModel.ts';
import { type OnnxConstant, type OnnxFile, type OnnxGraphNode, onnxLimits, readOnnx } from './readOnnx.ts';

/** The number of samples, where a shape is computed: a constant that is not known. */
const batch = Number.NaN;

type Constant = {
  readonly kind: 'constant';
  readonly dims: readonly number[];
  readonly values: Float64Array;
  readonly strings?: readonly string[];
};

/** An affine map that waits for its ReLU: dense, or one factor and one shift a value. */
type Pending = {
  readonly weights: Float64Array | undefined;
  readonly inputs: number;
  readonly factor: Float64Array;
  readonly shift: Float64Array;
};

/** Samples on their way through the network. */
type Samples = {
  readonly kind: 'samples';
  /** Dimensions of one sample. */
  readonly shape: readonly number[];
  /** True where samples stand in columns (a transposed matrix). */
  readonly turned: boolean;
  readonly layers: readonly DenseLayer[];
  readonly pending: Pending;
};

/** Scores in the order of the logits; `complement` and `both`: 1 - p and (1 - p, p) of one logistic output. */
type Scores = {
  readonly kind: 'scores';
  readonly logits: Samples;
  readonly form: 'all' | 'complement' | 'both';
  readonly by: OnnxGraphNode;
};

/** The class of every sample. */
type ClassOf = { readonly kind: 'class'; readonly logits: Samples; readonly binary: boolean; readonly by: OnnxGraphNode };

type Value = Constant | Samples | Scores | ClassOf;

/** Layers with a ReLU; one more gives the logits (src/commitment/blocks.ts). */
const maxHidden = 15;

/** Numbers that all values of a graph together may hold while it is walked. */
const workingNumbers = 4 * onnxLimits.numbers;

const product = (dims: readonly number[]): number => dims.reduce((total, dim) => total * dim, 1);

/** What would do, for operators that people are likely to have. */
const advice: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    ['Tanh', 'Gelu', 'Elu', 'Selu', 'LeakyRelu', 'PRelu', 'HardSwish', 'Mish', 'Softplus', 'Swish', 'HardSigmoid', 'Erf', 'Celu'].map(
      (op) => [op, 'Hidden layers may have no other non-linearity than ReLU: train the model with it.'],
    ),
  ),
  ...Object.fromEntries(
    ['Conv', 'MaxPool', 'AveragePool', 'LSTM', 'GRU', 'RNN', 'Attention', 'LayerNormalization'].map((op) => [
      op,
      'Assay takes multilayer perceptrons: dense layers with ReLU between them.',
    ]),
  ),
  ...Object.fromEntries(
    ['QuantizeLinear', 'DequantizeLinear', 'QLinearMatMul', 'MatMulInteger', 'DynamicQuantizeLinear'].map((op) => [
      op,
      'Export the model in floating point, before any quantisation: Assay quantises it itself.',
    ]),
  ),
  Imputer: 'Fill missing values before the samples reach the model.',
  Normalizer: 'Normalise the samples before they reach the model; only an affine normalisation can be folded into it.',
  OneHotEncoder: 'Encode the samples before they reach the model.',
  Concat: 'Export a model with one input that holds all columns (skl2onnx: initial_types=[("X", FloatTensorType([None, columns]))]).',
  SVMClassifier: 'Assay takes multilayer perceptrons (MLPClassifier).',
  TreeEnsembleClassifier: 'Assay takes multilayer perceptrons (MLPClassifier).',
  LinearClassifier: 'Assay takes multilayer perceptrons (MLPClassifier); one without a hidden layer is a linear classifier.',
};

const titleOf = (node: OnnxGraphNode): string => {
  const op = node.domain === '' ? node.op : `${node.domain}.${node.op}`;
  return node.name === '' ? `${op} (the node that makes '${node.outputs[0] ?? ''}')` : `${op} (node '${node.name}')`;
};

const unsupported = (node: OnnxGraphNode, what: string, hint?: string): AssayError =>
  new AssayError('MODEL_ONNX_UNSUPPORTED', `${titleOf(node)}: ${what}`, {
    hint:
      hint ??
      advice[node.op] ??
      'Supported are Gemm, MatMul, Add, Sub, Mul, Div, Relu, BatchNormalization, Flatten, Reshape, and Softmax or ArgMax at the end.',
  });

const malformed = (node: OnnxGraphNode, what: string): AssayError =>
  new AssayError('MODEL_ONNX_MALFORMED', `${titleOf(node)}: ${what}`, { hint: 'Check the file with onnx.checker.check_model.' });

const attributeInt = (node: OnnxGraphNode, name: string, fallback: number): number => node.attributes.get(name)?.int ?? fallback;
const attributeFloat = (node: OnnxGraphNode, name: string, fallback: number): number => node.attributes.get(name)?.float ?? fallback;

const identityOf = (width: number): Pending => ({
  weights: undefined,
  inputs: width,
  factor: new Float64Array(width).fill(1),
  shift: new Float64Array(width),
});

const widthOf = ({ shape }: Samples): number => product(shape);

/** `pending . weights + bias`, the product of two affine maps in a row. */
function dense(node: OnnxGraphNode, pending: Pending, weights: Float64Array, bias: Float64Array): Pending {
  const middle = pending.factor.length;
  const outputs = bias.length;
  if (pending.inputs * outputs > onnxLimits.numbers)
    throw unsupported(node, `a layer of ${pending.inputs} x ${outputs} weights is too large`);
  const shift = Float64Array.from(bias);
  for (let i = 0; i < middle; i++) {
    const t = pending.shift[i] as number;
    if (t !== 0) for (let j = 0; j < outputs; j++) shift[j] = (shift[j] as number) + t * (weights[i * outputs + j] as number);
  }
  const whole = new Float64Array(pending.inputs * outputs);
  const add = (row: number, i: number, x: number): void => {
    if (x === 0) return;
    for (let j = 0; j < outputs; j++)
      whole[row * outputs + j] = (whole[row * outputs + j] as number) + x * (weights[i * outputs + j] as number);
  };
  for (let i = 0; i < middle; i++) {
    if (pending.weights === undefined) add(i, i, pending.factor[i] as number);
    else for (let row = 0; row < pending.inputs; row++) add(row, i, pending.weights[row * middle + i] as number);
  }
  return { weights: whole, inputs: pending.inputs, factor: new Float64Array(outputs).fill(1), shift };
}

/** Each value times its factor, plus its shift. */
function affine(pending: Pending, factor: Float64Array, shift: Float64Array): Pending {
  const width = factor.length;
  const moved = pending.shift.map((t, j) => t * (factor[j] as number) + (shift[j] as number));
  if (pending.weights === undefined) {
    return { ...pending, factor: pending.factor.map((s, j) => s * (factor[j] as number)), shift: moved };
  }
  return { ...pending, weights: pending.weights.map((w, at) => w * (factor[at % width] as number)), shift: moved };
}

/** The pending map as a layer. */
function layerOf(node: OnnxGraphNode, pending: Pending, relu: boolean): DenseLayer {
  const outputs = pending.factor.length;
  let { weights } = pending;
  if (weights === undefined) {
    if (outputs * outputs > onnxLimits.numbers) throw unsupported(node, `a layer of ${outputs} x ${outputs} weights is too large`);
    weights = new Float64Array(outputs * outputs);
    for (let i = 0; i < outputs; i++) weights[i * (outputs + 1)] = pending.factor[i] as number;
  }
  if (!weights.every(Number.isFinite) || !pending.shift.every(Number.isFinite)) {
    throw new AssayError('MODEL_ONNX_MALFORMED', `${titleOf(node)}: the layer before it has weights that are no finite numbers`, {
      hint: 'Did the training diverge?',
    });
  }
  return { inputs: pending.inputs, outputs, weights, bias: pending.shift, relu };
}

/** A constant laid over one sample: a value for each of the sample's. */
function spread(node: OnnxGraphNode, constant: Constant, samples: Samples): Float64Array {
  const whole = samples.turned ? [...samples.shape, 1] : [1, ...samples.shape];
  const misfit = (): AssayError =>
    unsupported(
      node,
      `a constant of ${constant.dims.join(' x ') || 'one value'} does not fit samples of ${samples.shape.join(' x ')}`,
      'Give the batch dimension the size 1.',
    );
  if (constant.dims.length > whole.length || constant.strings !== undefined) throw misfit();
  const dims = [...new Array<number>(whole.length - constant.dims.length).fill(1), ...constant.dims];
  if (dims.some((dim, i) => dim !== 1 && dim !== whole[i])) throw misfit();
  const out = new Float64Array(product(whole));
  for (let at = 0; at < out.length; at++) {
    let rest = at;
    let from = 0;
    let stride = 1;
    for (let d = whole.length - 1; d >= 0; d--) {
      const index = rest % (whole[d] as number);
      rest = Math.floor(rest / (whole[d] as number));
      if (dims[d] !== 1) from += index * stride;
      stride *= dims[d] as number;
    }
    out[at] = constant.values[from] as number;
  }
  return out;
}

const elementwise: Readonly<Record<string, (x: number, y: number) => number>> = {
  Add: (x, y) => x + y,
  Sub: (x, y) => x - y,
  Mul: (x, y) => x * y,
  Div: (x, y) => x / y,
};

function combineConstants(node: OnnxGraphNode, a: Constant, b: Constant): Constant {
  const compute = elementwise[node.op] as (x: number, y: number) => number;
  const [large, small] = a.values.length >= b.values.length ? [a, b] : [b, a];
  const same = a.dims.length === b.dims.length && a.dims.every((dim, i) => dim === b.dims[i]);
  if (!same && small.values.length !== 1)
    throw unsupported(node, 'it computes with two constants of different shapes', 'Let the exporter fold constants.');
  const at = (c: Constant, i: number): number => c.values[c.values.length === 1 ? 0 : i] as number;
  return { kind: 'constant', dims: large.dims, values: large.values.map((_, i) => compute(at(a, i), at(b, i))) };
}

function turnConstant(node: OnnxGraphNode, constant: Constant): Constant {
  const [rows, columns] = constant.dims;
  if (rows === undefined || columns === undefined || constant.dims.length !== 2)
    throw unsupported(node, `a transposed constant of ${constant.dims.length} dimensions`);
  const values = Float64Array.from(constant.values, (_, at) => constant.values[(at % rows) * columns + Math.floor(at / rows)] as number);
  return { kind: 'constant', dims: [columns, rows], values };
}

/** Samples of one row each times a constant matrix, width x outputs. */
function multiply(node: OnnxGraphNode, samples: Samples, matrix: Constant, bias?: Float64Array): Samples {
  const width = samples.shape.at(-1) ?? 0;
  const [rows, outputs] = matrix.dims;
  if (matrix.dims.length !== 2 || outputs === undefined)
    throw unsupported(node, `its constant has ${matrix.dims.length} dimensions, a matrix has 2`);
  if (product(samples.shape) !== width) {
    throw unsupported(node, `its samples have the shape ${samples.shape.join(' x ')}`, 'Flatten the samples before the first dense layer.');
  }
  if (rows !== width) throw malformed(node, `a matrix of ${matrix.dims.join(' x ')} for samples of ${width} values`);
  return {
    ...samples,
    shape: [...samples.shape.slice(0, -1), outputs],
    pending: dense(node, samples.pending, matrix.values, bias ?? new Float64Array(outputs)),
  };
}

/** Operators whose samples need not come first. */
const anyOrder = new Set(['Add', 'Sub', 'Mul', 'Div', 'MatMul', 'Gemm', 'Max']);

/** Evaluates one node on the values of its inputs. */
function evaluate(node: OnnxGraphNode, inputs: readonly (Value | undefined)[], opset: number, notes: Notes): Value {
  const own = node.domain === '' || node.domain === 'ai.onnx.ml';
  if (!own) throw unsupported(node, 'it is no operator of ONNX', 'Export without custom operators and without local functions.');
  const first = inputs[0];
  const second = inputs[1];
  const constantAt = (i: number): Constant | undefined => {
    const value = inputs[i];
    if (value !== undefined && value.kind !== 'constant') throw unsupported(node, `its input ${i} is not a constant`);
    return value;
  };
  const listAt = (i: number, attribute: string): readonly number[] | undefined => {
    const constant = constantAt(i);
    return constant === undefined ? node.attributes.get(attribute)?.ints : Array.from(constant.values);
  };
  // Nodes that make or fold constants.
  if (node.op === 'Constant' && node.domain === '') return constantNode(node);
  if (first === undefined) throw malformed(node, 'its first input is missing');
  if (first.kind === 'constant' && !inputs.some((value) => value !== undefined && value.kind !== 'constant')) {
    return foldConstants(node, first, inputs as readonly (Constant | undefined)[], listAt);
  }
  // Behind the logits.
  const after = inputs.find((value): value is Scores | ClassOf => value?.kind === 'scores' || value?.kind === 'class');
  if (after !== undefined) return passOver(node, inputs, after, notes);

  const a = inputs.find((value): value is Samples => value?.kind === 'samples') as Samples;
  if (first !== a && !anyOrder.has(node.op)) throw unsupported(node, 'its first input is a constant');
  switch (node.domain === '' ? node.op : `ml.${node.op}`) {
    case 'Identity':
      return a;
    case 'Dropout': {
      const training = constantAt(2);
      if ((training?.values[0] ?? 0) !== 0) throw unsupported(node, 'it is in training mode', 'Call model.eval() before the export.');
      return a;
    }
    case 'Cast': {
      const to = attributeInt(node, 'to', 1);
      if (![1, 10, 11, 16].includes(to))
        throw unsupported(node, `it makes integers of samples (type ${to})`, 'Keep the samples in floating point.');
      return a;
    }
    case 'Shape':
      return {
        kind: 'constant',
        dims: [a.shape.length + 1],
        values: Float64Array.from(a.turned ? [...a.shape, batch] : [batch, ...a.shape]),
      };
    case 'Flatten': {
      if (a.turned || attributeInt(node, 'axis', 1) !== 1)
        throw unsupported(node, 'it flattens samples together (axis is not 1)', 'Flatten from axis 1.');
      return { ...a, shape: [widthOf(a)] };
    }
    case 'Reshape':
      return reshape(node, a, listAt(1, 'shape') ?? [], notes);
    case 'Squeeze':
    case 'Unsqueeze':
      return squeeze(node, a, listAt(1, 'axes'));
    case 'Transpose': {
      const perm = node.attributes.get('perm')?.ints ?? [1, 0];
      if (perm.every((axis, i) => axis === i)) return a;
      if (a.shape.length !== 1 || perm.length !== 2)
        throw unsupported(node, `it reorders the values of samples of ${a.shape.join(' x ')}`, 'Transpose weights, not images.');
      return { ...a, turned: !a.turned };
    }
    case 'Relu':
      return rectify(node, a);
    case 'Clip': {
      const low = constantAt(1)?.values[0] ?? node.attributes.get('min')?.float;
      const high = constantAt(2)?.values[0] ?? node.attributes.get('max')?.float;
      if (low !== 0 || (high !== undefined && high < 3e38))
        throw unsupported(
          node,
          'it cuts activations at an upper or another lower end',
          'Use ReLU: Clip from 0 without an upper end is one.',
        );
      return rectify(node, a);
    }
    case 'Max': {
      const constants = inputs.filter((value): value is Constant => value?.kind === 'constant');
      if (inputs.length !== 2 || !constants[0]?.values.every((value) => value === 0))
        throw unsupported(node, 'it is no ReLU', 'max(x, 0) is one.');
      return rectify(node, a);
    }
    case 'Neg':
      return { ...a, pending: affine(a.pending, new Float64Array(widthOf(a)).fill(-1), new Float64Array(widthOf(a))) };
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return arithmetic(node, first, second);
    case 'MatMul':
      if (first.kind === 'samples' && !first.turned && second?.kind === 'constant') return multiply(node, first, second);
      if (second?.kind === 'samples' && second.turned && first.kind === 'constant')
        return multiply(node, second, turnConstant(node, first));
      throw unsupported(node, 'it multiplies samples among themselves');
    case 'Gemm':
      return gemm(node, inputs);
    case 'BatchNormalization': {
      if (attributeInt(node, 'training_mode', 0) !== 0)
        throw unsupported(node, 'it is in training mode', 'Call model.eval() before the export.');
      const [scale, shift, mean, variance] = [1, 2, 3, 4].map((i) => constantAt(i));
      const width = widthOf(a);
      if (a.turned || a.shape.length !== 1 || [scale, shift, mean, variance].some((c) => c?.values.length !== width)) {
        throw unsupported(
          node,
          `it normalises samples of ${a.shape.join(' x ')}`,
          'Batch normalisation of dense layers (BatchNorm1d) can be folded.',
        );
      }
      const epsilon = attributeFloat(node, 'epsilon', 1e-5);
      const factor = (scale as Constant).values.map((s, j) => s / Math.sqrt(((variance as Constant).values[j] as number) + epsilon));
      const move = (shift as Constant).values.map((t, j) => t - ((mean as Constant).values[j] as number) * (factor[j] as number));
      return { ...a, pending: affine(a.pending, factor, move) };
    }
    case 'ml.Scaler': {
      const of = (name: string, fallback: number): Float64Array => {
        const list = node.attributes.get(name)?.floats ?? [];
        const constant: Constant = {
          kind: 'constant',
          dims: [list.length === 0 ? 1 : list.length],
          values: Float64Array.from(list.length === 0 ? [fallback] : list),
        };
        return spread(node, constant, a);
      };
      const factor = of('scale', 1);
      const offset = of('offset', 0);
      return {
        ...a,
        pending: affine(
          a.pending,
          factor,
          factor.map((s, j) => -s * (offset[j] as number)),
        ),
      };
    }
    case 'Softmax':
    case 'LogSoftmax':
    case 'Sigmoid': {
      // A Softmax of operator sets below 13 has the axis 1 by default, which is the last one of logits.
      const axis = attributeInt(node, 'axis', opset < 13 ? 1 : -1);
      if (node.op !== 'Sigmoid' && (a.shape.length !== 1 || (axis !== -1 && axis !== 1)))
        throw unsupported(node, `it works along axis ${axis}`, 'Give it the classes: dim=1.');
      if (a.turned) throw unsupported(node, 'it works on transposed samples');
      notes.passedOver.add(titleOf(node));
      return { kind: 'scores', logits: a, form: 'all', by: node };
    }
    case 'ArgMax':
      return passOver(node, inputs, { kind: 'scores', logits: a, form: 'all', by: node }, notes);
    default:
      throw unsupported(node, 'this operator is not supported');
  }
}

function constantNode(node: OnnxGraphNode): Constant {
  const { attributes } = node;
  const tensor = attributes.get('value')?.tensor;
  if (tensor !== undefined) return constantOf(tensor);
  const float = attributes.get('value_float')?.float;
  const int = attributes.get('value_int')?.int;
  const list = attributes.get('value_floats')?.floats ?? attributes.get('value_ints')?.ints;
  if (list !== undefined) return { kind: 'constant', dims: [list.length], values: Float64Array.from(list) };
  if (float === undefined && int === undefined) throw unsupported(node, 'a constant of a kind that is not supported');
  return { kind: 'constant', dims: [], values: Float64Array.of(float ?? (int as number)) };
}

const constantOf = ({ dims, values, strings }: OnnxConstant): Constant =>
  strings === undefined ? { kind: 'constant', dims, values } : { kind: 'constant', dims, values, strings };

/** What exporters leave to the runtime: shapes put together, weights transposed. */
function foldConstants(
  node: OnnxGraphNode,
  first: Constant,
  inputs: readonly (Constant | undefined)[],
  listAt: (i: number, attribute: string) => readonly number[] | undefined,
): Constant {
  const flat = (constant: Constant): Constant => ({ ...constant, dims: [constant.values.length] });
  const second = inputs[1];
  switch (node.domain === '' ? node.op : '') {
    case 'Identity':
    case 'Cast':
      return first;
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      if (second === undefined) throw malformed(node, 'its second input is missing');
      return combineConstants(node, first, second);
    case 'Transpose': {
      const perm = node.attributes.get('perm')?.ints ?? [1, 0];
      return perm.every((axis, i) => axis === i) ? first : turnConstant(node, first);
    }
    case 'Gather': {
      const index = second?.values[0] ?? Number.NaN;
      const at = index < 0 ? index + first.values.length : index;
      if (first.dims.length !== 1 || second?.values.length !== 1 || !(at in first.values))
        throw unsupported(node, 'it picks from a constant in a way that is not supported');
      return { kind: 'constant', dims: second.dims, values: Float64Array.of(first.values[at] as number) };
    }
    case 'Slice': {
      const [start, end] = [listAt(1, 'starts')?.[0], listAt(2, 'ends')?.[0]];
      if (first.dims.length !== 1 || start === undefined || end === undefined || (listAt(4, 'steps')?.[0] ?? 1) !== 1)
        throw unsupported(node, 'it cuts a constant in a way that is not supported');
      return flat({ ...first, values: first.values.slice(start, Math.min(end, first.values.length)) });
    }
    case 'Unsqueeze':
    case 'Squeeze':
      if (first.dims.length > 1)
        throw unsupported(node, 'it reshapes a constant of several dimensions', 'Let the exporter fold constants.');
      return node.op === 'Unsqueeze' ? flat(first) : { ...first, dims: [] };
    case 'Concat':
      if (inputs.some((value) => value === undefined || value.dims.length !== 1))
        throw unsupported(node, 'it joins constants of several dimensions');
      return flat({ ...first, values: Float64Array.from(inputs.flatMap((value) => Array.from((value as Constant).values))) });
    case 'Reshape': {
      const shape = listAt(1, 'shape') ?? [];
      const known = product(shape.filter((dim) => dim !== -1));
      const dims = shape.map((dim) => (dim === -1 ? first.values.length / known : dim));
      if (product(dims) !== first.values.length || dims.some((dim) => !Number.isSafeInteger(dim) || dim < 1))
        throw malformed(node, `${first.values.length} values cannot have the shape ${shape.join(' x ')}`);
      return { ...first, dims };
    }
    default:
      throw unsupported(
        node,
        'it works on constants alone',
        'Let the exporter fold constants (torch: do_constant_folding=True; or onnxsim).',
      );
  }
}

/** Whether `dim` says, in a shape, "as many as there are samples". */
const isBatch = (dim: number, notes: Notes): boolean => Number.isNaN(dim) || dim === -1 || dim === 0 || dim === notes.batch;

function reshape(node: OnnxGraphNode, samples: Samples, target: readonly number[], notes: Notes): Samples {
  const width = widthOf(samples);
  const [first, ...rest] = target;
  const open = rest.filter((dim) => dim === -1).length;
  const resolved = rest.map((dim, i) => (dim === 0 ? (samples.shape[i] ?? Number.NaN) : dim));
  const known = product(resolved.filter((dim) => dim !== -1));
  const shape = resolved.map((dim) => (dim === -1 ? width / known : dim));
  const whole = shape.every((dim) => Number.isSafeInteger(dim) && dim >= 1);
  if (
    samples.turned ||
    first === undefined ||
    open > 1 ||
    (open === 1 && first === -1) ||
    !whole ||
    product(shape) !== width ||
    !isBatch(first, notes)
  ) {
    throw unsupported(
      node,
      `it puts samples of ${samples.shape.join(' x ')} into the shape ${target.map((dim) => (Number.isNaN(dim) ? 'samples' : dim)).join(' x ') || 'of one value'}`,
      'Keep the samples apart: their number stays the first dimension.',
    );
  }
  return { ...samples, shape };
}

function squeeze(node: OnnxGraphNode, samples: Samples, axes: readonly number[] | undefined): Samples {
  const rank = samples.shape.length + 1 + (node.op === 'Unsqueeze' ? (axes?.length ?? 0) : 0);
  const wanted = new Set((axes ?? []).map((axis) => (axis < 0 ? axis + rank : axis)));
  const fail = (): AssayError =>
    unsupported(
      node,
      `it takes axes ${axes?.join(', ') ?? 'of any kind'} of samples of ${samples.shape.join(' x ')}`,
      'Keep the batch dimension first.',
    );
  if (axes === undefined || wanted.has(0) || samples.turned) throw fail();
  if (node.op === 'Squeeze') {
    if ([...wanted].some((axis) => samples.shape[axis - 1] !== 1)) throw fail();
    return { ...samples, shape: samples.shape.filter((_, i) => !wanted.has(i + 1)) };
  }
  const shape = [...samples.shape];
  for (const axis of [...wanted].sort((x, y) => x - y)) shape.splice(axis - 1, 0, 1);
  if (shape.length + 1 !== rank) throw fail();
  return { ...samples, shape };
}

function rectify(node: OnnxGraphNode, samples: Samples): Samples {
  const { pending, layers } = samples;
  const unchanged = pending.weights === undefined && pending.factor.every((s) => s >= 0) && pending.shift.every((t) => t === 0);
  // ReLU of what a ReLU gave, scaled: nothing happens.
  if (layers.length > 0 && unchanged) return samples;
  if (layers.length >= maxHidden)
    throw unsupported(node, `it ends layer ${layers.length + 1}`, `A model has at most ${maxHidden + 1} layers.`);
  return { ...samples, layers: [...layers, layerOf(node, pending, true)], pending: identityOf(widthOf(samples)) };
}

function arithmetic(node: OnnxGraphNode, first: Value | undefined, second: Value | undefined): Samples {
  const [samples, constant] = first?.kind === 'samples' ? [first, second] : [second as Samples, first];
  if (constant === undefined || constant.kind !== 'constant')
    throw unsupported(node, 'it combines two computed values', 'Skip connections and gates are not supported.');
  const values = spread(node, constant, samples);
  const reversed = first?.kind === 'constant';
  if (node.op === 'Div' && reversed) throw unsupported(node, 'it divides by the samples');
  const ones = (sign: number): Float64Array => new Float64Array(values.length).fill(sign);
  const zeros = new Float64Array(values.length);
  const { pending } = samples;
  switch (node.op) {
    case 'Add':
      return { ...samples, pending: affine(pending, ones(1), values) };
    case 'Sub':
      return {
        ...samples,
        pending: reversed
          ? affine(pending, ones(-1), values)
          : affine(
              pending,
              ones(1),
              values.map((x) => -x),
            ),
      };
    case 'Mul':
      return { ...samples, pending: affine(pending, values, zeros) };
    default:
      return {
        ...samples,
        pending: affine(
          pending,
          values.map((x) => 1 / x),
          zeros,
        ),
      };
  }
}

function gemm(node: OnnxGraphNode, [first, second, third]: readonly (Value | undefined)[]): Samples {
  const alpha = attributeFloat(node, 'alpha', 1);
  const beta = attributeFloat(node, 'beta', 1);
  const [turnA, turnB] = [attributeInt(node, 'transA', 0) !== 0, attributeInt(node, 'transB', 0) !== 0];
  if (third !== undefined && third.kind !== 'constant') throw unsupported(node, 'its bias is computed');
  let result: Samples;
  if (first?.kind === 'samples' && second?.kind === 'constant') {
    if (first.turned !== turnA) throw unsupported(node, 'it multiplies transposed samples');
    result = multiply(node, { ...first, turned: false }, turnB ? turnConstant(node, second) : second);
  } else if (second?.kind === 'samples' && first?.kind === 'constant') {
    // (A X^T)^T = X A^T.
    if (second.turned === turnB) throw unsupported(node, 'it multiplies transposed samples');
    result = multiply(node, { ...second, turned: true }, turnA ? first : turnConstant(node, first));
  } else throw unsupported(node, 'it multiplies two computed values');
  const width = widthOf(result);
  const bias = third === undefined ? new Float64Array(width) : spread(node, third, result);
  return {
    ...result,
    pending: affine(
      result.pending,
      new Float64Array(width).fill(alpha),
      bias.map((x) => x * beta),
    ),
  };
}

/** Filled while the graph is walked. */
type Notes = { readonly batch: number | undefined; readonly passedOver: Set<string>; classLabels: (number | string)[] | undefined };

/**
 * Nodes behind the scores. Each must be known to leave the class as it is; what they compute beside it (probabilities, names) is not committed to.
 */
function passOver(node: OnnxGraphNode, inputs: readonly (Value | undefined)[], after: Scores | ClassOf, notes: Notes): Scores | ClassOf {
  const culprit = titleOf(after.by);
  const refuse = (): AssayError =>
    unsupported(
      node,
      `it works on what ${culprit} gave`,
      advice[after.by.op] ??
        `${after.by.op} may stand at the end only: hidden layers have ReLU, and nothing may change the class after the logits.`,
    );
  notes.passedOver.add(titleOf(node));
  const constants = inputs.filter((value): value is Constant => value?.kind === 'constant');
  const label = (labels: (number | string)[]): void => {
    if (notes.classLabels === undefined) notes.classLabels = labels;
  };
  const op = node.domain === '' ? node.op : `ml.${node.op}`;
  if (op === 'Identity') return after;
  if (after.kind === 'class') {
    if (['Cast', 'Reshape', 'Squeeze', 'Flatten', 'Unsqueeze'].includes(op)) return after;
    if (op === 'ml.ArrayFeatureExtractor' || op === 'Gather') {
      const classes = constants[0];
      if (classes === undefined || inputs[0] !== classes) throw refuse();
      label(classes.strings === undefined ? Array.from(classes.values) : [...classes.strings]);
      return after;
    }
    throw refuse();
  }
  const { logits, form } = after;
  const single = widthOf(logits) === 1;
  switch (op) {
    case 'Cast':
      if (![1, 10, 11, 16].includes(attributeInt(node, 'to', 1))) throw refuse();
      return after;
    case 'ml.ZipMap': {
      const { strings, ints } = {
        strings: node.attributes.get('classlabels_strings')?.strings ?? [],
        ints: node.attributes.get('classlabels_int64s')?.ints ?? [],
      };
      if (form === 'complement') throw refuse();
      label(strings.length > 0 ? [...strings] : [...ints]);
      return after;
    }
    case 'Sub': {
      const one = inputs[0];
      // 1 - p of one logistic output.
      if (!single || form !== 'all' || one?.kind !== 'constant' || !one.values.every((value) => value === 1)) throw refuse();
      return { kind: 'scores', logits, form: 'complement', by: node };
    }
    case 'Concat': {
      const [no, yes] = inputs;
      const sound =
        single && inputs.length === 2 && no?.kind === 'scores' && yes?.kind === 'scores' && no.form === 'complement' && yes.form === 'all';
      if (!sound || no.logits !== yes.logits || ![1, -1].includes(attributeInt(node, 'axis', 0))) throw refuse();
      return { kind: 'scores', logits, form: 'both', by: node };
    }
    case 'ArgMax': {
      const axis = attributeInt(node, 'axis', 0);
      if (
        form === 'complement' ||
        (single && form === 'all') ||
        ![1, -1].includes(axis) ||
        attributeInt(node, 'select_last_index', 0) !== 0
      )
        throw refuse();
      if (logits.turned || logits.shape.length !== 1) throw refuse();
      return { kind: 'class', logits, binary: form === 'both', by: node };
    }
    default:
      throw refuse();
  }
}

/** Only the nodes that the outputs need: exporters leave others behind. */
function neededNodes(file: OnnxFile, producers: ReadonlyMap<string, number>): Set<number> {
  const needed = new Set<number>();
  const open = file.outputs.map(({ name }) => name);
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const at = producers.get(name);
    if (at === undefined || needed.has(at)) continue;
    needed.add(at);
    open.push(...(file.nodes[at] as OnnxGraphNode).inputs);
  }
  return needed;
}

/**
 * A float ONNX model as dense layers: normalisation at the beginning folded into the first layer, Softmax and what follows it at the end passed over.
 *
 * @throws MODEL_ONNX_UNSUPPORTED, which names the operator and its node; MODEL_ONNX_MALFORMED, MODEL_ONNX_TOO_LARGE, MODEL_ONNX_EXTERNAL
 */
export function importOnnx(bytes: Uint8Array): FloatModel {
  const file = readOnnx(bytes);
  const fail = (what: string, hint: string): AssayError => new AssayError('MODEL_ONNX_UNSUPPORTED', `the ONNX model ${what}`, { hint });
  if (file.opset < 7) throw fail(`is of operator set ${file.opset}`, 'Export it with operator set 13 or later.');
  const input = file.inputs[0];
  if (input === undefined || file.inputs.length !== 1) {
    throw fail(`has ${file.inputs.length} inputs`, 'It must have one input that holds all values of a sample.');
  }
  const [count, ...shape] = input.dims ?? [];
  const width = product(shape.map((dim) => dim ?? Number.NaN));
  if (shape.length === 0 || !Number.isSafeInteger(width) || width < 1 || width > 65535) {
    throw fail(
      `takes the input ${input.name} of ${input.dims?.map((dim) => dim ?? '?').join(' x ') ?? 'an unknown shape'}`,
      'Its first dimension counts samples, all others must be known, and a sample has at most 65535 values.',
    );
  }
  const notes: Notes = { batch: count, passedOver: new Set(), classLabels: undefined };
  const samples: Samples = { kind: 'samples', shape: shape as number[], turned: false, layers: [], pending: identityOf(width) };
  const values = new Map<string, Value>([[input.name, samples]]);
  for (const constant of file.constants) {
    if (values.has(constant.name)) throw new AssayError('MODEL_ONNX_MALFORMED', `the ONNX model defines ${constant.name} twice`);
    values.set(constant.name, constantOf(constant));
  }
  const producers = new Map<string, number>();
  file.nodes.forEach((node, i) => {
    for (const name of node.outputs) {
      if (name === '') continue;
      if (values.has(name) || producers.has(name)) throw malformed(node, `it defines ${name}, which is defined already`);
      producers.set(name, i);
    }
  });
  const needed = neededNodes(file, producers);
  let last: OnnxGraphNode | undefined;
  let held = 0;
  file.nodes.forEach((node, i) => {
    if (!needed.has(i)) return;
    const inputs = node.inputs.map((name) => {
      if (name === '') return undefined;
      const value = values.get(name);
      if (value === undefined)
        throw malformed(node, producers.has(name) ? `it uses ${name} before it is defined` : `it uses ${name}, which nothing defines`);
      return value;
    });
    const value = evaluate(node, inputs, file.opset, notes);
    if (value.kind === 'constant') held += value.values.length;
    else if (value.kind === 'samples') held += value.pending.weights?.length ?? 0;
    if (held > workingNumbers) throw new AssayError('MODEL_ONNX_TOO_LARGE', `${titleOf(node)}: the graph computes too many weights`);
    node.outputs.forEach((name, k) => {
      // Further outputs (a Dropout's mask) stay undefined: who uses one is refused.
      if (k === 0) values.set(name, value);
    });
    last = node;
  });
  if (last === undefined || file.outputs.length === 0) throw fail('computes nothing', 'Its outputs must be computed from its input.');
  return finish(file, values, notes, shape as number[], last, fail);
}

function finish(
  file: OnnxFile,
  values: ReadonlyMap<string, Value>,
  notes: Notes,
  inputShape: readonly number[],
  last: OnnxGraphNode,
  fail: (what: string, hint: string) => AssayError,
): FloatModel {
  let logits: Samples | undefined;
  let logistic = false;
  for (const { name } of file.outputs) {
    const value = values.get(name);
    if (value === undefined) throw new AssayError('MODEL_ONNX_MALFORMED', `nothing computes the ONNX model's output ${name}`);
    if (value.kind === 'constant')
      throw fail(`has the output ${name}, which does not depend on its input`, 'Export only what the model computes.');
    const of = value.kind === 'samples' ? value : value.logits;
    if (logits !== undefined && logits !== of)
      throw fail('has several outputs of different layers', 'Export the logits or the classes, not the hidden layers.');
    if (value.kind !== 'samples') logistic = true;
    logits = of;
  }
  const { turned, pending, layers, shape } = logits as Samples;
  if (turned || shape.length !== 1) throw fail(`gives ${shape.join(' x ')} values a sample`, 'It must give one score a class.');
  const head = layerOf(last, pending, false);
  const binary = head.outputs === 1;
  if (binary && !logistic)
    throw fail(
      'has one output without a Sigmoid: a regression',
      'Assay takes classifiers. End one of two classes with Sigmoid, or give it two outputs.',
    );
  const all = [...layers, binary ? twoLogits(head) : head];
  const classes = (all.at(-1) as DenseLayer).outputs;
  const { classLabels } = notes;
  if (classLabels !== undefined && classLabels.length !== classes)
    throw fail(`names ${classLabels.length} classes and has ${classes}`, 'Export it again.');
  return { layers: all, classLabels, binary, inputShape, passedOver: [...notes.passedOver] };
}

/** Two classes from one logistic output: the logits 0 and x. The first wins a tie, as p > 1/2 asks. */
function twoLogits({ inputs, weights, bias }: DenseLayer): DenseLayer {
  return {
    inputs,
    outputs: 2,
    weights: Float64Array.from({ length: 2 * inputs }, (_, at) => (at % 2 === 0 ? 0 : (weights[(at - 1) / 2] as number))),
    bias: Float64Array.of(0, bias[0] as number),
    relu: false,
  };
}
