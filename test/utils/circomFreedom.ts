import { inv, mod, R } from '../../src/commitment/field.ts';
import type { R1cs } from './circomR1cs.ts';

export type Freedom = {
  /** Dimension of the space in which a witness can move without breaking a constraint, to first order. */
  readonly dimension: number;
  /** Constraints that can be dropped, one at a time, without a wider space: each follows from others, to first order. */
  readonly dependent: readonly number[];
};

/**
 * How freely a witness can move: the kernel of the constraints' derivative at it, by sparse elimination. All wires count, the public ones too; wire
 * 0, the constant, does not move.
 */
export function freedomOf({ wires, constraints }: R1cs, values: readonly bigint[]): Freedom {
  const rows = constraints.map(([a, b, c]) => {
    const at = ({ wires: own, coefficients }: (typeof constraints)[number][0]): bigint =>
      mod(own.reduce((sum, wire, i) => sum + (coefficients[i] as bigint) * (values[wire] as bigint), 0n));
    const [left, right] = [at(a), at(b)];
    const row = new Map<number, bigint>();
    const addAll = (linear: typeof a, factor: bigint): void =>
      linear.wires.forEach((wire, i) => {
        if (wire !== 0) row.set(wire, mod((row.get(wire) ?? 0n) + factor * (linear.coefficients[i] as bigint)));
      });
    addAll(a, right);
    addAll(b, left);
    addAll(c, -1n);
    for (const [wire, value] of row) if (value === 0n) row.delete(wire);
    return row;
  });

  // Each wire's movement in terms of parameters: from the first constraint that has no other unknown, or a parameter of its own.
  const speaking: number[][] = Array.from({ length: wires }, () => []);
  rows.forEach((row, index) => {
    for (const wire of row.keys()) (speaking[wire] as number[]).push(index);
  });
  const unknown = rows.map((row) => row.size);
  const movement: (Map<number, bigint> | undefined)[] = Array.from({ length: wires });
  const pivots: { wire: number; row: number }[] = [];
  const equations: { row: number; terms: Map<number, bigint> }[] = [];
  const ready: number[] = [];
  let parameters = 0;
  const settle = (wire: number, moves: Map<number, bigint>): void => {
    movement[wire] = moves;
    for (const index of speaking[wire] as number[]) {
      unknown[index] = (unknown[index] as number) - 1;
      if ((unknown[index] as number) <= 1) ready.push(index);
    }
  };
  const done = new Set<number>();
  rows.forEach((row, index) => {
    if (row.size <= 1) ready.push(index);
  });
  for (let next = 1; ; ) {
    while (ready.length > 0) {
      const index = ready.pop() as number;
      if (done.has(index)) continue;
      done.add(index);
      const row = rows[index] as Map<number, bigint>;
      const sum = new Map<number, bigint>();
      let open: number | undefined;
      for (const [wire, factor] of row) {
        const moves = movement[wire];
        if (moves === undefined) open = wire;
        else for (const [parameter, value] of moves) sum.set(parameter, mod((sum.get(parameter) ?? 0n) + factor * value));
      }
      for (const [parameter, value] of sum) if (value === 0n) sum.delete(parameter);
      if (open === undefined) equations.push({ row: index, terms: sum });
      else {
        const scale = R - inv(row.get(open) as bigint);
        pivots.push({ wire: open, row: index });
        settle(open, new Map([...sum].map(([parameter, value]) => [parameter, mod(scale * value)])));
      }
    }
    while (next < wires && movement[next] !== undefined) next++;
    if (next === wires) break;
    settle(next, new Map([[parameters++, 1n]]));
  }

  // Equations among the parameters, reduced; what reduces to nothing gives a relation between constraints.
  const basis: { pivot: number; terms: Map<number, bigint>; from: Map<number, bigint> }[] = [];
  const relations: Map<number, bigint>[] = [];
  const subtract = (from: Map<number, bigint>, what: Map<number, bigint>, factor: bigint): void => {
    for (const [key, value] of what) {
      const left = mod((from.get(key) ?? 0n) - factor * value);
      if (left === 0n) from.delete(key);
      else from.set(key, left);
    }
  };
  for (const { row, terms } of equations) {
    const rest = new Map(terms);
    const from = new Map([[row, 1n]]);
    for (const { pivot, terms: known, from: origin } of basis) {
      const factor = rest.get(pivot);
      if (factor === undefined) continue;
      subtract(rest, known, factor);
      subtract(from, origin, factor);
    }
    const [first] = rest;
    if (first === undefined) relations.push(from);
    else {
      const scale = inv(first[1]);
      const scaled = (map: Map<number, bigint>) => new Map([...map].map(([key, value]) => [key, mod(scale * value)]));
      basis.push({ pivot: first[0], terms: scaled(rest), from: scaled(from) });
    }
  }
  const dependent = new Set<number>();
  for (const relation of relations) {
    // Backwards: each pivot's constraint enters with what makes its wire's total vanish.
    const total = new Map<number, bigint>();
    const enter = (index: number, weight: bigint): void => {
      dependent.add(index);
      for (const [wire, value] of rows[index] as Map<number, bigint>) total.set(wire, mod((total.get(wire) ?? 0n) + weight * value));
    };
    for (const [index, weight] of relation) enter(index, weight);
    for (const { wire, row } of pivots.toReversed()) {
      const left = total.get(wire) ?? 0n;
      if (left !== 0n) enter(row, mod(-left * inv((rows[row] as Map<number, bigint>).get(wire) as bigint)));
    }
  }
  return { dimension: parameters - basis.length, dependent: [...dependent].sort((x, y) => x - y) };
}
