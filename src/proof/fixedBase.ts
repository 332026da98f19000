import { buildBn128, type Curve, type WasmExports } from 'ffjavascript';
import { AssayError } from '../errors.ts';

/** Multiples of the generators, as snarkjs' files hold points: affine, little-endian, in Montgomery form. */
export type FixedBase = {
  /** The curve that it computes on, single-threaded and this object's own. */
  readonly curve: Curve;
  /** 64 bytes a point. At most `chunkPoints` scalars, each in [0, r). */
  g1(scalars: readonly bigint[]): Uint8Array;
  /** 128 bytes a point. At most `chunkPoints` scalars, each in [0, r). */
  g2(scalars: readonly bigint[]): Uint8Array;
  /** The same points big-endian in standard form: x, y; in G2 x_1, x_0, y_1, y_0. At most `chunkPoints`. */
  g1Uncompressed(points: Uint8Array): Uint8Array;
  g2Uncompressed(points: Uint8Array): Uint8Array;
};

/** Points of one call. */
export const chunkPoints = 1 << 13;

/**
 * Starts a fixed-base multiplier. A scalar is 22 digits of 12 bits; every digit at every position has its multiple in a table, made when the group is first
 * needed (0.2 s in G1, 0.5 s in G2), so that a point is 22 mixed additions. For few points it is 32 digits of 8 bits: the table is a tenth of that.
 *
 * @param points about how many will be asked for
 */
export async function createFixedBase(points: number): Promise<FixedBase> {
  const nibbles = points < 4096 ? 2 : 3;
  const digits = nibbles === 2 ? 32 : 22;
  const tableSize = 16 ** nibbles;
  const curve = await buildBn128(true);
  const { tm } = curve;
  const wasm = tm.instance.exports;
  // Batch inversion takes working memory behind the allocator's back: as much as a field element a point, here twice over.
  const needed =
    digits * tableSize * (64 + 128) + tableSize * 192 + chunkPoints * (192 + 128) + (chunkPoints + tableSize) * 64 * 2 + (1 << 20);
  const missing = tm.memory.buffer.byteLength - (tm.u32[0] as number) - needed;
  if (missing < 0) tm.memory.grow(Math.ceil(-missing / 65536));
  // Growing detaches the views that the allocator works on.
  tm.u8 = new Uint8Array(tm.memory.buffer);
  tm.u32 = new Uint32Array(tm.memory.buffer);
  const limit = tm.memory.buffer.byteLength;
  const scratch = tm.alloc(chunkPoints * 192);
  const output = tm.alloc(chunkPoints * 128);

  const assertRoom = (): void => {
    // Past its end the module would corrupt points in silence.
    if ((tm.u32[0] as number) + (chunkPoints + tableSize) * 128 > limit)
      throw new AssayError('CEREMONY_MEMORY', 'the curve ran out of memory');
  };
  const group = (g: GroupCalls) => {
    let table = 0;
    const makeTable = (): number => {
      const start = tm.alloc(digits * tableSize * g.affine);
      const base = tm.alloc(g.projective);
      const row = tm.alloc(tableSize * g.projective);
      assertRoom();
      tm.u8.set(g.generator, base);
      for (let position = 0; position < digits; position++) {
        g.zero(row);
        for (let digit = 1; digit < tableSize; digit++) g.add(row + (digit - 1) * g.projective, base, row + digit * g.projective);
        g.add(row + (tableSize - 1) * g.projective, base, base);
        g.batchToAffine(row, tableSize, start + position * tableSize * g.affine);
      }
      return start;
    };
    const multiples = (scalars: readonly bigint[]): Uint8Array => {
      if (scalars.length > chunkPoints) throw new RangeError('too many scalars at once');
      if (table === 0) table = makeTable();
      assertRoom();
      for (const [i, scalar] of scalars.entries()) {
        const hex = scalar.toString(16).padStart(digits * nibbles, '0');
        const point = scratch + i * g.projective;
        g.zero(point);
        for (let position = 0; position < digits; position++) {
          const digit = Number.parseInt(hex.slice((digits - position - 1) * nibbles, (digits - position) * nibbles), 16);
          if (digit !== 0) g.addMixed(point, table + (position * tableSize + digit) * g.affine, point);
        }
      }
      g.batchToAffine(scratch, scalars.length, output);
      return tm.u8.slice(output, output + scalars.length * g.affine);
    };
    const uncompressed = (points: Uint8Array): Uint8Array => {
      const count = points.length / g.affine;
      if (count > chunkPoints) throw new RangeError('too many points at once');
      tm.u8.set(points, scratch);
      g.batchLEMtoU(scratch, count, output);
      return tm.u8.slice(output, output + points.length);
    };
    return { multiples, uncompressed };
  };

  const inG1 = group(g1Calls(curve, wasm));
  const inG2 = group(g2Calls(curve, wasm));
  return { curve, g1: inG1.multiples, g2: inG2.multiples, g1Uncompressed: inG1.uncompressed, g2Uncompressed: inG2.uncompressed };
}

type GroupCalls = {
  /** Bytes of a point. */
  readonly affine: number;
  readonly projective: number;
  readonly generator: Uint8Array;
  readonly zero: WasmExports['g1m_zero'];
  readonly add: WasmExports['g1m_add'];
  readonly addMixed: WasmExports['g1m_addMixed'];
  readonly batchToAffine: WasmExports['g1m_batchToAffine'];
  readonly batchLEMtoU: WasmExports['g1m_batchLEMtoU'];
};

function g1Calls({ G1 }: Curve, wasm: WasmExports): GroupCalls {
  return {
    affine: 64,
    projective: 96,
    generator: G1.toJacobian(G1.g),
    zero: wasm.g1m_zero,
    add: wasm.g1m_add,
    addMixed: wasm.g1m_addMixed,
    batchToAffine: wasm.g1m_batchToAffine,
    batchLEMtoU: wasm.g1m_batchLEMtoU,
  };
}

function g2Calls({ G2 }: Curve, wasm: WasmExports): GroupCalls {
  return {
    affine: 128,
    projective: 192,
    generator: G2.toJacobian(G2.g),
    zero: wasm.g2m_zero,
    add: wasm.g2m_add,
    addMixed: wasm.g2m_addMixed,
    batchToAffine: wasm.g2m_batchToAffine,
    batchLEMtoU: wasm.g2m_batchLEMtoU,
  };
}
