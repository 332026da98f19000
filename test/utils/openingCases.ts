import type { Hex } from 'viem';
import { blocksOf } from '../../src/commitment/blocks.ts';
import { loadCurve } from '../../src/commitment/curve.ts';
import { inv, mod, Q, R } from '../../src/commitment/field.ts';
import { checkpointId, maskId, modelId, type StatementName } from '../../src/commitment/ids.ts';
import { createKzg, type Kzg, type Point } from '../../src/commitment/kzg.ts';
import { openWindow } from '../../src/commitment/opening.ts';
import { decodeOpening, encodeOpening, type Opening } from '../../src/commitment/openingBytes.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import type { OpeningReason } from '../../src/commitment/verifyOpening.ts';
import type { Candidate } from './openingCandidate.ts';
import { claimOf, type Fixture, type FixtureOptions, windowFixture, zeroWeights } from './openingFixture.ts';
import { add, algebra, evaluate, forge, sourcesOf } from './openingForger.ts';
import { weakForgeries } from './openingForgeries.ts';
import { testSrs, testTau } from './srs.ts';

/** An opening and the verdict that every implementation must come to. */
export type OpeningCase = { readonly name: string; readonly candidate: Candidate; readonly verdict: 'accepted' | OpeningReason };

/** A candidate with its opening changed; the statement's ids follow the points where `ids` says so. */
export function changed(candidate: Candidate, change: (opening: Opening) => Partial<Opening>, ids = false): Candidate {
  const decoded = decodeOpening(candidate.kind, candidate.opening, blocksOf(candidate.shape.sizes, candidate.shape.blockLog).length);
  if (typeof decoded === 'string') throw new Error(decoded);
  const opening = { ...decoded, ...change(decoded) };
  const model = modelId(candidate.shape);
  const statement = [...candidate.statement];
  if (ids) {
    for (const [i, points] of opening.checkpoints.entries()) statement[1 + i] = checkpointId(model, points);
    statement[1 + opening.checkpoints.length] = maskId(opening.mask);
  }
  return { ...candidate, statement, opening: encodeOpening(opening) };
}

export const replaced = <T>(values: readonly T[], index: number, value: T): T[] => values.map((v, i) => (i === index ? value : v));
export const swapped = <T>(values: readonly T[], i: number, j: number): T[] =>
  replaced(replaced(values, i, values[j] as T), j, values[i] as T);

/** An opening's checkpoint with its points changed. */
export const withPoints = (o: Opening, checkpoint: number, change: (points: readonly Point[]) => readonly Point[]): Partial<Opening> => ({
  checkpoints: replaced(o.checkpoints, checkpoint, change(o.checkpoints[checkpoint] as readonly Point[])),
});

type PointEdit = (opening: Opening, change: (point: Point) => Point) => Partial<Opening>;
type ScalarEdit = (opening: Opening, by: bigint) => Partial<Opening>;

/** Every point of a statement's opening, by name. */
function pointsOf(kind: StatementName): Record<string, PointEdit> {
  const names = kind === 'train-window' ? ['parent', 'child'] : ['checkpoint'];
  const ends = names.flatMap((name, c): [string, PointEdit][] => [
    [`the first ${name} point`, (o, f) => withPoints(o, c, (points) => replaced(points, 0, f(points[0] as Point)))],
    [`the last ${name} point`, (o, f) => withPoints(o, c, (points) => replaced(points, points.length - 1, f(points.at(-1) as Point)))],
  ]);
  const quotient =
    (index: number): PointEdit =>
    (o, f) => ({
      quotients: replaced(o.quotients as readonly Point[], index, f(o.quotients[index] as Point)) as unknown as Opening['quotients'],
    });
  return {
    ...Object.fromEntries(ends),
    'the mask': (o, f) => ({ mask: f(o.mask) }),
    S1: (o, f) => ({ positive: f(o.positive) }),
    S2: (o, f) => ({ negative: f(o.negative) }),
    pi1: quotient(0),
    pi2: quotient(1),
    ...(kind === 'train-window' ? { pi3: quotient(2) } : {}),
  };
}

