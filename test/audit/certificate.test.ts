import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Claim, claimProblem, correctOf, reliabilityOf, samplesOf } from '../../src/audit/claims.ts';
import type { CountsCertificate } from '../../src/audit/counts/countsCertificate.ts';
import { decodeCertificate, encodeCertificate, encodeCertificateCbor } from '../../src/audit/encodeCertificate.ts';
import { wordOf } from '../../src/audit/verdict.ts';
import { auditIdOf, auditSetId, drawChunks } from '../../src/commitment/ids.ts';
import { unpack } from '../../src/commitment/packing.ts';
import type { AuditSet } from '../../src/data/auditSet.ts';
import type { CommittedModel } from '../../src/proof/inference/proveInference.ts';
import { type AuditWorld, auditWorld } from '../utils/auditWorld.ts';
import { codeOf } from '../utils/codeOf.ts';
import { flip, plusOne } from '../utils/forgedHex.ts';

let world: AuditWorld;
let model: CommittedModel;
let set: AuditSet;
let other: CountsCertificate;
let good: CountsCertificate;
let counts: { classes: number; groups: number; bins: number; counts: number[] };

/** What the audited model does, of each kind the most that is true, and one sample more. */
const claims: readonly (readonly [Claim, Claim, string])[] = [
  [{ kind: 'accuracy', atLeast: 4, of: 8 }, { kind: 'accuracy', atLeast: 5, of: 8 }, '4 of 8 answers are right'],
  [{ kind: 'recall', class: 1, atLeast: 1, of: 5 }, { kind: 'recall', class: 1, atLeast: 2, of: 5 }, '1 of 5 answers are right'],
  [
    { kind: 'calibration', margin: 1, atLeast: 2, of: 4 },
    { kind: 'calibration', margin: 1, atLeast: 3, of: 4 },
    '2 of 4 answers are right',
  ],
  [
    { kind: 'parity', class: 1, atMost: { numerator: 1, denominator: 7 } },
    { kind: 'parity', class: 1, atMost: { numerator: 0, denominator: 7 } },
    'groups 0 and 1 differ by more than 0/7',
  ],
  [
    { kind: 'equal-opportunity', class: 1, atMost: { numerator: 1, denominator: 4 } },
    { kind: 'equal-opportunity', class: 1, atMost: { numerator: 0, denominator: 4 } },
    'groups 0 and 1 differ by more than 0/4',
  ],
];

beforeAll(async () => {
  world = await auditWorld([4000]);
  model = await world.commit('audited');
  set = world.cut('certificate');
  counts = { classes: 2, groups: 2, bins: 2, counts: world.counts(model, set) };
  good = await world.make(
    model,
    set,
    claims.map(([truth]) => truth),
  );
  // The same labels, but one sample is told to be of the other group.
  other = await world.make(
    model,
    world.cut('certificate', 8, (_labels, groups) => {
      groups[0] = 1 - (groups[0] as number);
    }),
    [],
  );
}, 600_000);

afterAll(async () => {
  await world.honk.close();
});

/** An altered copy; ids that follow from the fields are redone, so that the lie is the only thing that is wrong. */
function altered(change: (copy: CountsCertificate) => void, from: CountsCertificate = good): CountsCertificate {
  const copy = structuredClone(from);
  change(copy);
  const { audit } = copy;
  copy.set.setId = wordOf(auditSetId({ ...copy.set, root: BigInt(copy.set.root) }));
  copy.audit.auditId = auditIdOf({
    chainId: BigInt(audit.chainId),
    registry: audit.registry as `0x${string}`,
    opener: audit.opener as `0x${string}`,
    circuitId: copy.circuit.circuitId as `0x${string}`,
    checkpointId: BigInt(copy.checkpointId),
    setId: BigInt(copy.set.setId),
    wellFormedCircuitId: copy.wellFormed.circuit.circuitId as `0x${string}`,
    draws: audit.draws,
    nonce: BigInt(audit.nonce),
  });
  return copy;
}

