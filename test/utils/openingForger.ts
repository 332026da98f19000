import { blocksOf } from '../../src/commitment/blocks.ts';
import { factorsAt, type Kernel, windowClaims } from '../../src/commitment/claims.ts';
import { loadCurve } from '../../src/commitment/curve.ts';
import { inv, mod, pow } from '../../src/commitment/field.ts';
import { checkpointId, maskId, modelId } from '../../src/commitment/ids.ts';
import type { Point } from '../../src/commitment/kzg.ts';
import {
  challenge,
  decodeOpening,
  encodeOpening,
  type Opening,
  type OpeningBinding,
  type OpeningCommitments,
  openingItems,
} from '../../src/commitment/openingBytes.ts';
import { checkOpening, tauPoint } from '../../src/commitment/verifyOpening.ts';
import type { Fixture } from './openingFixture.ts';
import type { Candidate } from './openingHarness.ts';
import { testTau, timesGenerator } from './srs.ts';

// A prover that knows no honesty: it works on polynomials as lists of coefficients, may change anything at any moment, and can be given
// challenges that do not absorb everything. Commitments are computed from the test's tau; a real forger computes the same from the SRS.

export type Poly = readonly bigint[];

export const evaluate = (p: Poly, x: bigint): bigint => p.reduceRight((sum, c) => mod(sum * x + c), 0n);
export const add = (p: Poly, q: Poly, factor = 1n): Poly =>
  Array.from({ length: Math.max(p.length, q.length) }, (_, i) => mod((p[i] ?? 0n) + factor * (q[i] ?? 0n)));
export const scale = (p: Poly, factor: bigint): Poly => p.map((c) => mod(c * factor));

/** `(p(Z) - p(x)) / (Z - x)`. */
export function quotient(p: Poly, x: bigint): Poly {
  const result: bigint[] = [];
  let carry = 0n;
  for (let i = p.length - 1; i > 0; i--) {
    carry = mod(carry * x + (p[i] as bigint));
    result.unshift(carry);
  }
  return result;
}

/** `(p(Z) - value) / (Z - x)` times `Z - x`: multiplication by `Z - x`. */
export const timesLinear = (p: Poly, x: bigint): Poly => add([0n, ...p], p, -x);

export const commit = (p: Poly): Promise<Point> => timesGenerator(evaluate(p, testTau));

/** Everything that a prover puts into an opening, before and after the challenges. */
export type Parts = {
  /** Parent blocks, child blocks, mask. */
  readonly sources: readonly Poly[];
  readonly outputs: readonly [bigint, bigint, bigint];
  readonly positive: Poly;
  readonly negative: Poly;
  readonly pureClaim: bigint;
  readonly negativeValue: bigint;
  readonly quotients: readonly [Poly, Poly, Poly];
};

export type Changes = Partial<Parts>;

/** What a forger does when. */
export type Forgery = {
  /** Items that z does not absorb: names of `openingItems`, or `statement.0` to `statement.7`, `b`, `a`, `E`. */
  readonly dropZ?: readonly string[];
  /** Items that kappa does not absorb: z, s2, pi1, pi2, pi3. */
  readonly dropKappa?: readonly string[];
  /** Changes before z is drawn. */
  readonly first?: (parts: Parts) => Changes;
  /** Changes when z is known; s2 and the quotients follow from them. */
  readonly afterZ?: (parts: Parts, z: bigint) => Changes;
  /** Changes of s2 and the quotients, before kappa is drawn. */
  readonly beforeKappa?: (parts: Parts, z: bigint) => Changes;
  readonly afterKappa?: (parts: Parts, z: bigint, kappa: bigint) => Changes;
  /** The statement's words that are not ids. */
  readonly statement?: (words: readonly bigint[]) => readonly bigint[];
};

/** The committed polynomials of an honest fixture. */
export function sourcesOf(fixture: Fixture): Poly[] {
  const blocks = blocksOf(fixture.sizes, fixture.blockLog);
  const sources = [
    { weights: fixture.parent, sigmas: fixture.parentSigmas },
    { weights: fixture.child, sigmas: fixture.childSigmas },
  ].flatMap(({ weights, sigmas }) =>
    blocks.map(({ layer, firstRow, rows, columns }, i) => {
      const poly = Array.from({ length: 2 ** fixture.blockLog + 1 }, () => 0n);
      for (let j = 0; j < rows * columns; j++) poly[j] = mod(BigInt((weights[layer] as Int32Array)[firstRow * columns + j] as number));
      poly[2 ** fixture.blockLog] = sigmas?.[i] ?? 0n;
      return poly;
    }),
  );
  return [...sources, fixture.mask];
}

