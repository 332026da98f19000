import type { Hex } from 'viem';
import { blocksOf } from '../../src/commitment/blocks.ts';
import { inv, mod, R } from '../../src/commitment/field.ts';
import { createKzg, type Kzg, type Point } from '../../src/commitment/kzg.ts';
import type { Opening } from '../../src/commitment/openingBytes.ts';
import type { Srs } from '../../src/commitment/srs.ts';
import { type OneCheckpointFixture, type OneCheckpointOptions, oneCheckpointFixture, openFixture } from './oneCheckpointFixture.ts';
import type { Candidate } from './openingCandidate.ts';
import { changed, editCases, type OpeningCase, replaced, swapped, withPoints } from './openingCases.ts';
import { zeroWeights } from './openingFixture.ts';
import { add, algebra, forge, type Parts, type Poly, sourcesOf } from './openingForger.ts';
import { weakForgeries } from './openingForgeries.ts';
import { testSrs, testTau } from './srs.ts';

const monomial = (exponent: number, factor: bigint): Poly => [...Array.from({ length: exponent }, () => 0n), factor];

/** Honest openings of one checkpoint, and every way of changing or forging one that must be refused. */
export async function oneCheckpointCases(kzg: Kzg, srs: Srs, kind: 'inference' | 'well-formed'): Promise<OpeningCase[]> {
  const cases: OpeningCase[] = [];
  const put = (name: string, candidate: Candidate, verdict: OpeningCase['verdict'] = 'OPENING_PAIRING'): void => {
    cases.push({ name: `${kind}, ${name}`, candidate, verdict });
  };
  const fixtureOf = (options: OneCheckpointOptions = {}) => oneCheckpointFixture(kzg, srs, kind, options);
  const honest = async (options: OneCheckpointOptions = {}): Promise<OneCheckpointFixture & Candidate> => {
    const fixture = await fixtureOf(options);
    return { ...fixture, opening: await openFixture(kzg, fixture) };
  };

  const good = await honest();
  cases.push(...(await editCases(`${kind}, blinded`, good)));
  put('open weights: honest', await honest({ blinded: false }), 'accepted');
  put('one block a layer: honest', await honest({ blockLog: 6 }), 'accepted');
  put('one layer: honest', await honest({ sizes: [7, 3] }), 'accepted');
  put('no weights at all: honest', await honest({ weights: zeroWeights([6, 5, 3]) }), 'accepted');

  const moved = (change: (o: Opening) => Partial<Opening>, ids = true): Candidate => changed(good, change, ids);
  const first = (o: Opening): Point => o.checkpoints[0]?.[0] as Point;
  const swap = (o: Opening): Partial<Opening> => withPoints(o, 0, (points) => swapped(points, 0, 1));
  put('another checkpoint than the statement says', moved(swap, false), 'OPENING_CHECKPOINT_ID');
  put(
    'another mask than the statement says',
    moved((o) => ({ mask: o.positive }), false),
    'OPENING_MASK_ID',
  );
  put('two blocks swapped', moved(swap));
  put(
    'two layers swapped',
    moved((o) => withPoints(o, 0, (points) => [...points.slice(3), ...points.slice(0, 3)])),
  );
  put(
    'mask and a block swapped',
    moved((o) => ({ mask: first(o), ...withPoints(o, 0, (points) => replaced(points, 0, o.mask)) })),
  );
  put(
    'S1 and S2 swapped',
    moved((o) => ({ positive: o.negative, negative: o.positive })),
  );
  put(
    'pi1 and pi2 swapped',
    moved((o) => ({ quotients: [o.quotients[1], o.quotients[0]] })),
  );
  put(
    'b and a swapped',
    moved((o) => ({ outputs: [o.outputs[1], o.outputs[0], o.outputs[2]] })),
  );

  const other = await honest({ label: `another ${kind}` });
  put('the opening of another statement', { ...good, opening: other.opening }, 'OPENING_CHECKPOINT_ID');
  const free = kind === 'inference' ? [0, 3, 4, 5] : [0];
  for (const i of free) {
    const statement = replaced(good.statement, i, other.statement[i] as bigint);
    put(`the opening of a statement with another word ${i}`, { ...good, statement });
  }
  for (const [i, word] of good.statement.entries()) {
    put(`statement word ${i} + r`, { ...good, statement: replaced(good.statement, i, word + R) }, 'OPENING_STATEMENT_RANGE');
  }
  put('a statement with a word less', { ...good, statement: good.statement.slice(0, -1) }, 'OPENING_STATEMENT_RANGE');
  put('a statement with a word more', { ...good, statement: [...good.statement, 0n] }, 'OPENING_STATEMENT_RANGE');

  put('no bytes', { ...good, opening: new Uint8Array() }, 'OPENING_LENGTH');
  put('a byte missing', { ...good, opening: good.opening.slice(0, -1) }, 'OPENING_LENGTH');
  put('a word missing', { ...good, opening: good.opening.slice(0, -32) }, 'OPENING_LENGTH');
  put('a byte more', { ...good, opening: Uint8Array.of(...good.opening, 0) }, 'OPENING_LENGTH');
  put('room for purity, as windows have it', { ...good, opening: Uint8Array.of(...good.opening, ...new Uint8Array(96)) }, 'OPENING_LENGTH');
  put('all bytes zero', { ...good, opening: new Uint8Array(good.opening.length) }, 'OPENING_CHECKPOINT_ID');
  put('all bytes 255', { ...good, opening: new Uint8Array(good.opening.length).fill(255) }, 'OPENING_SCALAR_RANGE');

  put('another chain', { ...good, chainId: 1n });
  put('another verifier', { ...good, verifier: '0x0000000000000000000000000000000000000bad' });
  put('another circuit', { ...good, circuitId: `0x${'0b'.repeat(32)}` as Hex });

  const otherSrs = await testSrs(17, testTau + 1n);
  const otherKzg = await createKzg(otherSrs);
  try {
    const fixture = await oneCheckpointFixture(otherKzg, otherSrs, kind);
    const elsewhere = { ...fixture, opening: await openFixture(otherKzg, fixture) };
    put('another SRS under its own name', elsewhere, 'accepted');
    put(
      'another SRS under this one’s name',
      changed({ ...elsewhere, shape: good.shape } as Candidate, () => ({}), true),
    );
    const misnamed = { ...elsewhere, shape: { ...elsewhere.shape, srsId: srs.id } } as Candidate;
    put('an SRS id that is not its point’s', misnamed, 'OPENING_SHAPE_INVALID');
  } finally {
    await otherKzg.close();
  }

  // Other polynomials under the honest E: what is outside the grids, or not claimed, does not count.
  const over = async (fixture: OneCheckpointFixture, source: number, change: Poly): Promise<Candidate> => {
    const sources = sourcesOf(fixture).map((p, i) => (i === source ? add(p, change) : p));
    return forge(fixture, { first: (p) => ({ sources, ...withoutConstant(fixture, { ...p, sources }) }) }, 0n);
  };
  for (const [where, exponent] of [
    ['beside the grid', 15],
    ['at sigma’s place', 16],
    ['above sigma', 20],
  ] as const) {
    put(`junk ${where}`, await over(await fixtureOf(), 0, monomial(exponent, 77n)), 'accepted');
  }
  put('a weight that is not the one of E', await over(await fixtureOf(), 0, monomial(2, 1n)));
  // The opening knows no bounds of weights: the well-formed circuit does.
  const huge = mod(R - 5n * inv(7n));
  put('a weight of field size in its E', await largeWeight(await fixtureOf(), huge), 'accepted');

  // A mask chosen when a is known makes any E true; only the statement's maskId, which b and so a depend on, stands against it.
  {
    const fixture = await fixtureOf({ label: `late mask of ${kind}` });
    const [b, a] = fixture.outputs;
    const wanted = 4242n;
    const slope = mod((await withMask(fixture, 1n)).outputs[2] - (await withMask(fixture, 0n)).outputs[2]);
    const late = await withMask(fixture, mod((wanted - (await withMask(fixture, 0n)).outputs[2]) * inv(slope)));
    if (late.outputs[2] !== wanted || late.outputs[0] !== b || late.outputs[1] !== a) throw new Error('the late mask misses its claim');
    const opening = await openFixture(kzg, late);
    put('a mask chosen after a, under its own id', { ...late, opening }, 'accepted');
    put('a mask chosen after a, under the statement', { ...late, opening, statement: fixture.statement }, 'OPENING_MASK_ID');
  }

  if (kind === 'well-formed') {
    const blocks = blocksOf(good.sizes, good.blockLog).length;
    if (blocks !== 5) throw new Error('the segments below are those of 5 blocks');
    put('the second segment: honest', await honest({ segment: 1 }), 'accepted');
    put('the last segment, of one block: honest', await honest({ segment: 2 }), 'accepted');
    put('a segment of more blocks than there are: honest', await honest({ blocksPerProof: 64 }), 'accepted');
    put('another segment', { ...good, statement: replaced(good.statement, 3, 1n) });
    put('the segment behind the last', { ...good, statement: replaced(good.statement, 3, 3n) }, 'OPENING_SEGMENT_RANGE');
    put('a segment beyond every integer', { ...good, statement: replaced(good.statement, 3, R - 1n) }, 'OPENING_SEGMENT_RANGE');
    put('another weight in a segment that is not claimed', await over(await fixtureOf(), 2, monomial(1, huge)), 'accepted');
    put('another weight in the claimed segment', await over(await fixtureOf({ segment: 1 }), 2, monomial(1, huge)));
  }

  for (const { name, make } of weakForgeries(kzg, srs, kind)) {
    put(`weak challenges: ${name}`, await make(true));
    put(`real challenges: ${name}`, await make(false));
  }
  return cases;

  async function withMask(fixture: OneCheckpointFixture, constant: bigint): Promise<OneCheckpointFixture> {
    const [b, a] = fixture.outputs;
    return fixtureOf({ label: `late mask of ${kind}`, mask: replaced(fixture.mask, 0, constant), outputs: [b, a] });
  }
}

/** Honest S1 and S2 of polynomials whose claims need not be E. */
function withoutConstant(fixture: OneCheckpointFixture, parts: Parts): Partial<Parts> {
  const { constant: _, ...split } = algebra(fixture).split(parts);
  return split;
}

/** An opening whose first block has a field element as a weight, and whose E says so. */
async function largeWeight(fixture: OneCheckpointFixture, weight: bigint): Promise<Candidate> {
  const sources = sourcesOf(fixture).map((p, i) => (i === 0 ? add(p, [weight]) : p));
  const [b, a] = fixture.outputs;
  return forge(
    fixture,
    {
      first: (parts) => {
        const { constant, ...split } = algebra(fixture).split({ ...parts, sources });
        return { sources, outputs: [b, a, constant], ...split };
      },
    },
    0n,
  );
}
