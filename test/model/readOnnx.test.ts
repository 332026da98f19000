import protobuf from 'protobufjs/minimal.js';
import { describe, expect, test } from 'vitest';
import { importOnnx } from '../../src/model/importOnnx.ts';
import { onnxLimits, readOnnx } from '../../src/model/readOnnx.ts';
import { codeOf } from '../utils/codeOf.ts';
import { numbersFrom, onnxFixture, smallOnnx } from '../utils/onnxModels.ts';

const typed = /^MODEL_ONNX_(MALFORMED|UNSUPPORTED|TOO_LARGE|EXTERNAL)$/;

/** Anything but an AssayError is passed on by codeOf, and fails the test. */
const verdict = (bytes: Uint8Array) => codeOf(() => importOnnx(bytes));

/** A model of one tensor, whose message `write` fills, and of nothing else. */
function withTensor(write: (tensor: protobuf.Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create().uint32(8).int32(8);
  const graph = writer.uint32((7 << 3) | 2).fork();
  const tensor = graph.uint32((5 << 3) | 2).fork();
  write(tensor);
  tensor.ldelim();
  graph.ldelim();
  writer
    .uint32((8 << 3) | 2)
    .fork()
    .uint32(16)
    .int32(17)
    .ldelim();
  return writer.finish();
}

describe('readOnnx: malformed files end in a typed error', () => {
  test.each(['helper-rare.onnx', 'torch-tanh.onnx', 'sklearn-cancer.onnx'])('%s, cut off at each byte', async (file) => {
    const bytes = await onnxFixture(file);
    const whole = await verdict(bytes);
    expect(whole).toBe(file === 'torch-tanh.onnx' ? 'MODEL_ONNX_UNSUPPORTED' : undefined);
    let refused = 0;
    for (let length = 0; length < bytes.length; length++) {
      const code = await verdict(bytes.subarray(0, length));
      // A cut between two fields may leave a whole model: its operator set and graph must both be there.
      if (code !== undefined) {
        expect(code).toMatch(typed);
        refused++;
      }
    }
    expect(refused).toBeGreaterThan(bytes.length - 8);
  });

  test('bytes changed at random', async () => {
    const random = numbersFrom(11);
    const sources = [
      smallOnnx(),
      await onnxFixture('helper-rare.onnx'),
      await onnxFixture('sklearn-cancer.onnx'),
      await onnxFixture('torch-digits-view.onnx'),
    ];
    const runs = Number(process.env['ASSAY_ONNX_EDITS'] ?? 6000);
    const before = process.memoryUsage().rss;
    let refused = 0;
    for (let run = 0; run < runs; run++) {
      const bytes = Uint8Array.from(sources[run % sources.length] as Uint8Array);
      // Most edits hit weights; the beginning of a file is more telling.
      const reach = run % 3 === 0 ? bytes.length : Math.min(bytes.length, 400);
      for (let k = 0; k <= run % 3; k++) bytes[Math.floor(random() * reach)] = Math.floor(random() * 256);
      const code = await verdict(bytes);
      if (code === undefined) continue;
      expect(code).toMatch(typed);
      refused++;
    }
    expect(refused).toBeGreaterThan(runs / 10);
    expect(process.memoryUsage().rss - before).toBeLessThan(300 * 2 ** 20);
  });

  test('dimensions that no bytes stand behind allocate nothing', async () => {
    const dims =
      (...list: string[]) =>
      (tensor: protobuf.Writer) => {
        for (const dim of list) tensor.uint32(8).int64(dim);
        tensor
          .uint32(16)
          .int32(1)
          .uint32((8 << 3) | 2)
          .string('w')
          .uint32((9 << 3) | 2)
          .bytes(new Uint8Array(16));
      };
    expect(readOnnx(withTensor(dims('2', '2'))).constants[0]?.values).toEqual(new Float64Array(4));
    const before = process.memoryUsage().rss;
    for (const list of [
      ['4611686018427387904'],
      ['-1', '-4'],
      ['65536', '65536'],
      ['2147483647', '2147483647', '2147483647'],
      ['9223372036854775807', '0'],
      ['3', '2'],
      ['0'],
    ]) {
      const code = await codeOf(() => readOnnx(withTensor(dims(...list))));
      expect(code).toMatch(/^MODEL_ONNX_(MALFORMED|TOO_LARGE)$/);
    }
    expect(await codeOf(() => readOnnx(withTensor(dims('1', '1', '1', '1', '1', '1', '1', '2', '2'))))).toBe('MODEL_ONNX_MALFORMED');
    expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
  });

  test('lengths, groups and wire types that lie', async () => {
    const header = Uint8Array.of(8, 8);
    for (const bytes of [
      Uint8Array.of(...header, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x7f),
      Uint8Array.of(...header, 0x3a, 0x05, 0x0a),
      Uint8Array.of(...header, 0x38, 0x01),
      Uint8Array.of(...header, 0x3a, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01),
      Uint8Array.of(...header, 0x07),
      Uint8Array.of(...header, ...new Array<number>(5000).fill(0x1b)),
      Uint8Array.of(...header, 0x3a, 0x00, 0x3a, 0x00),
    ]) {
      expect(await codeOf(() => readOnnx(bytes))).toBe('MODEL_ONNX_MALFORMED');
    }
  });

  test('files and arrays beyond the limits are refused, by size alone', async () => {
    expect(await codeOf(() => readOnnx(new Uint8Array(onnxLimits.bytes + 1)))).toBe('MODEL_ONNX_TOO_LARGE');
    // A packed array of one-byte integers: eight times the file in memory, were it let.
    const packed = new Uint8Array(onnxLimits.numbers + 1).fill(1);
    const bytes = withTensor((tensor) =>
      tensor
        .uint32(16)
        .int32(7)
        .uint32((7 << 3) | 2)
        .bytes(packed),
    );
    expect(await codeOf(() => readOnnx(bytes))).toBe('MODEL_ONNX_TOO_LARGE');
    const many = smallOnnx((model) => ({
      ...model,
      nodes: [...model.nodes, ...Array.from({ length: onnxLimits.nodes }, (_, i) => ({ op: 'Relu', inputs: ['y'], outputs: [`r${i}`] }))],
    }));
    expect(await codeOf(() => readOnnx(many))).toBe('MODEL_ONNX_TOO_LARGE');
  });

  test('weights in another file, sparse weights, quantised weights', async () => {
    const external = withTensor((tensor) =>
      tensor
        .uint32(16)
        .int32(1)
        .uint32((8 << 3) | 2)
        .string('fc.weight')
        .uint32(14 << 3)
        .int32(1),
    );
    expect(() => readOnnx(external)).toThrow(
      expect.objectContaining({ code: 'MODEL_ONNX_EXTERNAL', hint: expect.stringContaining('external_data=False') }),
    );
    expect(() => readOnnx(external)).toThrow(/fc\.weight/);
    const float8 = withTensor((tensor) =>
      tensor
        .uint32(16)
        .int32(17)
        .uint32((8 << 3) | 2)
        .string('w'),
    );
    expect(await codeOf(() => readOnnx(float8))).toBe('MODEL_ONNX_UNSUPPORTED');
  });

  test('half floats, bfloat16 and the integer types', () => {
    const read = (type: number, bytes: number[]) =>
      Array.from(
        readOnnx(
          withTensor((tensor) =>
            tensor
              .uint32(8)
              .int64('2')
              .uint32(16)
              .int32(type)
              .uint32((9 << 3) | 2)
              .bytes(Uint8Array.from(bytes)),
          ),
        ).constants[0]?.values ?? [],
      );
    expect(read(10, [0x00, 0x3c, 0x01, 0x80])).toEqual([1, -(2 ** -24)]);
    expect(read(16, [0x80, 0x3f, 0x20, 0xc0])).toEqual([1, -2.5]);
    expect(read(3, [0xff, 0x7f])).toEqual([-1, 127]);
    expect(read(2, [0xff, 0x7f])).toEqual([255, 127]);
    expect(read(5, [0xff, 0xff, 0x01, 0x00])).toEqual([-1, 1]);
    expect(read(7, [0xfe, ...new Array<number>(7).fill(0xff), 5, 0, 0, 0, 0, 0, 0, 0])).toEqual([-2, 5]);
  });
});

describe('importOnnx: graphs that do not hold together', () => {
  /** Past the writer's own checks: the names are exchanged in the bytes. */
  const rename = (bytes: Uint8Array, from: string, to: string, which: number): Uint8Array => {
    const out = Buffer.from(bytes);
    let at = -1;
    for (let k = 0; k <= which; k++) at = out.indexOf(Buffer.from([from.length, ...Buffer.from(from)]), at + 1);
    expect(at).toBeGreaterThan(0);
    out.write(to, at + 1);
    return Uint8Array.from(out);
  };

  test('a cycle, a missing initializer, a name defined twice', async () => {
    const small = smallOnnx();
    expect(await verdict(small)).toBeUndefined();
    // p = Gemm(x, ..) becomes p = Gemm(h, ..), and h = Relu(p).
    expect(await verdict(rename(small, 'x', 'h', 0))).toBe('MODEL_ONNX_MALFORMED');
    expect(await verdict(rename(small, 'w1', 'w9', 0))).toBe('MODEL_ONNX_MALFORMED');
    expect(await verdict(rename(small, 'h', 'p', 0))).toBe('MODEL_ONNX_MALFORMED');
  });

  test('wrong shapes and weights that are no numbers', async () => {
    const shaped = (name: string, dims: number[], data: Float32Array) =>
      smallOnnx((model) => ({ ...model, initializers: model.initializers.map((t) => (t.name === name ? { ...t, dims, data } : t)) }));
    expect(await verdict(shaped('w2', [3, 2], new Float32Array(6).fill(1)))).toBeUndefined();
    expect(await verdict(shaped('w1', [3, 2], new Float32Array(6)))).toBe('MODEL_ONNX_MALFORMED');
    expect(await verdict(shaped('w1', [6], new Float32Array(6)))).toBe('MODEL_ONNX_UNSUPPORTED');
    expect(await verdict(shaped('b1', [4], new Float32Array(4)))).toBe('MODEL_ONNX_UNSUPPORTED');
    expect(await verdict(shaped('w2', [3, 2], new Float32Array(6).fill(Number.NaN)))).toBe('MODEL_ONNX_MALFORMED');
    expect(await verdict(shaped('w2', [3, 0], new Float32Array()))).toMatch(typed);
  });
});
