import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type OnnxModel, writeOnnx } from '../../src/model/writeOnnx.ts';

const folder = resolve(import.meta.dirname, '../fixtures/onnx');

/** A file of test/fixtures/onnx. */
export const onnxFixturePath = (name: string): string => resolve(folder, name);

export async function onnxFixture(name: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(onnxFixturePath(name)));
}

/** x (n x 2) -> Gemm 2-3 -> Relu -> Gemm 3-2 -> y, in float32; `edit` changes it. */
export function smallOnnx(edit: (model: OnnxModel) => OnnxModel = (model) => model): Uint8Array {
  const tensor = (name: string, dims: number[], data: number[]) => ({ name, type: 'float', dims, data: Float32Array.from(data) }) as const;
  return writeOnnx(
    edit({
      name: 'small',
      nodes: [
        { op: 'Gemm', inputs: ['x', 'w1', 'b1'], outputs: ['p'] },
        { op: 'Relu', inputs: ['p'], outputs: ['h'] },
        { op: 'Gemm', inputs: ['h', 'w2', 'b2'], outputs: ['y'] },
      ],
      initializers: [
        tensor('w1', [2, 3], [1, -2, 0.5, 0.25, 3, -1]),
        tensor('b1', [3], [0.5, -0.25, 0]),
        tensor('w2', [3, 2], [1, -1, 2, 0.5, -3, 1]),
        tensor('b2', [2], [0.125, -0.5]),
      ],
      inputs: [{ name: 'x', type: 'float', dims: ['n', 2] }],
      outputs: [{ name: 'y', type: 'float', dims: ['n', 2] }],
    }),
  );
}

/** Numbers from 0 to 1, the same for one seed (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t ^= t + Math.imul(t ^ (t >>> 7), 61 | t);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}