test('an honest certificate is valid, and says what only a chain can show', async () => {
  expect(await world.verify(good)).toEqual({ valid: true, failures: [], open: [expect.stringContaining('no chain')], ceremony: 'dev' });
  expect(samplesOf(counts)).toBe(8);
  expect(good.counts).toEqual(counts.counts);
  expect((await world.verify(altered(() => undefined))).valid).toBe(true);
  expect((await world.verify(other)).valid).toBe(true);
}, 600_000);

test('a draw takes its chunks and no others', async () => {
  const seed = `0x${'5a'.repeat(32)}` as const;
  const drawn = await world.make(model, set, [], { draw: { draws: 2, seed } });
  expect(drawn.chunks).toHaveLength(2);
  expect((await world.verify(drawn)).valid).toBe(true);
  // Of a seed that would have drawn others.
  const those = JSON.stringify(drawn.chunks.map(({ chunk }) => chunk));
  const seeds = Array.from({ length: 16 }, (_, i) => `0x${i.toString(16).padStart(64, '0')}` as const);
  const elsewhere = seeds.find((given) => JSON.stringify(drawChunks(given, 3, 2).sort()) !== those) as string;
  expect(
    (
      await world.verify(
        altered((c) => {
          c.audit.seed = elsewhere;
        }, drawn),
      )
    ).failures,
  ).toEqual([expect.stringContaining('its chunks are not those')]);
  // Proved for a draw they are no proofs of the whole, and the other way round.
  const told = async (audit: object, from: CountsCertificate) =>
    (await world.verify(altered((c) => void Object.assign(c.audit, audit), from))).failures;
  const notThose = 'its chunks are not those of the audit, each once, in order';
  const refused = (of: CountsCertificate): string[] => of.chunks.map(({ chunk }) => `the verifier refuses the proof of chunk ${chunk}`);
  expect(await told({ draws: 0, seed: null }, drawn)).toEqual([notThose, ...refused(drawn)]);
  expect(await told({ draws: 2, seed }, good)).toEqual([notThose, ...refused(good)]);
  expect(await codeOf(() => world.make(model, set, [], { draw: { draws: 3, seed } }))).toBe('AUDIT_DRAW_INVALID');
}, 600_000);

test('a model that fails a statement by one sample gets no certificate of it', async () => {
  for (const [, lie, why] of claims) {
    const error = await world.make(model, set, [lie]).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'AUDIT_CLAIM_FALSE', message: expect.stringContaining(why) });
  }
  // Written in all the same they are refused, each; the true ones beside them stay true.
  const { failures } = await world.verify(altered((c) => void c.claims.push(...claims.map(([, lie]) => lie))));
  expect(failures).toEqual(claims.map(([, { kind }, why]) => expect.stringMatching(`^${kind}: ${why}`)));
  // Of one sample less, too.
  const fewer = await world.verify(altered((c) => void c.claims.push({ kind: 'calibration', margin: 1, atLeast: 2, of: 3 })));
  expect(fewer.failures).toEqual(['calibration: the counts are of 4 samples, not 3']);
}, 600_000);

