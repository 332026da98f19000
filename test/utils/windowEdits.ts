import { R } from '../../src/commitment/field.ts';
import type { Poseidon2 } from '../../src/commitment/poseidon2.ts';
import { integers } from './random.ts';
import { type Acir, holds, packWitness, touched, type WitnessValues } from './windowAcir.ts';

/** One edit of one witness: everything else stays. */
export type WitnessEdit = { readonly witness: number; readonly edit: string; readonly value: bigint };

/** The edits of a witness that change it: +1, -1, a random element, 0, r - 1. */
export function editsOf(values: WitnessValues, witness: number, label: string): WitnessEdit[] {
  const old = values[witness] as bigint;
  const random = (integers(`${label} ${witness}`, 1)[0] as bigint) % R;
  const all: [string, bigint][] = [
    ['+1', (old + 1n) % R],
    ['-1', (old + R - 1n) % R],
    ['random', random],
    ['0', 0n],
    ['r-1', R - 1n],
  ];
  const seen = new Set([old]);
  return all.flatMap(([edit, value]) => {
    if (seen.has(value)) return [];
    seen.add(value);
    return [{ witness, edit, value }];
  });
}

/** A deterministic choice of `count` of the numbers below `total`. */
export function sampleOf(label: string, count: number, total: number): number[] {
  const ranked = integers(label, total).map((rank, i) => ({ rank, i }));
  ranked.sort((x, y) => (x.rank < y.rank ? -1 : 1));
  return ranked
    .slice(0, count)
    .map(({ i }) => i)
    .sort((x, y) => x - y);
}

/** The edits under which every constraint that speaks of the witness still holds, as read from the compiled circuit. */
export function survivorsByConstraints(acir: Acir, p2: Poseidon2, values: WitnessValues, edits: readonly WitnessEdit[]): WitnessEdit[] {
  const speaking: number[][] = Array.from({ length: acir.witnessCount }, () => []);
  acir.opcodes.forEach((opcode, index) => {
    if (opcode.kind !== 'hint') for (const witness of new Set(touched(opcode))) (speaking[witness] as number[]).push(index);
  });
  const edited = [...values];
  return edits.filter(({ witness, value }) => {
    edited[witness] = value;
    const survives = (speaking[witness] as number[]).every((index) => holds(acir.opcodes[index] as Acir['opcodes'][number], edited, p2));
    edited[witness] = values[witness];
    return survives;
  });
}

/** The edits whose proof a verifier accepts. */
export async function survivorsByProof(
  values: WitnessValues,
  edits: readonly WitnessEdit[],
  accepts: (witness: Uint8Array) => Promise<boolean>,
): Promise<WitnessEdit[]> {
  const survivors: WitnessEdit[] = [];
  for (const edit of edits) {
    const edited = [...values];
    edited[edit.witness] = edit.value;
    if (await accepts(packWitness(edited))) survivors.push(edit);
  }
  return survivors;
}