/** Coefficients of `w(Z) KERNEL(1/Z)` by the definition; element `shift` is the constant term. */
function product(w: Poly, kernel: Kernel, shift: number): bigint[] {
  const result = Array.from({ length: 2 * shift + 1 }, () => 0n);
  for (let i = 0; i < kernel.rows; i++) {
    for (let j = 0; j < kernel.columns; j++) {
      const k = mod(pow(kernel.row, BigInt(i)) * pow(kernel.column, BigInt(j)));
      for (const [e, c] of w.entries()) {
        const at = shift + e - (i * kernel.columns + j);
        result[at] = mod((result[at] as bigint) + k * c);
      }
    }
  }
  return result;
}

/** The polynomials of Z that the challenges are put into. */
export function algebra(fixture: Fixture) {
  const { sizes, blockLog, open } = fixture;
  const claimsOf = (parts: Parts) => windowClaims(sizes, blockLog, open, parts.outputs[1], parts.outputs[0]);
  const combined = (parts: Parts): { shift: number; values: Poly } => {
    const shift = Math.max(2 ** blockLog, 16) + 16;
    let values: Poly = [];
    for (const { source, kernel, coefficient } of claimsOf(parts).terms) {
      values = add(values, product(parts.sources[source] as Poly, kernel, shift), coefficient);
    }
    return { shift, values };
  };
  const pure = (parts: Parts): Poly => {
    const claims = claimsOf(parts);
    return claims.pure.reduce<Poly>((sum, factor, i) => add(sum, parts.sources[claims.blocks + i] as Poly, factor), [0n]);
  };
  /** `sum coef K(1/z) w - z S1`. */
  const linear = (parts: Parts, z: bigint): Poly => {
    const factors = factorsAt(claimsOf(parts), inv(z));
    if (factors === undefined) throw new Error('a zero denominator');
    return factors.reduce<Poly>((sum, factor, i) => add(sum, parts.sources[i] as Poly, factor), scale(parts.positive, -z));
  };
  /** What L must be at z: E + ePure + s2/z. */
  const value = (parts: Parts, z: bigint): bigint => mod(parts.outputs[2] + parts.pureClaim + parts.negativeValue * inv(z));
  /** Honest S1, S2 and ePure, and the constant term that E + ePure should be. */
  const split = (parts: Parts): Changes & { constant: bigint } => {
    const { shift, values } = combined(parts);
    return {
      positive: values.slice(shift + 1),
      negative: values.slice(0, shift).reverse(),
      pureClaim: open ? evaluate(pure(parts), parts.outputs[0]) : 0n,
      constant: values[shift] as bigint,
    };
  };
  /** Honest s2 and quotients for whatever is claimed. */
  const close = (parts: Parts, z: bigint): Changes => ({
    negativeValue: evaluate(parts.negative, inv(z)),
    quotients: [quotient(linear(parts, z), z), quotient(parts.negative, inv(z)), open ? quotient(pure(parts), parts.outputs[0]) : []],
  });
  /** The polynomial that the pairing says is zero, but for its quotients' terms: `L - v + kappa (S2 - s2) + kappa^2 (pure - ePure)`. */
  const residual = (parts: Parts, z: bigint, kappa: bigint): Poly => {
    const first = add(linear(parts, z), [value(parts, z)], -1n);
    const second = add(parts.negative, [parts.negativeValue], -1n);
    const third = open ? add(pure(parts), [parts.pureClaim], -1n) : [];
    return add(add(first, second, kappa), third, mod(kappa * kappa));
  };
  return { split, close, linear, value, pure, residual };
}

const binding = (fixture: Fixture, statement: readonly bigint[]): OpeningBinding => ({ ...fixture, statement });

async function commitments(fixture: Fixture, parts: Parts): Promise<OpeningCommitments> {
  const blocks = fixture.parentPoints.length;
  const points = await Promise.all(parts.sources.map(commit));
  return {
    outputs: parts.outputs,
    parent: points.slice(0, blocks),
    child: points.slice(blocks, 2 * blocks),
    mask: points[2 * blocks] as Point,
    positive: await commit(parts.positive),
    negative: await commit(parts.negative),
    pureClaim: parts.pureClaim,
  };
}

/** z as it would be if it did not absorb the dropped items. */
export function weakZ(bound: OpeningBinding, opening: OpeningCommitments, drop: readonly string[] = []): bigint {
  const items = Object.entries(openingItems(bound, opening)).flatMap(([name, words]): [string, readonly bigint[]][] => {
    if (name === 'statement') return words.map((word, i) => [`statement.${i}`, [word]]);
    if (name === 'outputs') return words.map((word, i) => [['b', 'a', 'E'][i] as string, [word]]);
    return [[name, words]];
  });
  assertNames(
    drop,
    items.map(([name]) => name),
  );
  return challenge(
    'assay.opening.z.v1',
    items.filter(([name]) => !drop.includes(name)).flatMap(([, words]) => words),
  );
}