describe('claims', () => {
  // Two groups of ten: group 0 gets answer 1 six times (five of six whose class it is), group 1 four times (three of five).
  const table = { classes: 2, groups: 2, counts: [3, 1, 1, 5, 4, 1, 2, 3] };
  const ratio = (numerator: number, denominator: number) => ({ numerator, denominator });
  const cases: readonly (readonly [Claim, boolean])[] = [
    [{ kind: 'accuracy', atLeast: 15, of: 20 }, true],
    [{ kind: 'accuracy', atLeast: 16, of: 20 }, false],
    [{ kind: 'accuracy', atLeast: 15, of: 19 }, false],
    [{ kind: 'recall', class: 1, atLeast: 8, of: 11 }, true],
    [{ kind: 'recall', class: 1, atLeast: 9, of: 11 }, false],
    [{ kind: 'recall', class: 2, atLeast: 0, of: 0 }, false],
    [{ kind: 'calibration', margin: 1, atLeast: 0, of: 0 }, false],
    [{ kind: 'parity', class: 1, atMost: ratio(2, 10) }, true],
    [{ kind: 'parity', class: 1, atMost: ratio(199_999_999, 1_000_000_000) }, false],
    [{ kind: 'equal-opportunity', class: 1, atMost: ratio(7, 30) }, true],
    [{ kind: 'equal-opportunity', class: 1, atMost: ratio(6, 30) }, false],
  ];
  test.each(cases)('%j: %s', (claim, holds) => {
    expect(claimProblem(claim, table) === undefined).toBe(holds);
  });

  test('calibration counts the samples whose margin reaches a threshold', () => {
    // Of each label and answer: below the first threshold, between the two, above.
    const told = { classes: 2, groups: 1, bins: 3, counts: [1, 2, 30, 4, 5, 6, 7, 8, 9, 10, 11, 120] };
    const cases = [
      [{ margin: 1, atLeast: 163, of: 191 }, true],
      [{ margin: 1, atLeast: 164, of: 191 }, false],
      [{ margin: 1, atLeast: 163, of: 192 }, false],
      [{ margin: 2, atLeast: 150, of: 165 }, true],
      [{ margin: 2, atLeast: 151, of: 165 }, false],
      [{ margin: 3, atLeast: 0, of: 0 }, false],
    ] as const;
    for (const [claim, holds] of cases) {
      expect(claimProblem({ kind: 'calibration', ...claim }, told) === undefined, JSON.stringify(claim)).toBe(holds);
    }
    expect(reliabilityOf(told)).toEqual([
      { hits: 11, samples: 22 },
      { hits: 13, samples: 26 },
      { hits: 150, samples: 165 },
    ]);
    expect(samplesOf(told)).toBe(213);
    expect(correctOf(told)).toBe(174);
  });

  test('without groups, or with an empty one, nothing is compared', () => {
    const claim: Claim = { kind: 'parity', class: 1, atMost: ratio(1, 1) };
    expect(claimProblem(claim, { classes: 2, groups: 1, counts: [1, 2, 3, 4] })).toContain('no groups');
    expect(claimProblem(claim, { classes: 2, groups: 2, counts: [1, 2, 3, 4, 0, 0, 0, 0] })).toContain('no samples');
    expect(claimProblem(claim, table)).toBeUndefined();
  });
});

