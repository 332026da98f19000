import { describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import { decodeInputBlob, encodeInputBlob } from '../../src/data/inputBlob.ts';
import { codeOf } from '../utils/codeOf.ts';

const blob = { featureBits: 4, width: 3, features: Uint8Array.of(0, 1, 15, 7, 8, 9), salt: R - 1n };

describe('input blobs', () => {
  test('are read as they were written, to the byte', () => {
    const bytes = encodeInputBlob(blob);
    expect(Buffer.from(bytes).toString('hex')).toBe(
      `4153534159494e31${'040000000300000002000000'}${(R - 1n).toString(16).padStart(64, '0')}00010f070809`,
    );
    expect(decodeInputBlob(bytes)).toEqual(blob);
  });

  test('are refused in any other form', async () => {
    const bytes = encodeInputBlob(blob);
    const at = (index: number, value: number): Uint8Array => {
      const changed = bytes.slice();
      changed[index] = value;
      return changed;
    };
    const refused = [
      ...Array.from({ length: bytes.length }, (_, i) => bytes.subarray(0, i)),
      Uint8Array.of(...bytes, 0),
      at(0, 0),
      at(8, 0),
      at(8, 9),
      at(12, 0),
      at(15, 255),
      at(16, 0),
      at(16, 3),
      at(20, 255),
      at(bytes.length - 1, 16),
    ];
    for (const one of refused) expect(await codeOf(() => decodeInputBlob(one))).toBe('DATA_INPUT_MALFORMED');
    expect(await codeOf(() => encodeInputBlob({ ...blob, salt: R }))).toBe('DATA_INPUT_MALFORMED');
    expect(await codeOf(() => encodeInputBlob({ ...blob, width: 4 }))).toBe('DATA_INPUT_MALFORMED');
  });
});
