import { Barretenberg } from '@aztec/bb.js';
import { permute as referencePermute } from '@zkpassport/poseidon2';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { R } from '../../src/commitment/field.ts';
import { loadPoseidon2, type Poseidon2 } from '../../src/commitment/poseidon2.ts';
import { fieldElements } from '../utils/random.ts';

let p2: Poseidon2;
beforeAll(async () => {
  p2 = await loadPoseidon2();
});

const edges = [0n, 1n, 2n, R - 1n, R - 2n, (R - 1n) / 2n, 2n ** 253n, 2n ** 64n - 1n, 2n ** 128n];

describe('permutation', () => {
  test('equals @zkpassport/poseidon2 on edges and random states', () => {
    const states = [
      [0n, 0n, 0n, 0n],
      [R - 1n, R - 1n, R - 1n, R - 1n],
      ...edges.map((x, i) => [x, edges[(i + 1) % edges.length] as bigint, edges[(i + 3) % edges.length] as bigint, 0n]),
      ...Array.from({ length: 200 }, (_, i) => fieldElements(`permutation ${i}`, 4)),
    ];
    for (const state of states) expect(p2.permute(state)).toEqual(referencePermute([...state]));
  });

  test('refuses values that are not canonical', () => {
    expect(() => p2.permute([R, 0n, 0n, 0n])).toThrow(expect.objectContaining({ code: 'COMMITMENT_FIELD_RANGE' }));
    expect(() => p2.permute([0n, 0n, -1n, 0n])).toThrow(expect.objectContaining({ code: 'COMMITMENT_FIELD_RANGE' }));
    expect(() => p2.permute([0n, 0n, 0n])).toThrow(expect.objectContaining({ code: 'COMMITMENT_FIELD_RANGE' }));
    expect(p2.permute([R - 1n, 0n, 0n, 0n])).toHaveLength(4);
  });
});

describe('Barretenberg', () => {
  let api: Barretenberg;
  beforeAll(async () => {
    api = await Barretenberg.new({ threads: 1 });
  });
  afterAll(async () => {
    await api.destroy();
  });

  test('computes the same permutation', async () => {
    const bytes = (x: bigint): Uint8Array => Uint8Array.from(Buffer.from(x.toString(16).padStart(64, '0'), 'hex'));
    for (const state of [[0n, 1n, 2n, 3n], [R - 1n, 0n, R - 2n, 7n], fieldElements('barretenberg', 4)]) {
      const { outputs } = await api.poseidon2Permutation({ inputs: state.map(bytes) });
      expect(outputs.map((output) => BigInt(`0x${Buffer.from(output).toString('hex')}`))).toEqual(p2.permute(state));
    }
  });
});

describe('sponge', () => {
  const reference = (tag: number, message: readonly bigint[]): bigint => {
    let state = [0n, 0n, 0n, BigInt(tag) * 2n ** 64n + BigInt(message.length)];
    for (let i = 0; i < message.length; i += 3) {
      state = referencePermute(state.map((x, j) => (j < 3 ? (x + (message[i + j] ?? 0n)) % R : x)));
    }
    return state[0] as bigint;
  };

  test('absorbs three elements a permutation into [0, 0, 0, tag * 2^64 + n]', () => {
    for (let n = 1; n <= 10; n++) {
      const message = fieldElements(`sponge ${n}`, n);
      expect(p2.sponge(n, message)).toBe(reference(n, message));
    }
    expect(p2.sponge(5, edges)).toBe(reference(5, edges));
  });

  test('tells tags, lengths and trailing zeros apart', () => {
    const digests = [
      p2.sponge(1, [7n]),
      p2.sponge(2, [7n]),
      p2.sponge(1, [7n, 0n]),
      p2.sponge(1, [7n, 0n, 0n]),
      p2.sponge(1, [7n, 0n, 0n, 0n]),
    ];
    expect(new Set(digests).size).toBe(digests.length);
  });

  test('refuses an empty message and values that are not canonical', () => {
    expect(() => p2.sponge(1, [])).toThrow(expect.objectContaining({ code: 'COMMITMENT_SPONGE_EMPTY' }));
    expect(() => p2.sponge(1, [1n, R])).toThrow(expect.objectContaining({ code: 'COMMITMENT_FIELD_RANGE' }));
    expect(p2.sponge(1, [1n])).toBe(reference(1, [1n]));
  });
});
