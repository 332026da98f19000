import { AssayError } from '../errors.ts';

/** Element types of ONNX tensors that Assay uses, by their number in onnx.proto's TensorProto.DataType. */
export const onnxTypes = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9, double: 11 } as const;
export type OnnxType = keyof typeof onnxTypes;

const elementBytes: Record<OnnxType, number> = { float: 4, uint8: 1, int32: 4, int64: 8, bool: 1, double: 8 };

/** An attribute's value: a bigint is an INT, a number a FLOAT, a list of bigints INTS. */
export type OnnxAttribute = bigint | number | readonly bigint[];

export type OnnxNode = {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes?: Readonly<Record<string, OnnxAttribute>>;
};

export type OnnxTensor = {
  readonly name: string;
  readonly type: OnnxType;
  readonly dims: readonly number[];
  readonly data: Uint8Array | Int32Array | BigInt64Array | Float32Array | Float64Array;
};

/** An input or output of the graph; a string in `dims` names a free dimension. */
export type OnnxValue = { readonly name: string; readonly type: OnnxType; readonly dims: readonly (number | string)[] };

export type OnnxModel = {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly initializers: readonly OnnxTensor[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  readonly metadata?: Readonly<Record<string, string>>;
};

const irVersion = 8n;
const opsetVersion = 17n;
const utf8 = new TextEncoder();

/** Protobuf's base-128 integer; a negative int64 is its two's complement in 64 bits. */
function varint(value: bigint): Uint8Array {
  let rest = BigInt.asUintN(64, value);
  const out: number[] = [];
  do {
    const low = Number(rest & 0x7fn);
    rest >>= 7n;
    out.push(rest > 0n ? low | 0x80 : low);
  } while (rest > 0n);
  return Uint8Array.from(out);
}

function concat(parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

const intField = (field: number, value: bigint): Uint8Array => concat([varint(BigInt(field << 3)), varint(value)]);
const bytesField = (field: number, bytes: Uint8Array): Uint8Array =>
  concat([varint(BigInt((field << 3) | 2)), varint(BigInt(bytes.length)), bytes]);
const textField = (field: number, text: string): Uint8Array => bytesField(field, utf8.encode(text));
const messageField = (field: number, parts: readonly Uint8Array[]): Uint8Array => bytesField(field, concat(parts));

function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concat([varint(BigInt((field << 3) | 5)), bytes]);
}

function attributeField(name: string, value: OnnxAttribute): Uint8Array {
  const typed =
    typeof value === 'bigint'
      ? [intField(3, value), intField(20, 2n)]
      : typeof value === 'number'
        ? [floatField(2, value), intField(20, 1n)]
        : [...value.map((item) => intField(8, item)), intField(20, 7n)];
  return messageField(5, [textField(1, name), ...typed]);
}

function tensorField(tensor: OnnxTensor): Uint8Array {
  const { data } = tensor;
  return messageField(5, [
    ...tensor.dims.map((dim) => intField(1, BigInt(dim))),
    intField(2, BigInt(onnxTypes[tensor.type])),
    textField(8, tensor.name),
    bytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ]);
}

function valueField(field: number, value: OnnxValue): Uint8Array {
  const dims = value.dims.map((dim) => messageField(1, [typeof dim === 'number' ? intField(1, BigInt(dim)) : textField(2, dim)]));
  const tensorType = messageField(1, [intField(1, BigInt(onnxTypes[value.type])), messageField(2, dims)]);
  return messageField(field, [textField(1, value.name), messageField(2, [tensorType])]);
}

/** Names are defined once and before they are used, tensors are as long as they say: ONNX Runtime's own messages come later and say less. */
function assertWellFormed(model: OnnxModel): void {
  const fail = (what: string): never => {
    throw new AssayError('MODEL_ONNX_MALFORMED', `ONNX graph ${model.name}: ${what}`);
  };
  const known = new Set<string>();
  const define = (name: string): void => {
    if (name === '') fail('an empty name');
    if (known.has(name)) fail(`${name} is defined twice`);
    known.add(name);
  };
  for (const input of model.inputs) define(input.name);
  for (const tensor of model.initializers) {
    define(tensor.name);
    const count = tensor.dims.reduce((product, dim) => product * dim, 1);
    if (tensor.data.byteLength !== count * elementBytes[tensor.type]) fail(`${tensor.name} has not the ${count} elements of its shape`);
  }
  for (const node of model.nodes) {
    for (const name of node.inputs) if (!known.has(name)) fail(`${node.op} uses ${name} before it is defined`);
    for (const name of node.outputs) define(name);
  }
  const used = new Set([...model.nodes.flatMap((node) => node.inputs), ...model.outputs.map((output) => output.name)]);
  for (const { name } of [...model.inputs, ...model.initializers]) if (!used.has(name)) fail(`${name} is not used`);
  if (model.outputs.length === 0) fail('no output');
  for (const output of model.outputs) if (!known.has(output.name)) fail(`output ${output.name} is not computed`);
}

/**
 * An ONNX model (IR version 8, operator set 17) as protobuf bytes. All hosts are little-endian, as ONNX's raw data is.
 *
 * @throws MODEL_ONNX_MALFORMED
 */
export function writeOnnx(model: OnnxModel): Uint8Array {
  assertWellFormed(model);
  const graph = [
    ...model.nodes.map((node, i) =>
      messageField(1, [
        ...node.inputs.map((name) => textField(1, name)),
        ...node.outputs.map((name) => textField(2, name)),
        textField(3, `${node.op}_${i}`),
        textField(4, node.op),
        ...Object.entries(node.attributes ?? {}).map(([name, value]) => attributeField(name, value)),
      ]),
    ),
    textField(2, model.name),
    ...model.initializers.map(tensorField),
    ...model.inputs.map((value) => valueField(11, value)),
    ...model.outputs.map((value) => valueField(12, value)),
  ];
  return concat([
    intField(1, irVersion),
    textField(2, 'assay'),
    messageField(7, graph),
    messageField(8, [textField(1, ''), intField(2, opsetVersion)]),
    ...Object.entries(model.metadata ?? {}).map(([key, value]) => messageField(14, [textField(1, key), textField(2, value)])),
  ]);
}
