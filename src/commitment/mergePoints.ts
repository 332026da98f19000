import { loadCurve } from './curve.ts';
import type { Point } from './kzg.ts';

/**
 * The commitment of merged contributions, block by block: `base + sum (child_c - base)`.
 *
 * @param base, children points on the curve, as many each as the checkpoint has blocks
 */
export async function mergePoints(base: readonly Point[], children: readonly (readonly Point[])[]): Promise<Point[]> {
  const { G1 } = await loadCurve();
  const element = (point: Point | undefined) =>
    point === undefined || (point[0] === 0n && point[1] === 0n) ? G1.zero : G1.fromObject([...point]);
  return base.map((_, block) => {
    const own = element(base[block]);
    let sum = own;
    for (const child of children) sum = G1.add(sum, G1.sub(element(child[block]), own));
    if (G1.isZero(sum)) return [0n, 0n];
    const [x, y] = G1.toObject(G1.toAffine(sum));
    return [x as bigint, y as bigint];
  });
}