function scalarsOf(kind: StatementName): Record<string, ScalarEdit> {
  return {
    b: (o, by) => ({ outputs: [o.outputs[0] + by, o.outputs[1], o.outputs[2]] }),
    a: (o, by) => ({ outputs: [o.outputs[0], o.outputs[1] + by, o.outputs[2]] }),
    E: (o, by) => ({ outputs: [o.outputs[0], o.outputs[1], o.outputs[2] + by] }),
    ...(kind === 'train-window' ? { ePure: (o, by) => ({ pureClaim: (o.pureClaim as bigint) + by }) } : {}),
    s2: (o, by) => ({ negativeValue: o.negativeValue + by }),
  };
}

/** Every scalar and every point of an honest opening changed, one at a time. */
export async function editCases(label: string, good: Candidate): Promise<OpeningCase[]> {
  const cases: OpeningCase[] = [];
  const put = (name: string, candidate: Candidate, verdict: OpeningCase['verdict']): void => {
    cases.push({ name: `${label}: ${name}`, candidate, verdict });
  };
  const { G1 } = await loadCurve();
  const plusGenerator = (point: Point): Point => {
    const sum = G1.toAffine(G1.add(point[0] === 0n && point[1] === 0n ? G1.zero : G1.fromObject(point), G1.g));
    const [x, y] = G1.toObject(sum) as [bigint, bigint];
    return [x, y];
  };
  const notPoints: [string, (point: Point) => Point][] = [
    ['off the curve', ([x, y]) => [x, (y + 1n) % Q]],
    ['with x + q', ([x, y]) => [x + Q, y]],
    ['with y + q', ([x, y]) => [x, y + Q]],
    ['with y = q for the identity', () => [0n, Q]],
  ];
  put('honest', good, 'accepted');
  for (const [name, change] of Object.entries(scalarsOf(good.kind))) {
    const unexpected = !good.open && name === 'ePure';
    const one = changed(good, (o) => change(o, 1n));
    put(`${name} + 1`, one, unexpected ? 'OPENING_PURE_UNEXPECTED' : 'OPENING_PAIRING');
    const order = changed(good, (o) => change(o, R));
    put(`${name} + r`, order, 'OPENING_SCALAR_RANGE');
  }
  for (const [name, change] of Object.entries(pointsOf(good.kind))) {
    const unexpected = !good.open && name === 'pi3';
    const moved = changed(good, (o) => change(o, plusGenerator), true);
    put(`${name} + G`, moved, unexpected ? 'OPENING_PURE_UNEXPECTED' : 'OPENING_PAIRING');
    const identity = changed(good, (o) => change(o, () => [0n, 0n]), true);
    put(`${name} the identity`, identity, unexpected ? 'accepted' : 'OPENING_PAIRING');
    for (const [how, broken] of notPoints) {
      // Ids are those of the honest points: a point that is none has no id.
      const wrong = changed(good, (o) => change(o, broken));
      put(`${name} ${how}`, wrong, 'OPENING_POINT_INVALID');
    }
  }
  return cases;
}

