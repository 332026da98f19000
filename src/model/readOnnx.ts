import protobuf, { type Reader } from 'protobufjs/minimal.js';
import { AssayError } from '../errors.ts';

/**
 * What a file may make a reader allocate. The largest model that Assay commits to has 2^21 weights (64 blocks of 2^15), 16 MiB of float64.
 */
export const onnxLimits = { bytes: 2 ** 26, numbers: 2 ** 23, nodes: 4096, tensors: 4096, names: 256, dims: 8 } as const;

/** Element types of onnx.proto's TensorProto.DataType that a model may hold. */
const elementTypes: Readonly<Record<number, { readonly name: string; readonly bytes: number }>> = {
  1: { name: 'float', bytes: 4 },
  2: { name: 'uint8', bytes: 1 },
  3: { name: 'int8', bytes: 1 },
  4: { name: 'uint16', bytes: 2 },
  5: { name: 'int16', bytes: 2 },
  6: { name: 'int32', bytes: 4 },
  7: { name: 'int64', bytes: 8 },
  8: { name: 'string', bytes: 0 },
  9: { name: 'bool', bytes: 1 },
  10: { name: 'float16', bytes: 2 },
  11: { name: 'double', bytes: 8 },
  12: { name: 'uint32', bytes: 4 },
  13: { name: 'uint64', bytes: 8 },
  16: { name: 'bfloat16', bytes: 2 },
};

/** A constant: numbers as float64 (an integer beyond 2^53 is refused), or text. */
export type OnnxConstant = {
  readonly name: string;
  readonly dims: readonly number[];
  readonly values: Float64Array;
  /** Elements of a string tensor; its `values` are empty. */
  readonly strings: readonly string[] | undefined;
};

export type OnnxAttributeValue = {
  readonly int: number | undefined;
  readonly float: number | undefined;
  readonly text: string | undefined;
  readonly tensor: OnnxConstant | undefined;
  readonly ints: readonly number[];
  readonly floats: readonly number[];
  readonly strings: readonly string[];
};

