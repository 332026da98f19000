import { encodePacked, hexToBigInt, keccak256, toHex } from 'viem';
import { describe, expect, test } from 'vitest';
import { genesisLimit, genesisWeights } from '../../src/model/genesis.ts';
import { defaultSpec } from '../../src/quant/spec.ts';
import { codeOf } from '../utils/codeOf.ts';

const seed = keccak256(toHex('genesis test'));
const spec = defaultSpec(4);
const sizes = [20, 9, 4];

describe('genesisWeights', () => {
  test('follows the document, word for word', () => {
    const weights = genesisWeights(spec, sizes, seed, 3);
    [3, 1].forEach((gain, l) => {
      const [n, m] = [sizes[l] as number, sizes[l + 1] as number];
      // Fw = 13; sqrt in float64 is exact enough at this size.
      const he = Math.floor(Math.sqrt(Math.floor((6 * gain * gain * 2 ** 26) / n)));
      const limit = l === 1 ? Math.floor(he / 4) : he;
      expect(genesisLimit(spec, sizes, l, 3)).toBe(limit);
      for (let k = 0; k < n * m; k++) {
        const digest = keccak256(
          encodePacked(['bytes32', 'bytes32', 'uint32', 'uint64'], [keccak256(toHex('assay.genesis.v1')), seed, l, BigInt(k >> 3)]),
        );
        const u = (hexToBigInt(digest) >> BigInt(32 * (7 - (k & 7)))) & 0xffffffffn;
        expect(weights[l]?.[k]).toBe(Number((u * BigInt(2 * limit + 1)) >> 32n) - limit);
      }
      expect(Array.from(weights[l]?.subarray(n * m) ?? [])).toEqual(new Array(m).fill(0));
    });
  });

  test('is spread over its range and centred', () => {
    const [first] = genesisWeights(spec, [196, 64, 10], seed) as [Int32Array, Int32Array];
    const drawn = Array.from(first.subarray(0, 196 * 64));
    const limit = genesisLimit(spec, [196, 64, 10], 0);
    expect(Math.max(...drawn)).toBeLessThanOrEqual(limit);
    expect(Math.max(...drawn)).toBeGreaterThan(0.99 * limit);
    expect(Math.min(...drawn)).toBeLessThan(-0.99 * limit);
    expect(Math.abs(drawn.reduce((sum, w) => sum + w, 0) / drawn.length)).toBeLessThan(0.03 * limit);
  });

  test('stays within wmax, whatever the gain', () => {
    const small = { ...spec, wmax: 100 };
    for (const layer of genesisWeights(small, sizes, seed, 16)) expect(Math.max(...Array.from(layer, Math.abs))).toBeLessThanOrEqual(100);
  });

  test('refuses a seed or gain that is none', async () => {
    expect(await codeOf(() => genesisWeights(spec, sizes, seed, 16))).toBe(undefined);
    expect(await codeOf(() => genesisWeights(spec, sizes, '0x1234'))).toBe('MODEL_GENESIS_INVALID');
    for (const gain of [0, 17, 1.5]) expect(await codeOf(() => genesisWeights(spec, sizes, seed, gain))).toBe('MODEL_GENESIS_INVALID');
    expect(await codeOf(() => genesisWeights(spec, [20], seed))).toBe('MODEL_ARCHITECTURE_INVALID');
  });
});