describe('a forged certificate is refused', () => {
  type Lie = readonly [name: string, why: readonly string[], change: (c: CountsCertificate) => void];
  const lie = (...one: Lie): Lie => one;
  const thresholds = 'its circuit tells margins apart by other thresholds';
  const chunks = 'its chunks are not those of the audit, each once, in order';
  const sum = 'its counts are not the sum of its chunks';
  const cut = 'its circuit is for sets of another cut or of other labels';
  const circuit = 'it names another audit circuit, or other verifier code, than this package builds';
  const refused = (...of: number[]): string[] => of.map((chunk) => `the verifier refuses the proof of chunk ${chunk}`);
  const segment = (of: number): string => `the verifier refuses that segment ${of} is well-formed`;
  /** The counts of all follow from those of the chunks, and nothing is claimed of them: it is the chunks that are false. */
  const summed = (c: CountsCertificate): void => {
    const each = c.chunks.map((one) => unpack(one.counts.map(BigInt), 16, counts.counts.length));
    c.counts = counts.counts.map((_, k) => each.reduce((total, values) => total + (values[k] as number), 0));
    c.claims = [];
  };
  const first = (c: CountsCertificate): CountsCertificate['chunks'][number] => c.chunks[0] as CountsCertificate['chunks'][number];
  const forged = [
    lie('other thresholds', [thresholds], (c) => {
      c.thresholds = [3999];
    }),
    lie('no thresholds', [thresholds], (c) => {
      c.thresholds = [];
    }),
    lie('a sample moved to a higher bin', [sum], (c) => {
      const from = c.counts.findIndex((count, k) => k % 2 === 0 && count > 0);
      (c.counts[from] as number) -= 1;
      (c.counts[from + 1] as number) += 1;
    }),
    lie('the counts of all', [sum], (c) => {
      (c.counts[0] as number) += 1;
    }),
    lie('the counts of a chunk, and of all', refused(0), (c) => {
      first(c).counts[0] = plusOne(first(c).counts[0] as string);
      summed(c);
    }),
    lie('counts moved between chunks', refused(0, 2), (c) => {
      const last = c.chunks[2] as CountsCertificate['chunks'][number];
      const from = unpack(last.counts.map(BigInt), 16, counts.counts.length).findIndex((count) => count > 0);
      const one = 1n << BigInt(16 * from);
      first(c).counts[0] = wordOf(BigInt(first(c).counts[0] as string) + one);
      last.counts[0] = wordOf(BigInt(last.counts[0] as string) - one);
      summed(c);
      expect(c.counts).toEqual(good.counts);
    }),
    lie('a chunk left out', [chunks], (c) => {
      c.chunks.pop();
      summed(c);
    }),
    lie('a chunk left out, of a set that is said to have one less', refused(0, 1), (c) => {
      c.chunks.pop();
      c.set.chunks = 2;
      summed(c);
    }),
    lie('a chunk twice', [chunks], (c) => {
      c.chunks.push(structuredClone(first(c)));
      summed(c);
    }),
    lie('a chunk in the place of another', refused(1), (c) => {
      c.chunks[1] = { ...structuredClone(first(c)), chunk: 1 };
      summed(c);
    }),
    lie('chunks in another order', [chunks], (c) => void c.chunks.reverse()),
    lie('a leaf that repeats a chunk', refused(0, 1, 2, 3), (c) => {
      c.chunks.push({ ...structuredClone(first(c)), chunk: 3 });
      c.set.chunks = 4;
      summed(c);
    }),
    lie('the proof of a chunk', refused(0), (c) => {
      first(c).proof = flip(first(c).proof, 500);
    }),
    lie('the opening of a chunk', refused(0), (c) => {
      first(c).opening = flip(first(c).opening, 65);
    }),
    lie('the mask of a chunk', refused(0), (c) => {
      first(c).maskId = plusOne(first(c).maskId);
    }),
    lie('another checkpoint', [...refused(0, 1, 2), segment(0)], (c) => {
      c.checkpointId = plusOne(c.checkpointId);
    }),
    lie('another root', refused(0, 1, 2), (c) => {
      c.set.root = plusOne(c.set.root);
    }),
    lie('the root of the set with a group mislabelled', refused(0, 1, 2), (c) => {
      c.set.root = other.set.root;
    }),
    lie('a chunk of the set with a group mislabelled', refused(0), (c) => {
      c.chunks[0] = structuredClone(first(other));
      summed(c);
    }),
    lie('another depth', [cut, ...refused(0, 1, 2)], (c) => {
      c.set.depth = 3;
    }),
    lie('more samples a chunk', [cut, ...refused(0, 1, 2)], (c) => {
      c.set.samples = 4;
    }),
    lie('classes and groups exchanged', [cut, ...refused(0, 1, 2)], (c) => {
      c.set.classes = 4;
      c.set.groups = 1;
    }),
    lie('another opener', refused(0, 1, 2), (c) => {
      c.audit.opener = `0x${'11'.repeat(20)}`;
    }),
    lie('another registry', refused(0, 1, 2), (c) => {
      c.audit.registry = `0x${'11'.repeat(20)}`;
    }),
    lie('another nonce', refused(0, 1, 2), (c) => {
      c.audit.nonce = plusOne(c.audit.nonce);
    }),
    lie('another chain', [...refused(0, 1, 2), segment(0)], (c) => {
      c.audit.chainId = 1;
    }),
    lie('another circuit', [circuit, ...refused(0, 1, 2)], (c) => {
      c.circuit.circuitId = plusOne(c.circuit.circuitId);
    }),
    lie('another verifier', [circuit], (c) => {
      c.circuit.statementVerifierCodeHash = plusOne(c.circuit.statementVerifierCodeHash);
    }),
    lie('another key', [circuit], (c) => {
      c.circuit.proofVerifierCodeHash = plusOne(c.circuit.proofVerifierCodeHash);
    }),
    lie(
      'no segment well-formed but one that is not there',
      ['2 of 1 segments are shown to be well-formed', segment(1)],
      (c) => void c.wellFormed.segments.push(structuredClone(c.wellFormed.segments[0]) as never),
    ),
    lie('another proof of well-formed weights', [segment(0)], (c) => {
      const segment = c.wellFormed.segments[0] as CountsCertificate['wellFormed']['segments'][number];
      segment.proof = flip(segment.proof, 700);
    }),
    lie('well-formed for another registry', [segment(0)], (c) => {
      c.wellFormed.registry = `0x${'11'.repeat(20)}`;
    }),
    lie('the public ceremony', ['its proofs are of the dev ceremony, it says public'], (c) => {
      c.ceremony = 'public';
    }),
    lie('a seed where nothing is drawn', ['a draw has a seed and takes fewer chunks than there are; a whole set has none', chunks], (c) => {
      c.audit.seed = plusOne(c.set.root);
    }),
  ];
  test.each(forged)(
    '%s',
    async (_name, why, change) => {
      const certificate = altered(change);
      // It can be written and read: it is its content that is refused.
      expect(decodeCertificate(encodeCertificate(certificate))).toEqual(certificate);
      const { valid, failures } = await world.verify(certificate);
      expect([valid, failures]).toEqual([false, why]);
    },
    600_000,
  );

  test('ids that are not those of their fields', async () => {
    for (const change of [
      (c: CountsCertificate) => {
        c.set.setId = plusOne(c.set.setId);
      },
      (c: CountsCertificate) => {
        c.audit.auditId = plusOne(c.audit.auditId);
      },
    ]) {
      const copy = structuredClone(good);
      change(copy);
      expect((await world.verify(copy)).failures).toEqual([expect.stringContaining('is not that of its fields')]);
    }
  }, 600_000);
});