/** kappa as it would be if it did not absorb the dropped items. */
export function weakKappa(
  z: bigint,
  negativeValue: bigint,
  quotients: readonly [Point, Point, Point],
  drop: readonly string[] = [],
): bigint {
  const items = { z: [z], s2: [negativeValue], pi1: quotients[0], pi2: quotients[1], pi3: quotients[2] };
  assertNames(drop, Object.keys(items));
  return challenge(
    'assay.opening.k.v1',
    Object.entries(items)
      .filter(([name]) => !drop.includes(name))
      .flatMap(([, words]) => words),
  );
}

function assertNames(drop: readonly string[], names: readonly string[]): void {
  for (const name of drop) if (!names.includes(name)) throw new Error(`no such item: ${name}`);
}

const someDifference = 0xbadn;

/** An opening made as `forgery` says, for a fixture whose E is `E + difference`. */
export async function forge(fixture: Fixture, forgery: Forgery, difference = someDifference): Promise<Candidate> {
  const { split, close } = algebra(fixture);
  const [b, a, claim] = fixture.outputs;
  const empty: Parts = {
    sources: sourcesOf(fixture),
    outputs: [b, a, mod(claim + difference)],
    positive: [],
    negative: [],
    pureClaim: 0n,
    negativeValue: 0n,
    quotients: [[], [], []],
  };
  const { constant: _, ...honest } = split(empty);
  let parts: Parts = { ...empty, ...honest };
  parts = { ...parts, ...forgery.first?.(parts) };
  const model = modelId(fixture.shape);
  const words = forgery.statement?.(fixture.statement) ?? fixture.statement;
  const statementOf = (opening: OpeningCommitments): bigint[] => {
    const [context, , , , ...rest] = words as [bigint, bigint, bigint, bigint, ...bigint[]];
    return [context, checkpointId(model, opening.parent), checkpointId(model, opening.child), maskId(opening.mask), ...rest];
  };
  const committed = await commitments(fixture, parts);
  const z = weakZ(binding(fixture, statementOf(committed)), committed, forgery.dropZ);
  parts = { ...parts, ...forgery.afterZ?.(parts, z) };
  parts = { ...parts, ...close(parts, z) };
  parts = { ...parts, ...forgery.beforeKappa?.(parts, z) };
  const points = async (): Promise<[Point, Point, Point]> => [
    await commit(parts.quotients[0]),
    await commit(parts.quotients[1]),
    await commit(parts.quotients[2]),
  ];
  const kappa = weakKappa(z, parts.negativeValue, await points(), forgery.dropKappa);
  parts = { ...parts, ...forgery.afterKappa?.(parts, z, kappa) };
  const last = await commitments(fixture, parts);
  const opening = encodeOpening({ ...last, negativeValue: parts.negativeValue, quotients: await points() });
  return { ...fixture, statement: statementOf(last), opening };
}

/** The verdict of a verifier whose challenges do not absorb the dropped items; everything else is the real one's. */
export async function weakVerify(candidate: Candidate, dropZ: readonly string[] = [], dropKappa: readonly string[] = []): Promise<boolean> {
  const { shape } = candidate;
  const opening = decodeOpening(candidate.opening, blocksOf(shape.sizes, shape.blockLog).length);
  if (typeof opening === 'string') return false;
  const model = modelId(shape);
  if (checkpointId(model, opening.parent) !== candidate.statement[1]) return false;
  if (checkpointId(model, opening.child) !== candidate.statement[2]) return false;
  if (maskId(opening.mask) !== candidate.statement[3]) return false;
  const z = weakZ(candidate, opening, dropZ);
  const kappa = weakKappa(z, opening.negativeValue, opening.quotients, dropKappa);
  return (await checkWith(candidate, opening, z, kappa)) === 'accepted';
}

/** The algebra alone, for given challenges. */
export async function checkWith(candidate: Candidate, opening: Opening, z: bigint, kappa: bigint): Promise<string> {
  const curve = await loadCurve();
  const tau = tauPoint(curve, candidate.shape.g2Tau);
  if (tau === undefined) throw new Error('tau is not in the group');
  const verdict = await checkOpening(curve, candidate.shape.sizes, candidate.shape.blockLog, candidate.open, opening, z, kappa, tau);
  return verdict.valid ? 'accepted' : verdict.reason;
}
