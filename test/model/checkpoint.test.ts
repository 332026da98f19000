import fc from 'fast-check';
import { keccak256, toHex } from 'viem';
import { describe, expect, test } from 'vitest';
import { assertArchitecture } from '../../src/model/architecture.ts';
import { decodeCheckpoint, encodeCheckpoint } from '../../src/model/checkpoint.ts';
import { codeOf } from '../utils/codeOf.ts';

const modelId = keccak256(toHex('a model'));
const sizes = [2, 3, 2];
const weights = [Int32Array.from({ length: 9 }, (_, i) => i - 4), Int32Array.of(2 ** 31 - 1, -(2 ** 31 - 1), 0, 1, -1, 2, 3, 4)];
const blob = encodeCheckpoint({ modelId, sizes, weights });

/** The blob with one uint32 changed. */
function withUint32(at: number, value: number): Uint8Array {
  const bytes = blob.slice();
  new DataView(bytes.buffer).setUint32(at, value, true);
  return bytes;
}

describe('checkpoint blob', () => {
  test('round trip, also at an offset inside a larger buffer', () => {
    expect(decodeCheckpoint(blob)).toEqual({ modelId, sizes, weights });
    const shifted = new Uint8Array(blob.length + 3);
    shifted.set(blob, 3);
    expect(decodeCheckpoint(shifted.subarray(3))).toEqual({ modelId, sizes, weights });
  });

  test('every truncation and any longer blob is refused with one code', async () => {
    for (let length = 0; length < blob.length; length++) {
      expect(await codeOf(() => decodeCheckpoint(blob.subarray(0, length)))).toBe('MODEL_CHECKPOINT_MALFORMED');
    }
    expect(await codeOf(() => decodeCheckpoint(Uint8Array.of(...blob, 0)))).toBe('MODEL_CHECKPOINT_MALFORMED');
  });

  test('magic, layer count, sizes and -2^31 are refused', async () => {
    const header = 8 + 32;
    const bad = [
      withUint32(0, 0),
      withUint32(header, 0),
      withUint32(header, 1),
      withUint32(header, 0xffffffff),
      withUint32(header + 4, 0),
      withUint32(header + 4, 0xffffffff),
      withUint32(header + 12, 257),
      withUint32(blob.length - 4, 2 ** 31),
    ];
    for (const bytes of bad) expect(await codeOf(() => decodeCheckpoint(bytes))).toBe('MODEL_CHECKPOINT_MALFORMED');
  });

  test('any bytes give a checkpoint or the one code, and what decodes encodes to the same bytes', async () => {
    let decoded = 0;
    await fc.assert(
      fc.asyncProperty(fc.nat(blob.length - 1), fc.nat(255), async (at, value) => {
        const bytes = blob.slice();
        bytes[at] = value;
        const code = await codeOf(() => {
          expect(encodeCheckpoint(decodeCheckpoint(bytes))).toEqual(bytes);
          decoded++;
        });
        expect([undefined, 'MODEL_CHECKPOINT_MALFORMED']).toContain(code);
      }),
      { numRuns: 2000, seed: 4 },
    );
    expect(decoded).toBeGreaterThan(100);
  });

  test('the encoder refuses what the decoder would', async () => {
    expect(await codeOf(() => encodeCheckpoint({ modelId: '0x12', sizes, weights }))).toBe('MODEL_ID_INVALID');
    expect(await codeOf(() => encodeCheckpoint({ modelId, sizes, weights: [weights[0] as Int32Array] }))).toBe('MODEL_WEIGHTS_INVALID');
    const low = [weights[0] as Int32Array, Int32Array.of(-(2 ** 31), 0, 0, 0, 0, 0, 0, 0)];
    expect(await codeOf(() => encodeCheckpoint({ modelId, sizes, weights: low }))).toBe('MODEL_WEIGHTS_INVALID');
  });
});

describe('assertArchitecture', () => {
  test('limits', async () => {
    const good = [[1, 1], [784, 128, 10], [2 ** 20, 2 ** 15, 256], new Array(17).fill(2)];
    for (const shape of good) expect(await codeOf(() => assertArchitecture(shape))).toBe(undefined);
    const bad = [[], [4], [0, 2], [3, 2.5], [3, 2 ** 15 + 1, 2], [2 ** 20 + 1, 2], [3, 257], new Array(18).fill(2)];
    for (const shape of bad) expect(await codeOf(() => assertArchitecture(shape))).toBe('MODEL_ARCHITECTURE_INVALID');
  });
});
