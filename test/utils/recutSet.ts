import type { AuditSet } from '../../src/data/auditSet.ts';

/**
 * Reads the same leaves as samples of 10 features of 2 bits. A sample's 4 features of 4 bits are 2 triples of 12 bits: those are 4 triples of 6, which
 * 10 features make, t, 4 + t and 7 + t being the digits of triple t. The last triple has one digit, and so is 0 in its others.
 */
export function recutSet(set: AuditSet): AuditSet {
  const narrow = (sample: Uint8Array): number[] => {
    const [x0, x1, x2, x3] = sample as unknown as [number, number, number, number];
    const triples = [x0 + 16 * x2 + 256 * x3, x1].flatMap((triple) => [triple % 64, Math.floor(triple / 64)]);
    const digits = (place: number): number[] => triples.map((triple) => Math.floor(triple / 4 ** place) % 4);
    return [...digits(0), ...digits(1).slice(0, 3), ...digits(2).slice(0, 3)];
  };
  const chunks = set.chunks.map((chunk) => ({
    ...chunk,
    features: Uint8Array.from(Array.from(chunk.labels, (_, s) => narrow(chunk.features.subarray(4 * s, 4 * s + 4))).flat()),
  }));
  return { ...set, features: 10, featureBits: 2, chunks };
}