/** Honest openings, and every way of changing or forging one that must be refused. */
export async function openingCases(kzg: Kzg, srs: Srs): Promise<OpeningCase[]> {
  const cases: OpeningCase[] = [];
  const honest = async (options: FixtureOptions = {}): Promise<Candidate & Fixture> => {
    const fixture = await windowFixture(kzg, srs, options);
    return { ...fixture, opening: await openWindow(kzg, fixture) };
  };
  const put = (name: string, candidate: Candidate, verdict: OpeningCase['verdict'] = 'OPENING_PAIRING'): void => {
    cases.push({ name, candidate, verdict });
  };

  for (const open of [true, false]) {
    const kind = open ? 'open' : 'blinded';
    cases.push(...(await editCases(kind, await honest({ open, label: kind }))));
  }

  const good = await honest();
  put(
    'another parent than the statement says',
    changed(good, (o) => withPoints(o, 0, (points) => swapped(points, 0, 1))),
    'OPENING_PARENT_ID',
  );
  put(
    'another child than the statement says',
    changed(good, (o) => withPoints(o, 1, (points) => swapped(points, 0, 1))),
    'OPENING_CHILD_ID',
  );
  put(
    'another mask than the statement says',
    changed(good, (o) => ({ mask: o.positive })),
    'OPENING_MASK_ID',
  );
  put(
    'two blocks of the parent swapped',
    changed(good, (o) => withPoints(o, 0, (points) => swapped(points, 0, 1)), true),
  );
  put(
    'two blocks of the child swapped',
    changed(good, (o) => withPoints(o, 1, (points) => swapped(points, 0, 1)), true),
  );
  put(
    'two layers of the parent swapped',
    changed(good, (o) => withPoints(o, 0, (points) => [...points.slice(3), ...points.slice(0, 3)]), true),
  );
  put(
    'parent and child swapped',
    changed(good, (o) => ({ checkpoints: o.checkpoints.toReversed() }), true),
  );
  put(
    'mask and a block swapped',
    changed(good, (o) => ({ mask: o.checkpoints[1]?.[0] as Point, ...withPoints(o, 1, (points) => replaced(points, 0, o.mask)) }), true),
  );
  put(
    'S1 and S2 swapped',
    changed(good, (o) => ({ positive: o.negative, negative: o.positive })),
  );
  put(
    'pi1 and pi2 swapped',
    changed(good, (o) => ({ quotients: [o.quotients[1], o.quotients[0], o.quotients[2] as Point] })),
  );
  put(
    'pi2 and pi3 swapped',
    changed(good, (o) => ({ quotients: [o.quotients[0], o.quotients[2] as Point, o.quotients[1]] })),
  );
  put(
    'b and a swapped',
    changed(good, (o) => ({ outputs: [o.outputs[1], o.outputs[0], o.outputs[2]] })),
  );

  const other = await honest({ label: 'other' });
  put('the opening of another statement', { ...good, opening: other.opening }, 'OPENING_PARENT_ID');
  put('another window of the same checkpoints and mask', { ...good, statement: replaced(good.statement, 0, other.statement[0] as bigint) });
  for (const i of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const statement = replaced(good.statement, i, (good.statement[i] as bigint) + R);
    put(`statement word ${i} + r`, { ...good, statement }, 'OPENING_STATEMENT_RANGE');
  }

  put('no bytes', { ...good, opening: new Uint8Array() }, 'OPENING_LENGTH');
  put('a byte missing', { ...good, opening: good.opening.slice(0, -1) }, 'OPENING_LENGTH');
  put('a word missing', { ...good, opening: good.opening.slice(0, -32) }, 'OPENING_LENGTH');
  put('a byte more', { ...good, opening: Uint8Array.of(...good.opening, 0) }, 'OPENING_LENGTH');
  put('a word more', { ...good, opening: Uint8Array.of(...good.opening, ...new Uint8Array(32)) }, 'OPENING_LENGTH');
  put('all bytes zero', { ...good, opening: new Uint8Array(good.opening.length) }, 'OPENING_PARENT_ID');
  put('all bytes 255', { ...good, opening: new Uint8Array(good.opening.length).fill(255) }, 'OPENING_SCALAR_RANGE');

  put('open weights shown as blinded', { ...good, open: false }, 'OPENING_PURE_UNEXPECTED');
  put('blinded weights shown as open', { ...(await honest({ open: false })), open: true });
  put('another chain', { ...good, chainId: 1n });
  put('another verifier', { ...good, verifier: '0x0000000000000000000000000000000000000bad' });
  put('another circuit', { ...good, circuitId: `0x${'0b'.repeat(32)}` as Hex });

  // Another SRS: its points under the first one's shape, and its shape with an id that is not its own.
  const otherSrs = await testSrs(17, testTau + 1n);
  const otherKzg = await createKzg(otherSrs);
  try {
    const fixture = await windowFixture(otherKzg, otherSrs);
    const elsewhere = { ...fixture, opening: await openWindow(otherKzg, fixture) };
    put('another SRS under its own name', elsewhere, 'accepted');
    put(
      'another SRS under this one’s name',
      changed({ ...elsewhere, shape: good.shape } as Candidate, () => ({}), true),
    );
    put('an SRS id that is not its point’s', { ...elsewhere, shape: { ...elsewhere.shape, srsId: srs.id } }, 'OPENING_SHAPE_INVALID');
  } finally {
    await otherKzg.close();
  }

  // Values outside the grid of weights: refused where weights are open, without effect where they are blinded.
  for (const [where, exponent] of [
    ['beside the grid', 15],
    ['at sigma’s place', 16],
    ['above sigma', 20],
  ] as const) {
    for (const open of [true, false]) {
      const fixture = await windowFixture(kzg, srs, { open });
      const blocks = fixture.parentPoints.length;
      const junk = sourcesOf(fixture).map((p, i) => (i === blocks ? add(p, [...Array.from({ length: exponent }, () => 0n), 77n]) : p));
      const name = `${open ? 'open' : 'blinded'}: junk ${where}`;
      // E stays what the weights inside the grid give.
      const { split, pure } = algebra(fixture);
      const honestSplit = (p: Parameters<typeof split>[0]) => {
        const { constant, ...parts } = split({ ...p, sources: junk });
        return { sources: junk, ...parts, constant };
      };
      put(`${name}, evaluated honestly`, await forge(fixture, { first: honestSplit }, 0n), open ? 'OPENING_PAIRING' : 'accepted');
      if (!open) continue;
      const hidden = await forge(
        fixture,
        {
          first: (p) => {
            const { constant, ...parts } = honestSplit(p);
            return { ...parts, pureClaim: mod(constant - p.outputs[2]) };
          },
        },
        0n,
      );
      put(`${name}, claimed as if it were not there`, hidden);
      // A control that the trick shifts exactly what it should.
      if (evaluate(pure({ ...partsOf(fixture), sources: junk }), fixture.outputs[0]) === 0n) throw new Error('the junk is invisible');
    }
  }

  // A mask chosen when a is known makes any E true; only the statement's maskId, which b and so a depend on, stands against it.
  {
    const fixture = await windowFixture(kzg, srs, { label: 'late mask' });
    const [b, a] = fixture.outputs;
    const wanted = 4242n;
    const zeroMask = replaced(fixture.mask, 0, 0n);
    const missing = mod(wanted - claimOf(fixture.sizes, fixture.parent, fixture.child, zeroMask, a, b));
    const unit = mod(
      claimOf(
        fixture.sizes,
        zeroWeights(fixture.sizes),
        zeroWeights(fixture.sizes),
        replaced(
          zeroMask.map(() => 0n),
          0,
          1n,
        ),
        a,
        b,
      ),
    );
    const mask = replaced(zeroMask, 0, mod(missing * inv(unit)));
    const late = await windowFixture(kzg, srs, { label: 'late mask', mask, outputs: [b, a] });
    if (late.outputs[2] !== wanted) throw new Error('the late mask misses its claim');
    const opening = await openWindow(kzg, late);
    put('a mask chosen after a, under its own id', { ...late, opening }, 'accepted');
    put('a mask chosen after a, under the statement', { ...late, opening, statement: fixture.statement }, 'OPENING_MASK_ID');
  }

  for (const { name, make } of weakForgeries(kzg, srs)) {
    put(`weak challenges: ${name}`, await make(true));
    put(`real challenges: ${name}`, await make(false));
  }
  return cases;
}

function partsOf(fixture: Fixture) {
  return {
    sources: sourcesOf(fixture),
    outputs: fixture.outputs,
    positive: [],
    negative: [],
    pureClaim: 0n,
    negativeValue: 0n,
    quotients: [[], [], []] as const,
  };
}
