import type { Curve } from 'ffjavascript';
import type { Kernel } from './claims.ts';
import { mod, pow } from './field.ts';

/** Pointers into the engine's memory: arrays of field elements in Montgomery form, 32 bytes each. */
type Pointer = number;

/** Polynomials and Laurent polynomials in an engine's own memory. One call at a time; nothing is freed until `release()`. */
export type FieldMemory = {
  /** Room for `count` elements, zeroed. */
  allocate(count: number): Pointer;
  /** Frees what `body` allocated. */
  scope<T>(body: () => T): T;
  /** Writes `value` at element `index`. */
  set(array: Pointer, index: number, value: bigint): void;
  get(array: Pointer, index: number): bigint;
  /** `array[i] += factor * values[i]` for small signed integers. */
  addIntegers(array: Pointer, values: Int32Array, factor: bigint): void;
  /** `array[i] += factor * other[i]`, i < count. */
  addArray(array: Pointer, other: Pointer, count: number, factor: bigint): void;
  /**
   * `result[shift + e] += w[e'] * KERNEL` for all exponents e of `w(Z) * KERNEL(1/Z)`, w of degree `top`.
   *
   * @param result an array whose element `shift` is the constant term
   */
  addProduct(result: Pointer, shift: number, w: Pointer, top: number, kernel: Kernel): void;
  /** `target[i] = source[count - 1 - i]`. */
  reverse(target: Pointer, source: Pointer, count: number): void;
  /** Quotient of `p(Z) / (Z - point)`, p of `count` coefficients; the quotient has one less. @returns the remainder p(point) */
  divide(quotient: Pointer, p: Pointer, count: number, point: bigint): bigint;
  /** `count` elements as 32-byte little-endian integers below R. */
  scalars(array: Pointer, count: number): Uint8Array;
  release(): void;
};

/** Bytes of a field element in the engine's memory. */
export const elementBytes = 32;
const bytes = elementBytes;

/** Room for `elements` field elements in the engine's memory on the calling thread. */
export function createFieldMemory(curve: Curve, elements: number): FieldMemory {
  const { tm } = curve;
  const {
    frm_add: add,
    frm_sub: sub,
    frm_mul: mul,
    frm_toMontgomery: toMontgomery,
    frm_batchFromMontgomery: batchFrom,
  } = tm.instance.exports;
  const needed = (elements + 16) * bytes;
  const start = tm.u32[0] as number;
  const missing = start + needed + 8 - tm.memory.buffer.byteLength;
  if (missing > 0) {
    tm.memory.grow(Math.ceil(missing / 65536));
    // Growing detaches the views that the engine works on.
    tm.u8 = new Uint8Array(tm.memory.buffer);
    tm.u32 = new Uint32Array(tm.memory.buffer);
  }
  const first = (tm.alloc(needed) + 7) & ~7;
  const limbs = new BigUint64Array(tm.memory.buffer);
  const u32 = new Uint32Array(tm.memory.buffer);
  let next = first;
  const allocate = (count: number): Pointer => {
    const pointer = next;
    next += count * bytes;
    if (next > first + needed - 8) throw new RangeError('the field memory is too small');
    tm.u8.fill(0, pointer, next);
    return pointer;
  };
  const [t0, t1, t2, t3] = [allocate(1), allocate(1), allocate(1), allocate(1)];
  const zero = allocate(1);
  const one = allocate(1);

  const write = (pointer: Pointer, value: bigint): void => {
    const i = pointer >> 3;
    for (let j = 0; j < 4; j++) limbs[i + j] = BigInt.asUintN(64, value >> BigInt(64 * j));
  };
  const load = (pointer: Pointer, value: bigint): void => {
    write(pointer, mod(value));
    toMontgomery(pointer, pointer);
  };
  write(one, 1n);

  return {
    allocate,
    scope(body) {
      const mark = next;
      const result = body();
      next = mark;
      return result;
    },
    set(array, index, value) {
      load(array + index * bytes, value);
    },
    get(array, index) {
      mul(array + index * bytes, one, t0);
      const i = t0 >> 3;
      return [3, 2, 1, 0].reduce((value, j) => (value << 64n) | (limbs[i + j] as bigint), 0n);
    },
    addIntegers(array, values, factor) {
      // A plain integer times a factor in doubled Montgomery form gives a product in Montgomery form.
      load(t1, factor);
      toMontgomery(t1, t1);
      write(t0, 0n);
      const low = t0 >> 2;
      for (let i = 0, at = array; i < values.length; i++, at += bytes) {
        const value = values[i] as number;
        if (value === 0) continue;
        u32[low] = value < 0 ? -value : value;
        mul(t0, t1, t2);
        if (value < 0) sub(at, t2, at);
        else add(at, t2, at);
      }
    },
    addArray(array, other, count, factor) {
      load(t1, factor);
      for (let i = 0; i < count; i++) {
        mul(other + i * bytes, t1, t2);
        add(array + i * bytes, t2, array + i * bytes);
      }
    },
    addProduct(result, shift, w, top, { row, column, rows, columns }) {
      // KERNEL = (1 - row^n Z^-nm) / (1 - row Z^-m) * (1 - column^m Z^-m) / (1 - column Z^-1): multiplying by a numerator and dividing by a
      // denominator are linear recurrences from the highest exponent down.
      const mark = next;
      const innerLow = -(columns - 1);
      const outerLow = -(rows * columns - 1);
      const inner = allocate(top - innerLow + 1);
      const outer = allocate(top - outerLow + 1);
      const [ratio, end] = [t1, t3];
      const at = (array: Pointer, low: number, e: number): Pointer => (e < low || e > top ? zero : array + (e - low) * bytes);
      load(ratio, column);
      load(end, pow(column, BigInt(columns)));
      for (let e = top; e >= innerLow; e--) {
        const target = at(inner, innerLow, e);
        mul(at(inner, innerLow, e + 1), ratio, target);
        if (e >= 0) add(target, at(w, 0, e), target);
        if (e + columns >= 0 && e + columns <= top) {
          mul(w + (e + columns) * bytes, end, t2);
          sub(target, t2, target);
        }
      }
      load(ratio, row);
      load(end, pow(row, BigInt(rows)));
      const length = rows * columns;
      for (let e = top; e >= outerLow; e--) {
        const target = at(outer, outerLow, e);
        mul(at(outer, outerLow, e + columns), ratio, target);
        add(target, at(inner, innerLow, e), target);
        if (e + length >= innerLow && e + length <= top) {
          mul(inner + (e + length - innerLow) * bytes, end, t2);
          sub(target, t2, target);
        }
        const sum = result + (shift + e) * bytes;
        add(sum, target, sum);
      }
      next = mark;
    },
    reverse(target, source, count) {
      for (let i = 0; i < count; i++) {
        const from = source + (count - 1 - i) * bytes;
        tm.u8.copyWithin(target + i * bytes, from, from + bytes);
      }
    },
    divide(quotient, p, count, point) {
      load(t1, point);
      write(t2, 0n);
      for (let i = count - 1; i >= 0; i--) {
        mul(t2, t1, t2);
        add(t2, p + i * bytes, t2);
        if (i > 0) tm.u8.copyWithin(quotient + (i - 1) * bytes, t2, t2 + bytes);
      }
      return this.get(t2, 0);
    },
    scalars(array, count) {
      const mark = next;
      const plain = allocate(count);
      batchFrom(array, count, plain);
      next = mark;
      return tm.u8.slice(plain, plain + count * bytes);
    },
    release() {
      tm.u8.fill(0, first, first + needed - 8);
      tm.u32[0] = start;
    },
  };
}
