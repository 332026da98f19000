import { inv, mod } from '../../src/commitment/field.ts';
import type { CircomSystem } from './circomFixture.ts';
import { violatedBy } from './circomR1cs.ts';

// What a small gadget accepts that it must not: every input, with every answer that a prover could claim and the hints that would carry it.

/** Writes values by name into a witness, where the compiler kept a wire for them; says whether the circuit takes it. */
function taker(system: CircomSystem): (witness: readonly bigint[], told: Readonly<Record<string, number | bigint>>) => boolean {
  const wires = new Map(system.names.flatMap((names, wire) => names.map((name) => [name, wire] as const)));
  return (witness, told) => {
    const forged = [...witness];
    for (const [name, value] of Object.entries(told)) {
      const wire = wires.get(`main.${name}`);
      if (wire !== undefined) forged[wire] = mod(BigInt(value));
    }
    return violatedBy(system.r1cs, forged).length === 0;
  };
}

/** Every list of `length` items. */
function* lists(items: readonly number[], length: number): Generator<number[]> {
  if (length === 0) yield [];
  else for (const rest of lists(items, length - 1)) for (const item of items) yield [...rest, item];
}

const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Of Bits(k), `in` public: digits other than the bits of the value. */
export function bitsHoles(system: CircomSystem, k: number): string[] {
  const takes = taker(system);
  const holes: string[] = [];
  for (const value of range(2 ** k)) {
    const witness = system.solve({ in: [BigInt(value)] });
    for (const digits of lists([-1, 0, 1, 2], k)) {
      const right = digits.every((digit, i) => digit === ((value >> i) & 1));
      const taken = takes(witness, Object.fromEntries(digits.map((digit, i) => [`out[${i}]`, digit])));
      if (taken !== right) holes.push(`${value}: ${digits} is ${taken ? 'taken' : 'refused'}`);
    }
  }
  return holes;
}

/** Of Activation(zBits, fw, actBits), `in` public: other values than the clipped floor. */
export function activationHoles(system: CircomSystem, zBits: number, fw: number, actBits: number): string[] {
  const takes = taker(system);
  const holes: string[] = [];
  const top = zBits - 1;
  const cut = Math.min(fw + actBits, top);
  for (const value of range(2 ** zBits)) {
    const expected = Math.max(0, Math.min(2 ** actBits - 1, Math.floor((value - 2 ** top) / 2 ** fw)));
    const witness = system.solve({ in: [BigInt(value)] });
    const high = Math.floor((value - 2 ** top) / 2 ** cut);
    const low = Math.floor((value % 2 ** cut) / 2 ** fw);
    for (const out of [...range(2 ** actBits + 1), -1]) {
      // The ratio that the first constraint asks for, or any where it asks for none.
      const ratios = high === 0 ? [0n, 1n, 12345n] : [mod(BigInt(out - low) * inv(BigInt(high)))];
      const taken = ratios.some((ratio) => takes(witness, { out, ratio }));
      if (taken !== (out === expected)) holes.push(`${value}: ${out} is ${taken ? 'taken' : 'refused'}`);
    }
  }
  return holes;
}

/** Of Argmax(n, k), `in` public: other classes than the first largest. */
export function argmaxHoles(system: CircomSystem, n: number, k: number): string[] {
  const takes = taker(system);
  const holes: string[] = [];
  for (const values of lists(range(2 ** k), n)) {
    const best = values.indexOf(Math.max(...values));
    const witness = system.solve({ in: values.map(BigInt) });
    const taken = new Set<number>();
    for (const hot of lists([-1, 0, 1, 2], n)) {
      const out = hot.reduce((sum, flag, j) => sum + flag * j, 0);
      for (const largest of range(2 ** k + 1)) {
        const told: Record<string, number> = { largest };
        let later = 1;
        hot.forEach((flag, j) => {
          later -= flag;
          told[`hot[${j}]`] = flag;
          const gap = largest - (values[j] as number) - later;
          for (const i of range(k)) told[`gap[${j}][${i}]`] = (gap >> i) & 1;
        });
        // An answer that follows from the flags, and one that does not.
        for (const claimed of [out, out + 1]) if (takes(witness, { ...told, out: claimed })) taken.add(claimed);
      }
    }
    if (taken.size !== 1 || !taken.has(best)) holes.push(`${values}: taken are ${[...taken]}`);
  }
  return holes;
}
