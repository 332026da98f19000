import type { Poseidon2 } from '../../src/commitment/poseidon2.ts';

/** The sponge of a circuit that absorbs less for one use. @param kept of a message, what it absorbs of it (as many items) */
export function spongeWithout(p2: Poseidon2, tag: number, kept: (message: readonly bigint[]) => readonly bigint[]): Poseidon2 {
  return { permute: p2.permute, sponge: (used, message) => p2.sponge(used, used === tag ? kept(message) : message) };
}
