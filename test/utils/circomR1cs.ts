import { mod, R } from '../../src/commitment/field.ts';
import { readR1csHeader } from '../../src/proof/circom/r1csHeader.ts';

/** A sum of coefficient * wire. */
type Linear = { readonly wires: readonly number[]; readonly coefficients: readonly bigint[] };

/** A * B = C, each a sum over wires. */
export type Constraint = readonly [Linear, Linear, Linear];

export type R1cs = { readonly wires: number; readonly publicInputs: number; readonly constraints: readonly Constraint[] };

/** Reads every constraint of an `.r1cs` file. */
export function readR1cs(bytes: Uint8Array): R1cs {
  const { wires, publicInputs, constraints: count } = readR1csHeader(bytes);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 12;
  while (view.getUint32(at, true) !== 2) at += 12 + Number(view.getBigUint64(at + 4, true));
  const end = at + 12 + Number(view.getBigUint64(at + 4, true));
  at += 12;
  const known = new Map<bigint, bigint>();
  const linear = (): Linear => {
    const terms = view.getUint32(at, true);
    at += 4;
    const own: { wires: number[]; coefficients: bigint[] } = { wires: [], coefficients: [] };
    for (let i = 0; i < terms; i++) {
      own.wires.push(view.getUint32(at, true));
      let value = 0n;
      for (let limb = 3; limb >= 0; limb--) value = (value << 64n) | view.getBigUint64(at + 4 + 8 * limb, true);
      // Few values occur often: keep one of each.
      own.coefficients.push(known.get(value) ?? value);
      known.set(value, value);
      at += 36;
    }
    return own;
  };
  const constraints: Constraint[] = Array.from({ length: count }, () => [linear(), linear(), linear()] as const);
  if (at !== end) throw new Error('the constraints of the .r1cs file do not fill their section');
  return { wires, publicInputs, constraints };
}

/**
 * Signals of a `.sym` file: name and wire (below 0 where the compiler dropped the signal). circom calls an anonymous component
 * `Template_number_offset`; here it is `Template#i`, i counting those of its parent, so that names do not change with what stands around them.
 */
export function readSym(text: string): [name: string, wire: number][] {
  const lines = text.split('\n').flatMap((line) => {
    const [, wire, , name] = line.split(',');
    return name === undefined ? [] : [{ wire: Number(wire), parts: name.split('.') }];
  });
  const anonymous = /^([A-Z]\w*)_\d+_(\d+)((?:\[\d+\])*)$/;
  const offsets = new Map<string, Set<number>>();
  const parentOf = (parts: readonly string[], i: number): string =>
    parts
      .slice(0, i)
      .join('.')
      .replace(/\[\d+\]/g, '');
  for (const { parts } of lines) {
    parts.forEach((part, i) => {
      const [, template, offset] = anonymous.exec(part) ?? [];
      if (offset === undefined) return;
      const key = `${parentOf(parts, i)}.${template}`;
      const own = offsets.get(key) ?? new Set();
      own.add(Number(offset));
      offsets.set(key, own);
    });
  }
  const ranks = new Map([...offsets].map(([key, own]) => [key, [...own].sort((x, y) => x - y)]));
  return lines.map(({ wire, parts }) => [
    parts
      .map((part, i) => {
        const [, template, offset, index] = anonymous.exec(part) ?? [];
        if (offset === undefined) return part;
        return `${template}#${ranks.get(`${parentOf(parts, i)}.${template}`)?.indexOf(Number(offset))}${index}`;
      })
      .join('.'),
    wire,
  ]);
}

/** Values of the wires, from 32 bytes each, little-endian. */
export function readWitness(witness: Uint8Array): bigint[] {
  const view = new DataView(witness.buffer, witness.byteOffset, witness.byteLength);
  return Array.from({ length: witness.length / 32 }, (_, i) => {
    let value = 0n;
    for (let limb = 3; limb >= 0; limb--) value = (value << 64n) | view.getBigUint64(32 * i + 8 * limb, true);
    return value;
  });
}

function sumOf({ wires, coefficients }: Linear, values: readonly bigint[]): bigint {
  let sum = 0n;
  for (let i = 0; i < wires.length; i++) sum += (coefficients[i] as bigint) * (values[wires[i] as number] as bigint);
  return mod(sum);
}

/** Indices of the constraints that do not hold. */
export function violatedBy(r1cs: R1cs, values: readonly bigint[]): number[] {
  return r1cs.constraints.flatMap(([a, b, c], i) => ((sumOf(a, values) * sumOf(b, values)) % R === sumOf(c, values) ? [] : [i]));
}

/** Wires of a constraint. */
export function wiresOf(constraint: Constraint): number[] {
  return [...new Set(constraint.flatMap(({ wires }) => wires))];
}

/** One edit of one wire: everything else stays. */
export type WireEdit = { readonly wire: number; readonly edit: string; readonly value: bigint };

/** The edits under which every constraint still holds. `values` is an honest witness. */
export function survivorsOf(r1cs: R1cs, values: readonly bigint[], edits: readonly WireEdit[]): WireEdit[] {
  // Each constraint's three sums, and what a wire adds to them, so that an edit costs a few multiplications.
  const sums = r1cs.constraints.map((constraint) => constraint.map((linear) => sumOf(linear, values)) as [bigint, bigint, bigint]);
  const speaking: Map<number, [bigint, bigint, bigint]>[] = Array.from({ length: r1cs.wires }, () => new Map());
  r1cs.constraints.forEach((constraint, index) => {
    constraint.forEach(({ wires, coefficients }, side) => {
      wires.forEach((wire, i) => {
        const own = speaking[wire] as Map<number, [bigint, bigint, bigint]>;
        const parts = own.get(index) ?? [0n, 0n, 0n];
        parts[side] = (parts[side] as bigint) + (coefficients[i] as bigint);
        own.set(index, parts);
      });
    });
  });
  return edits.filter(({ wire, value }) => {
    const change = value - (values[wire] as bigint);
    return [...(speaking[wire] as Map<number, [bigint, bigint, bigint]>)].every(([index, parts]) => {
      const [a, b, c] = parts.map((part, side) => (sums[index] as [bigint, bigint, bigint])[side as 0 | 1 | 2] + part * change) as [
        bigint,
        bigint,
        bigint,
      ];
      return mod(a * b - c) === 0n;
    });
  });
}
