import protobuf, { type Writer } from 'protobufjs/minimal.js';
import { AssayError } from '../errors.ts';

/** Element types of ONNX tensors that Assay uses, by their number in onnx.proto's TensorProto.DataType. */
const onnxTypes = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9, double: 11 } as const;
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

const irVersion = 8;
const opsetVersion = 17;

/** Field `field` of the message that `writer` is in, as a message of its own. */
function message(writer: Writer, field: number, write: (inner: Writer) => void): void {
  const inner = writer.uint32((field << 3) | 2).fork();
  write(inner);
  inner.ldelim();
}

const int = (writer: Writer, field: number, value: bigint | number): Writer => writer.uint32(field << 3).int64(value.toString());
const text = (writer: Writer, field: number, value: string): Writer => writer.uint32((field << 3) | 2).string(value);

function writeAttribute(writer: Writer, name: string, value: OnnxAttribute): void {
  text(writer, 1, name);
  if (typeof value === 'bigint') int(int(writer, 3, value), 20, 2);
  else if (typeof value === 'number') int(writer.uint32((2 << 3) | 5).float(value), 20, 1);
  else {
    for (const item of value) int(writer, 8, item);
    int(writer, 20, 7);
  }
}

function writeTensor(writer: Writer, { name, type, dims, data }: OnnxTensor): void {
  for (const dim of dims) int(writer, 1, dim);
  int(writer, 2, onnxTypes[type]);
  text(writer, 8, name);
  writer.uint32((9 << 3) | 2).bytes(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
}

function writeValue(writer: Writer, { name, type, dims }: OnnxValue): void {
  text(writer, 1, name);
  message(writer, 2, (types) =>
    message(types, 1, (tensor) => {
      int(tensor, 1, onnxTypes[type]);
      message(tensor, 2, (shape) => {
        for (const dim of dims) message(shape, 1, (entry) => (typeof dim === 'number' ? int(entry, 1, dim) : text(entry, 2, dim)));
      });
    }),
  );
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
  const writer = protobuf.Writer.create();
  text(int(writer, 1, irVersion), 2, 'assay');
  message(writer, 7, (graph) => {
    model.nodes.forEach((node, i) => {
      message(graph, 1, (inner) => {
        for (const name of node.inputs) text(inner, 1, name);
        for (const name of node.outputs) text(inner, 2, name);
        text(text(inner, 3, `${node.op}_${i}`), 4, node.op);
        for (const [name, value] of Object.entries(node.attributes ?? {})) message(inner, 5, (entry) => writeAttribute(entry, name, value));
      });
    });
    text(graph, 2, model.name);
    for (const tensor of model.initializers) message(graph, 5, (inner) => writeTensor(inner, tensor));
    for (const value of model.inputs) message(graph, 11, (inner) => writeValue(inner, value));
    for (const value of model.outputs) message(graph, 12, (inner) => writeValue(inner, value));
  });
  message(writer, 8, (opset) => int(text(opset, 1, ''), 2, opsetVersion));
  for (const [key, value] of Object.entries(model.metadata ?? {})) message(writer, 14, (entry) => text(text(entry, 1, key), 2, value));
  return writer.finish();
}
