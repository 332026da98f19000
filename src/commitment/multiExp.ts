import type { Curve, Element } from 'ffjavascript';

const affineBytes = 64;
const projectiveBytes = 96;

/**
 * `sum scalar_i * base_i` on all worker threads (Pippenger's bucket method).
 *
 * ffjavascript's own one sends bases and scalars to the workers once for each window of bits; this one sends them once for each worker.
 *
 * @param bases affine points in the engine's form
 * @param scalars little-endian unsigned integers of ceil(bits / 8) bytes, as many as bases
 * @param bits every scalar is below 2^bits
 */
export async function multiExp(curve: Curve, bases: Uint8Array, scalars: Uint8Array, bits: number): Promise<Element> {
  const { G1, tm } = curve;
  const count = bases.length / affineBytes;
  if (count === 0) return G1.zero;
  const window = windowBits(count, bits);
  const windows = Math.ceil(bits / window);
  const workers = Math.min(tm.concurrency, windows);
  const parts = await Promise.all(
    Array.from({ length: workers }, async (_, worker) => {
      const mine = Array.from({ length: Math.ceil((windows - worker) / workers) }, (_, i) => worker + i * workers);
      const sums = await tm.queueAction([
        { cmd: 'ALLOCSET', var: 0, buff: bases },
        { cmd: 'ALLOCSET', var: 1, buff: scalars },
        // The worker's allocator makes sure of as many bytes behind an allocation as in it: here the buckets, which the call puts there.
        { cmd: 'ALLOC', var: 2, len: Math.max(mine.length, 2 ** window) * projectiveBytes },
        ...mine.map((w, i) => ({
          cmd: 'CALL',
          fnName: 'g1m_multiexpAffine_chunk',
          params: [
            { var: 0 },
            { var: 1 },
            { val: Math.ceil(bits / 8) },
            { val: count },
            { val: w * window },
            { val: Math.min(window, bits - w * window) },
            { var: 2, offset: i * projectiveBytes },
          ],
        })),
        { cmd: 'GET', out: 0, var: 2, len: mine.length * projectiveBytes },
      ]);
      return sums[0] as Uint8Array;
    }),
  );
  let sum = G1.zero;
  for (let w = windows - 1; w >= 0; w--) {
    for (let i = 0; i < window; i++) sum = G1.double(sum);
    const at = Math.floor(w / workers) * projectiveBytes;
    sum = G1.add(sum, (parts[w % workers] as Uint8Array).subarray(at, at + projectiveBytes));
  }
  return sum;
}

/** The window with the least work: measured on random scalars, a bucket costs about as much as the addition of a base. */
function windowBits(count: number, bits: number): number {
  let best = 1;
  let least = Number.POSITIVE_INFINITY;
  for (let window = 1; window <= 16; window++) {
    const cost = Math.ceil(bits / window) * (count + 1.1 * 2 ** window);
    if (cost < least) [best, least] = [window, cost];
  }
  return best;
}
