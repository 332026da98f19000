import { loadCurve } from '../../src/commitment/curve.ts';
import { pow, R } from '../../src/commitment/field.ts';
import { type Srs, srsIdOf } from '../../src/commitment/srs.ts';

/** The secret of the tests' SRS, which lets a test compute a commitment from its definition. */
export const testTau = 0x1234567890abcdef1234567890abcdef1234567890abcdef1234567890abcdefn % R;

/** An SRS of a known tau. Real pairings, no security: tests only. */
export async function testSrs(count: number, tau = testTau): Promise<Srs> {
  const curve = await loadCurve();
  const g1 = new Uint8Array(64 * count);
  for (let i = 0; i < count; i++) {
    curve.G1.toRprUncompressed(g1, 64 * i, curve.G1.timesScalar(curve.G1.g, pow(tau, BigInt(i))));
  }
  const [[x0, x1], [y0, y1]] = curve.G2.toObject(curve.G2.toAffine(curve.G2.timesScalar(curve.G2.g, tau))) as [
    [bigint, bigint],
    [bigint, bigint],
  ];
  const g2Tau = [x1, x0, y1, y0] as const;
  return { id: srsIdOf(g2Tau), g1, count, g2Tau, profile: 'dev', directory: '' };
}

/** `value * G` by the definition. */
export async function timesGenerator(value: bigint): Promise<readonly [bigint, bigint]> {
  const { G1 } = await loadCurve();
  const point = G1.toAffine(G1.timesScalar(G1.g, value));
  if (G1.isZero(point)) return [0n, 0n];
  const [x, y] = G1.toObject(point) as [bigint, bigint];
  return [x, y];
}