describe('the file', () => {
  test('is canonical in both forms', () => {
    const json = encodeCertificate(good);
    const cbor = encodeCertificateCbor(good);
    expect(decodeCertificate(json)).toEqual(good);
    expect(decodeCertificate(cbor)).toEqual(good);
    expect(cbor.length).toBeLessThan(0.6 * json.length);
  });

  test('anything else is refused', async () => {
    const text = new TextDecoder().decode(encodeCertificate(good));
    const refused = [
      '',
      '{}',
      text.trim(),
      `${text}\n`,
      JSON.stringify(good),
      text.replace('"version": 1', '"version": 2'),
      text.replace('"version": 1,', '"version": 1,\n  "note": "x",'),
      text.replace('Another model may be in use.', 'No other model is in use.'),
      text.replace(good.set.root, good.set.root.toUpperCase().replace('0X', '0x')),
    ];
    for (const bad of refused) {
      expect(await codeOf(() => decodeCertificate(new TextEncoder().encode(bad))), bad.slice(0, 40)).toBe('AUDIT_CERTIFICATE_MALFORMED');
    }
    const cbor = encodeCertificateCbor(good);
    for (const bad of [cbor.slice(0, -1), Uint8Array.of(...cbor, 0), cbor.with(0, (cbor[0] as number) ^ 1)]) {
      expect(await codeOf(() => decodeCertificate(bad))).toBe('AUDIT_CERTIFICATE_MALFORMED');
    }
  });
});
