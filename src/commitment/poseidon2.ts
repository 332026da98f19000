import { buildBn128 } from 'ffjavascript';
import { AssayError } from '../errors.ts';
import { R } from './field.ts';
import { fullRoundConstants, internalDiagonal, partialRoundConstants } from './poseidon2Constants.ts';

/** What a sponge's digest is for; part of its initial state, so that digests of different uses never meet. */
export const spongeTags = {
  leaf: 1,
  node: 2,
  transcriptB: 3,
  transcriptA: 4,
  batchIndex: 5,
  cells: 6,
  input: 7,
  transcriptGroups: 8,
  counts: 9,
  record: 10,
} as const;

/** Poseidon2 over BN254's scalar field, width 4, as Noir computes it. Field elements are canonical: in [0, R). */
export type Poseidon2 = {
  /** The permutation on four field elements. Throws COMMITMENT_FIELD_RANGE for a value outside [0, R). */
  permute(state: readonly bigint[]): bigint[];
  /**
   * The sponge of docs/reference/encodings.md: rate 3, capacity `tag * 2^64 + length`.
   *
   * @throws COMMITMENT_FIELD_RANGE for a value outside [0, R), COMMITMENT_SPONGE_EMPTY for no message at all
   */
  sponge(tag: number, message: readonly bigint[]): bigint;
};

const elementBytes = 32;
const word = (1n << 64n) - 1n;
const fullRounds = 8;

let instance: Promise<Poseidon2> | undefined;

/** Returns the process' one Poseidon2. It runs in WASM on the calling thread: no worker, nothing to close. */
export function loadPoseidon2(): Promise<Poseidon2> {
  instance ??= build();
  return instance;
}

async function build(): Promise<Poseidon2> {
  const { tm } = await buildBn128(true);
  const {
    frm_mul: mul,
    frm_square: square,
    frm_add: add,
    frm_toMontgomery: toMontgomery,
    frm_fromMontgomery: fromMontgomery,
  } = tm.instance.exports;

  const base = (tm.alloc((4 + 8 + 100) * elementBytes) + 7) & ~7;
  const limbs = new BigUint64Array(tm.memory.buffer);
  const at = (index: number): number => base + index * elementBytes;
  const write = (pointer: number, value: bigint): void => {
    if (value < 0n || value >= R) {
      throw new AssayError('COMMITMENT_FIELD_RANGE', 'a value to hash is not a canonical field element');
    }
    const i = pointer >> 3;
    limbs[i] = value & word;
    limbs[i + 1] = (value >> 64n) & word;
    limbs[i + 2] = (value >> 128n) & word;
    limbs[i + 3] = value >> 192n;
  };
  const read = (pointer: number): bigint => {
    const i = pointer >> 3;
    return (
      (limbs[i] as bigint) | ((limbs[i + 1] as bigint) << 64n) | ((limbs[i + 2] as bigint) << 128n) | ((limbs[i + 3] as bigint) << 192n)
    );
  };

  const [s0, s1, s2, s3] = [at(0), at(1), at(2), at(3)];
  const [t0, t1, t2, t3] = [at(4), at(5), at(6), at(7)];
  let next = 12;
  const table = (values: readonly string[]): number[] =>
    values.map((value) => {
      const pointer = at(next++);
      write(pointer, BigInt(`0x${value}`));
      toMontgomery(pointer, pointer);
      return pointer;
    });
  const full = table(fullRoundConstants);
  const partial = table(partialRoundConstants);
  const [d0, d1, d2, d3] = table(internalDiagonal) as [number, number, number, number];

  const sbox = (x: number): void => {
    square(x, t0);
    square(t0, t0);
    mul(x, t0, x);
  };

  // The external matrix [[5,7,1,3],[4,6,1,1],[1,3,5,7],[1,1,4,6]] by additions only.
  const external = (): void => {
    add(s0, s1, t0);
    add(s2, s3, t1);
    add(s1, s1, t2);
    add(t2, t1, t2);
    add(s3, s3, t3);
    add(t3, t0, t3);
    add(t1, t1, t1);
    add(t1, t1, t1);
    add(t1, t3, s3);
    add(t0, t0, t0);
    add(t0, t0, t0);
    add(t0, t2, s1);
    add(t3, s1, s0);
    add(t2, s3, s2);
  };

  const fullRound = (round: number): void => {
    add(s0, full[4 * round] as number, s0);
    add(s1, full[4 * round + 1] as number, s1);
    add(s2, full[4 * round + 2] as number, s2);
    add(s3, full[4 * round + 3] as number, s3);
    sbox(s0);
    sbox(s1);
    sbox(s2);
    sbox(s3);
    external();
  };

  const permuteInPlace = (): void => {
    external();
    for (let round = 0; round < fullRounds / 2; round++) fullRound(round);
    for (const constant of partial) {
      add(s0, constant, s0);
      sbox(s0);
      add(s0, s1, t0);
      add(t0, s2, t0);
      add(t0, s3, t0);
      mul(s0, d0, s0);
      add(s0, t0, s0);
      mul(s1, d1, s1);
      add(s1, t0, s1);
      mul(s2, d2, s2);
      add(s2, t0, s2);
      mul(s3, d3, s3);
      add(s3, t0, s3);
    }
    for (let round = fullRounds / 2; round < fullRounds; round++) fullRound(round);
  };

  const state = [s0, s1, s2, s3];

  const permute = (values: readonly bigint[]): bigint[] => {
    if (values.length !== 4) throw new AssayError('COMMITMENT_FIELD_RANGE', `a Poseidon2 state has 4 elements, not ${values.length}`);
    for (const [i, pointer] of state.entries()) {
      write(pointer, values[i] as bigint);
      toMontgomery(pointer, pointer);
    }
    permuteInPlace();
    return state.map((pointer) => {
      fromMontgomery(pointer, t0);
      return read(t0);
    });
  };

  const sponge = (tag: number, message: readonly bigint[]): bigint => {
    if (message.length === 0) throw new AssayError('COMMITMENT_SPONGE_EMPTY', 'a sponge needs at least one element');
    for (const pointer of [s0, s1, s2]) write(pointer, 0n);
    write(s3, (BigInt(tag) << 64n) + BigInt(message.length));
    toMontgomery(s3, s3);
    for (let i = 0; i < message.length; i += 3) {
      for (let j = 0; j < 3 && i + j < message.length; j++) {
        write(t0, message[i + j] as bigint);
        toMontgomery(t0, t0);
        add(state[j] as number, t0, state[j] as number);
      }
      permuteInPlace();
    }
    fromMontgomery(s0, t0);
    return read(t0);
  };

  return { permute, sponge };
}