export type OnnxGraphNode = {
  readonly name: string;
  readonly op: string;
  /** Empty for ONNX's own operators. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: ReadonlyMap<string, OnnxAttributeValue>;
};

/** A dimension is a number, or undefined where the file leaves it open. */
export type OnnxPort = { readonly name: string; readonly dims: readonly (number | undefined)[] | undefined };

export type OnnxFile = {
  readonly producer: string;
  /** Version of ONNX's own operator set. */
  readonly opset: number;
  readonly nodes: readonly OnnxGraphNode[];
  readonly constants: readonly OnnxConstant[];
  /** Inputs that are not constants. */
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
};

const malformed = (what: string, cause?: unknown): AssayError =>
  new AssayError('MODEL_ONNX_MALFORMED', `not an ONNX model: ${what}`, {
    cause,
    hint: 'Check it with onnx.checker.check_model, or export it again.',
  });

const tooLarge = (what: string): AssayError =>
  new AssayError('MODEL_ONNX_TOO_LARGE', `the ONNX model has ${what}`, {
    hint: 'Assay commits to models of at most about 2 million weights.',
  });

/** Reads one field, which the reader stands at; `wire` is its wire type. */
type Field = (reader: Reader, wire: number) => void;

function readFields(bytes: Uint8Array, fields: Readonly<Record<number, Field>>): void {
  const reader = protobuf.Reader.create(bytes);
  while (reader.pos < reader.len) {
    const tag = reader.uint32();
    const field = fields[tag >>> 3];
    if (field === undefined) reader.skipType(tag & 7, 0, tag >>> 3);
    else field(reader, tag & 7);
  }
}

const expectWire = (wire: number, expected: number): void => {
  if (wire !== expected) throw malformed(`a field of wire type ${wire} where ${expected} belongs`);
};

/** A length-delimited field as a view, not a copy. */
function view(reader: Reader): Uint8Array {
  const length = reader.uint32();
  const start = reader.pos;
  if (length > reader.len - start) throw malformed('a field reaches beyond its end');
  reader.skip(length);
  return reader.buf.subarray(start, start + length);
}

const utf8 = new TextDecoder('utf-8', { fatal: true });
const bytesField =
  (set: (bytes: Uint8Array) => void): Field =>
  (reader, wire) => {
    expectWire(wire, 2);
    set(view(reader));
  };
const textField = (set: (text: string) => void): Field => bytesField((bytes) => set(utf8.decode(bytes)));
const int = (reader: Reader): number => Number(reader.int64().toString());
const intField =
  (set: (value: number) => void): Field =>
  (reader, wire) => {
    expectWire(wire, 0);
    set(int(reader));
  };

/** Numbers read so far of one file; all arrays of a file share the limit. */
type Budget = { numbers: number };

/** A repeated number, packed or not. */
const numbersField =
  (budget: Budget, into: number[], wireOfOne: number, read: (reader: Reader) => number): Field =>
  (reader, wire) => {
    const push = (from: Reader): void => {
      if (++budget.numbers > onnxLimits.numbers) throw tooLarge(`more than ${onnxLimits.numbers} numbers`);
      into.push(read(from));
    };
    if (wire === wireOfOne) return push(reader);
    expectWire(wire, 2);
    const packed = protobuf.Reader.create(view(reader));
    while (packed.pos < packed.len) push(packed);
  };

const pushWithin = <T>(list: T[], item: T, limit: number, what: string): void => {
  if (list.length >= limit) throw tooLarge(`more than ${limit} ${what}`);
  list.push(item);
};

function half(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits & 0x8000 ? -1 : 1;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
}

function brainFloat(bits: number): number {
  const view = new DataView(new ArrayBuffer(4));
  view.setUint32(0, bits << 16);
  return view.getFloat32(0);
}

const rawReaders: Readonly<Record<number, (view: DataView, at: number) => number>> = {
  1: (view, at) => view.getFloat32(at, true),
  2: (view, at) => view.getUint8(at),
  3: (view, at) => view.getInt8(at),
  4: (view, at) => view.getUint16(at, true),
  5: (view, at) => view.getInt16(at, true),
  6: (view, at) => view.getInt32(at, true),
  7: (view, at) => Number(view.getBigInt64(at, true)),
  9: (view, at) => view.getUint8(at),
  10: (view, at) => half(view.getUint16(at, true)),
  11: (view, at) => view.getFloat64(at, true),
  12: (view, at) => view.getUint32(at, true),
  13: (view, at) => Number(view.getBigUint64(at, true)),
  16: (view, at) => brainFloat(view.getUint16(at, true)),
};

function readTensor(bytes: Uint8Array, budget: Budget): OnnxConstant {
  const dims: number[] = [];
  const lists = { float: [] as number[], int32: [] as number[], int64: [] as number[], double: [] as number[], uint64: [] as number[] };
  const strings: string[] = [];
  let type = 0;
  let name = '';
  let raw: Uint8Array | undefined;
  let external = false;
  readFields(bytes, {
    1: numbersField(budget, dims, 0, int),
    2: intField((value) => {
      type = value;
    }),
    4: numbersField(budget, lists.float, 5, (reader) => reader.float()),
    5: numbersField(budget, lists.int32, 0, (reader) => reader.int32()),
    6: textField((text) => pushWithin(strings, text, onnxLimits.names * 256, 'strings in a tensor')),
    7: numbersField(budget, lists.int64, 0, int),
    8: textField((text) => {
      name = text;
    }),
    9: bytesField((data) => {
      raw = data;
    }),
    10: numbersField(budget, lists.double, 1, (reader) => reader.double()),
    11: numbersField(budget, lists.uint64, 0, (reader) => Number(reader.uint64().toString())),
    13: bytesField(() => {
      external = true;
    }),
    14: intField((location) => {
      if (location !== 0) external = true;
    }),
  });
  if (external) {
    throw new AssayError('MODEL_ONNX_EXTERNAL', `the tensor ${name} lies in another file`, {
      hint: 'Export it into one file: torch.onnx.export(..., external_data=False), or onnx.save(onnx.load(path), path).',
    });
  }
  const element = elementTypes[type];
  if (element === undefined) {
    throw new AssayError('MODEL_ONNX_UNSUPPORTED', `the tensor ${name} has elements of type ${type} (TensorProto.DataType)`, {
      hint: 'Export the model in float32 or float64, before any quantisation.',
    });
  }
  if (dims.length > onnxLimits.dims) throw malformed(`the tensor ${name} has ${dims.length} dimensions`);
  // Also refuses what is no count: Number.isSafeInteger of a product of huge dimensions is false.
  const count = dims.reduce((product, dim) => (dim < 0 ? Number.NaN : product * dim), 1);
  if (!Number.isSafeInteger(count)) throw malformed(`the tensor ${name} has the shape ${dims.join(' x ')}`);
  if (count > onnxLimits.numbers) throw tooLarge(`a tensor ${name} of ${dims.join(' x ')}`);
  const wrong = (found: number): AssayError => malformed(`the tensor ${name} of ${dims.join(' x ')} holds ${found} elements, not ${count}`);
  if (element.name === 'string') {
    if (strings.length !== count) throw wrong(strings.length);
    return { name, dims, values: new Float64Array(), strings };
  }
  if (raw !== undefined) {
    const { byteLength, buffer, byteOffset } = raw as Uint8Array;
    if (byteLength !== count * element.bytes) throw wrong(byteLength / element.bytes);
    budget.numbers += count;
    if (budget.numbers > onnxLimits.numbers) throw tooLarge(`more than ${onnxLimits.numbers} numbers`);
    const data = new DataView(buffer, byteOffset, byteLength);
    const read = rawReaders[type] as (view: DataView, at: number) => number;
    const values = new Float64Array(count);
    for (let i = 0; i < count; i++) values[i] = read(data, i * element.bytes);
    return { name, dims, values, strings: undefined };
  }
  const list =
    type === 1 ? lists.float : type === 11 ? lists.double : type === 7 ? lists.int64 : type > 11 && type < 14 ? lists.uint64 : lists.int32;
  if (list.length !== count) throw wrong(list.length);
  const decode = type === 10 ? half : type === 16 ? brainFloat : (value: number): number => value;
  return { name, dims, values: Float64Array.from(list, decode), strings: undefined };
}

function readAttribute(bytes: Uint8Array, budget: Budget): readonly [string, OnnxAttributeValue] {
  let name = '';
  let attribute: OnnxAttributeValue = {
    int: undefined,
    float: undefined,
    text: undefined,
    tensor: undefined,
    ints: [],
    floats: [],
    strings: [],
  };
  const ints: number[] = [];
  const floats: number[] = [];
  const strings: string[] = [];
  readFields(bytes, {
    1: textField((text) => {
      name = text;
    }),
    2: (reader, wire) => {
      expectWire(wire, 5);
      attribute = { ...attribute, float: reader.float() };
    },
    3: intField((value) => {
      attribute = { ...attribute, int: value };
    }),
    4: bytesField((text) => {
      // The bytes of a string attribute may be anything; only text is of use here.
      attribute = { ...attribute, text: new TextDecoder().decode(text) };
    }),
    5: bytesField((tensor) => {
      attribute = { ...attribute, tensor: readTensor(tensor, budget) };
    }),
    7: numbersField(budget, floats, 5, (reader) => reader.float()),
    8: numbersField(budget, ints, 0, int),
    9: textField((text) => pushWithin(strings, text, onnxLimits.names * 256, 'strings in an attribute')),
  });
  return [name, { ...attribute, ints, floats, strings }];
}

function readNode(bytes: Uint8Array, budget: Budget): OnnxGraphNode {
  const inputs: string[] = [];
  const outputs: string[] = [];
  const attributes = new Map<string, OnnxAttributeValue>();
  const text = { name: '', op: '', domain: '' };
  readFields(bytes, {
    1: textField((name) => pushWithin(inputs, name, onnxLimits.names, 'inputs of a node')),
    2: textField((name) => pushWithin(outputs, name, onnxLimits.names, 'outputs of a node')),
    3: textField((name) => {
      text.name = name;
    }),
    4: textField((op) => {
      text.op = op;
    }),
    5: bytesField((attribute) => {
      if (attributes.size >= onnxLimits.names) throw tooLarge(`more than ${onnxLimits.names} attributes of a node`);
      attributes.set(...readAttribute(attribute, budget));
    }),
    7: textField((domain) => {
      // The default domain has two names.
      text.domain = domain === 'ai.onnx' ? '' : domain;
    }),
  });
  if (text.op === '') throw malformed(`the node ${text.name} has no operator`);
  return { ...text, inputs, outputs, attributes };
}

function readPort(bytes: Uint8Array): OnnxPort {
  let name = '';
  let dims: (number | undefined)[] | undefined;
  const readDim = (dim: Uint8Array): void => {
    let value: number | undefined;
    readFields(dim, {
      1: intField((size) => {
        value = size;
      }),
    });
    pushWithin(dims as (number | undefined)[], value, onnxLimits.dims, 'dimensions of an input');
  };
  const readShape = (shape: Uint8Array): void => {
    dims = [];
    readFields(shape, { 1: bytesField(readDim) });
  };
  readFields(bytes, {
    1: textField((text) => {
      name = text;
    }),
    2: bytesField((type) => readFields(type, { 1: bytesField((tensor) => readFields(tensor, { 2: bytesField(readShape) })) })),
  });
  return { name, dims };
}

/**
 * An ONNX file as far as a multilayer perceptron needs it: nodes with their attributes, constants, inputs and outputs. Subgraphs are passed over (their
 * node is not supported later, by name). Nothing is allocated on the word of a length that the bytes do not back.
 *
 * @throws MODEL_ONNX_MALFORMED, MODEL_ONNX_TOO_LARGE, MODEL_ONNX_EXTERNAL, MODEL_ONNX_UNSUPPORTED
 */
export function readOnnx(bytes: Uint8Array): OnnxFile {
  if (bytes.length > onnxLimits.bytes) throw tooLarge(`${bytes.length} bytes, allowed are ${onnxLimits.bytes}`);
  try {
    return readModel(bytes);
  } catch (error) {
    if (error instanceof AssayError) throw error;
    throw malformed((error as Error).message, error);
  }
}

function readModel(bytes: Uint8Array): OnnxFile {
  const budget: Budget = { numbers: 0 };
  let graph: Uint8Array | undefined;
  let producer = '';
  let version = 0;
  let opset: number | undefined;
  readFields(bytes, {
    1: intField((value) => {
      version = value;
    }),
    2: textField((text) => {
      producer = text;
    }),
    7: bytesField((message) => {
      if (graph !== undefined) throw malformed('it has two graphs');
      graph = message;
    }),
    8: bytesField((message) => {
      let domain = '';
      let number = 0;
      readFields(message, {
        1: textField((text) => {
          domain = text;
        }),
        2: intField((value) => {
          number = value;
        }),
      });
      if (domain === '' || domain === 'ai.onnx') opset = number;
    }),
  });
  if (graph === undefined || version < 1) throw malformed('it has no graph');
  if (opset === undefined) throw malformed('it names no operator set');
  const nodes: OnnxGraphNode[] = [];
  const constants: OnnxConstant[] = [];
  const inputs: OnnxPort[] = [];
  const outputs: OnnxPort[] = [];
  readFields(graph, {
    1: bytesField((node) => pushWithin(nodes, readNode(node, budget), onnxLimits.nodes, 'nodes')),
    5: bytesField((tensor) => pushWithin(constants, readTensor(tensor, budget), onnxLimits.tensors, 'initializers')),
    11: bytesField((port) => pushWithin(inputs, readPort(port), onnxLimits.tensors, 'inputs')),
    12: bytesField((port) => pushWithin(outputs, readPort(port), onnxLimits.names, 'outputs')),
    15: bytesField(() => {
      throw new AssayError('MODEL_ONNX_UNSUPPORTED', 'the model has sparse tensors', { hint: 'Export the weights as dense tensors.' });
    }),
  });
  const constantNames = new Set(constants.map(({ name }) => name));
  return { producer, opset, nodes, constants, inputs: inputs.filter(({ name }) => !constantNames.has(name)), outputs };
}
