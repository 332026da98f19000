import { blocksOf } from '../../src/commitment/blocks.ts';
import { factorsAt, type Kernel } from '../../src/commitment/claims.ts';
import { loadCurve } from '../../src/commitment/curve.ts';
import { inv, mod, pow } from '../../src/commitment/field.ts';
import { checkpointId, maskId, modelId } from '../../src/commitment/ids.ts';
import type { Point, Weights } from '../../src/commitment/kzg.ts';
import {
  challenge,
  checkpointsOf,
  decodeOpening,
  encodeOpening,
  type Opening,
  type OpeningBinding,
  type OpeningCommitments,
  openingItems,
} from '../../src/commitment/openingBytes.ts';
import { checkOpening, tauPoint } from '../../src/commitment/verifyOpening.ts';
import type { OneCheckpointFixture } from './oneCheckpointFixture.ts';
import { type Candidate, claimsOf } from './openingCandidate.ts';
import type { Fixture } from './openingFixture.ts';
import { testTau, timesGenerator } from './srs.ts';

// A prover that knows no honesty: it works on polynomials as lists of coefficients, may change anything at any moment, and can be given
// challenges that do not absorb everything. Commitments are computed from the test's tau; a real forger computes the same from the SRS.

export type Poly = readonly bigint[];

export type AnyFixture = Fixture | OneCheckpointFixture;

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
  /** The checkpoints' blocks, mask. */
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
  /** Items that z does not absorb: names of `openingItems`, or `statement.0` and following, `b`, `a`, `E`. */
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
export function sourcesOf(fixture: AnyFixture): Poly[] {
  const blocks = blocksOf(fixture.sizes, fixture.blockLog);
  const checkpoints: readonly { weights: Weights; sigmas?: readonly bigint[] | undefined }[] =
    fixture.kind === 'train-window'
      ? [
          { weights: fixture.parent, sigmas: fixture.parentSigmas },
          { weights: fixture.child, sigmas: fixture.childSigmas },
        ]
      : [fixture];
  const sources = checkpoints.flatMap(({ weights, sigmas }) =>
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
export function algebra(fixture: AnyFixture) {
  const { blockLog, open } = fixture;
  const combined = (parts: Parts): { shift: number; values: Poly } => {
    const shift = Math.max(2 ** blockLog, 16) + 16;
    let values: Poly = [];
    for (const { source, kernel, coefficient } of claimsOf(fixture, parts.outputs).terms) {
      values = add(values, product(parts.sources[source] as Poly, kernel, shift), coefficient);
    }
    return { shift, values };
  };
  const pure = (parts: Parts): Poly => {
    const claims = claimsOf(fixture, parts.outputs);
    return claims.pure.reduce<Poly>((sum, { source, factor }) => add(sum, parts.sources[source] as Poly, factor), [0n]);
  };
  /** `sum coef K(1/z) w - z S1`. */
  const linear = (parts: Parts, z: bigint): Poly => {
    const factors = factorsAt(claimsOf(fixture, parts.outputs), inv(z));
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

const binding = (fixture: AnyFixture, statement: readonly bigint[]): OpeningBinding => ({ ...fixture, statement });

async function commitments(fixture: AnyFixture, parts: Parts): Promise<OpeningCommitments> {
  const blocks = blocksOf(fixture.sizes, fixture.blockLog).length;
  const points = await Promise.all(parts.sources.map(commit));
  return {
    outputs: parts.outputs,
    checkpoints: Array.from({ length: checkpointsOf(fixture.kind) }, (_, i) => points.slice(i * blocks, (i + 1) * blocks)),
    mask: points.at(-1) as Point,
    positive: await commit(parts.positive),
    negative: await commit(parts.negative),
    ...(fixture.kind === 'train-window' ? { pureClaim: parts.pureClaim } : {}),
  };
}

/** z as it would be if it did not absorb the dropped items. */
function weakZ(bound: OpeningBinding, opening: OpeningCommitments, drop: readonly string[] = []): bigint {
  const items = openingItems(bound, opening).flatMap(([name, words]): [string, readonly bigint[]][] => {
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
export function weakKappa(z: bigint, negativeValue: bigint, quotients: Opening['quotients'], drop: readonly string[] = []): bigint {
  const [pi1, pi2, pi3] = quotients;
  const items = { z: [z], s2: [negativeValue], pi1, pi2, ...(pi3 === undefined ? {} : { pi3 }) };
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
export async function forge(fixture: AnyFixture, forgery: Forgery, difference = someDifference): Promise<Candidate> {
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
    const ids = [...opening.checkpoints.map((points) => checkpointId(model, points)), maskId(opening.mask)];
    return [words[0] as bigint, ...ids, ...words.slice(1 + ids.length)];
  };
  const committed = await commitments(fixture, parts);
  const z = weakZ(binding(fixture, statementOf(committed)), committed, forgery.dropZ);
  parts = { ...parts, ...forgery.afterZ?.(parts, z) };
  parts = { ...parts, ...close(parts, z) };
  parts = { ...parts, ...forgery.beforeKappa?.(parts, z) };
  const points = async (): Promise<Opening['quotients']> => {
    const [pi1, pi2, pi3] = await Promise.all(parts.quotients.map(commit));
    return fixture.kind === 'train-window' ? [pi1 as Point, pi2 as Point, pi3 as Point] : [pi1 as Point, pi2 as Point];
  };
  const kappa = weakKappa(z, parts.negativeValue, await points(), forgery.dropKappa);
  parts = { ...parts, ...forgery.afterKappa?.(parts, z, kappa) };
  const last = await commitments(fixture, parts);
  const opening = encodeOpening({ ...last, negativeValue: parts.negativeValue, quotients: await points() });
  return { ...fixture, statement: statementOf(last), opening };
}

/** The verdict of a verifier whose challenges do not absorb the dropped items; everything else is the real one's. */
export async function weakVerify(candidate: Candidate, dropZ: readonly string[] = [], dropKappa: readonly string[] = []): Promise<boolean> {
  const { shape } = candidate;
  const opening = decodeOpening(candidate.kind, candidate.opening, blocksOf(shape.sizes, shape.blockLog).length);
  if (typeof opening === 'string') return false;
  const model = modelId(shape);
  const ids = [...opening.checkpoints.map((points) => checkpointId(model, points)), maskId(opening.mask)];
  if (ids.some((id, i) => id !== candidate.statement[1 + i])) return false;
  const z = weakZ(candidate, opening, dropZ);
  const kappa = weakKappa(z, opening.negativeValue, opening.quotients, dropKappa);
  return (await checkWith(candidate, opening, z, kappa)) === 'accepted';
}

/** The algebra alone, for given challenges. */
export async function checkWith(candidate: Candidate, opening: Opening, z: bigint, kappa: bigint): Promise<string> {
  const curve = await loadCurve();
  const tau = tauPoint(curve, candidate.shape.g2Tau);
  if (tau === undefined) throw new Error('tau is not in the group');
  const verdict = await checkOpening(curve, claimsOf(candidate, opening.outputs), opening, z, kappa, tau);
  return verdict.valid ? 'accepted' : verdict.reason;
}
