import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Claim, claimProblem, correctOf, samplesOf } from '../../src/audit/claims.ts';
import type { CountsCertificate } from '../../src/audit/counts/countsCertificate.ts';
import { decodeCertificate, encodeCertificate, encodeCertificateCbor } from '../../src/audit/encodeCertificate.ts';
import { auditIdOf, auditSetId, drawChunks } from '../../src/commitment/ids.ts';
import type { AuditSet } from '../../src/data/auditSet.ts';
import type { CommittedModel } from '../../src/proof/inference/proveInference.ts';
import { type AuditWorld, auditWorld } from '../utils/auditWorld.ts';
import { codeOf } from '../utils/codeOf.ts';

let world: AuditWorld;
let model: CommittedModel;
let set: AuditSet;
let other: CountsCertificate;
let good: CountsCertificate;
let counts: { classes: number; groups: number; counts: number[] };
let accuracy: { kind: 'accuracy'; atLeast: number; of: number };

beforeAll(async () => {
  world = await auditWorld();
  model = await world.commit('audited');
  set = world.cut('certificate');
  counts = { classes: 2, groups: 2, counts: world.counts(model, set) };
  accuracy = { kind: 'accuracy', atLeast: correctOf(counts), of: 8 };
  good = await world.make(model, set, [accuracy]);
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
  const word = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`;
  const { audit } = copy;
  copy.set.setId = word(auditSetId({ ...copy.set, root: BigInt(copy.set.root) }));
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

const flip = (hex: string, at: number): string => hex.slice(0, at) + (hex[at] === '0' ? '1' : '0') + hex.slice(at + 1);
const plusOne = (hex: string): string => `0x${(BigInt(hex) + 1n).toString(16).padStart(64, '0')}`;

test('an honest certificate is valid, and says what only a chain can show', async () => {
  expect(await world.verify(good)).toEqual({ valid: true, failures: [], open: [expect.stringContaining('no chain')], ceremony: 'dev' });
  expect(samplesOf(counts)).toBe(8);
  expect(good.counts).toEqual(counts.counts);
  expect((await world.verify(altered(() => undefined))).valid).toBe(true);
  expect((await world.verify(other)).valid).toBe(true);
});

test('a draw takes its chunks and no others', async () => {
  const seed = `0x${'5a'.repeat(32)}` as const;
  const drawn = await world.make(model, set, [], { draw: { draws: 2, seed } });
  expect(drawn.chunks).toHaveLength(2);
  expect((await world.verify(drawn)).valid).toBe(true);
  // Of a seed that would have drawn others.
  const told = JSON.stringify(drawn.chunks.map(({ chunk }) => chunk));
  const seeds = Array.from({ length: 16 }, (_, i) => `0x${i.toString(16).padStart(64, '0')}` as const);
  const elsewhere = seeds.find((given) => JSON.stringify(drawChunks(given, 3, 2).sort()) !== told) as string;
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
  expect((await world.verify(altered((c) => void Object.assign(c.audit, { draws: 0, seed: null }), drawn))).valid).toBe(false);
  expect((await world.verify(altered((c) => void Object.assign(c.audit, { draws: 2, seed }), good))).valid).toBe(false);
  expect(await codeOf(() => world.make(model, set, [], { draw: { draws: 3, seed } }))).toBe('AUDIT_DRAW_INVALID');
});

test('one right answer more than there are: no certificate', async () => {
  const more = { ...accuracy, atLeast: accuracy.atLeast + 1 };
  expect(await codeOf(() => world.make(model, set, [more]))).toBe('AUDIT_CLAIM_FALSE');
  // Written in all the same, it is refused; the true one beside it stays true.
  const { failures } = await world.verify(altered((c) => void c.claims.push(more)));
  expect(failures).toEqual([`accuracy: ${accuracy.atLeast} of 8 answers are right, fewer than ${more.atLeast}`]);
});

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
    [{ kind: 'parity', class: 1, atMost: ratio(2, 10) }, true],
    [{ kind: 'parity', class: 1, atMost: ratio(199_999_999, 1_000_000_000) }, false],
    [{ kind: 'equal-opportunity', class: 1, atMost: ratio(7, 30) }, true],
    [{ kind: 'equal-opportunity', class: 1, atMost: ratio(6, 30) }, false],
  ];
  test.each(cases)('%j: %s', (claim, holds) => {
    expect(claimProblem(claim, table) === undefined).toBe(holds);
  });

  test('without groups, or with an empty one, nothing is compared', () => {
    const claim: Claim = { kind: 'parity', class: 1, atMost: ratio(1, 1) };
    expect(claimProblem(claim, { classes: 2, groups: 1, counts: [1, 2, 3, 4] })).toContain('no groups');
    expect(claimProblem(claim, { classes: 2, groups: 2, counts: [1, 2, 3, 4, 0, 0, 0, 0] })).toContain('no samples');
    expect(claimProblem(claim, table)).toBeUndefined();
  });
});

describe('a forged certificate is refused', () => {
  const lie = (name: string, change: (c: CountsCertificate) => void): [string, (c: CountsCertificate) => void] => [name, change];
  const first = (c: CountsCertificate): CountsCertificate['chunks'][number] => c.chunks[0] as CountsCertificate['chunks'][number];
  const forged = [
    lie('the counts of all', (c) => {
      (c.counts[0] as number) += 1;
    }),
    lie('the counts of a chunk, and of all', (c) => {
      first(c).counts[0] = plusOne(first(c).counts[0] as string);
      (c.counts[0] as number) += 1;
    }),
    lie('counts moved between chunks', (c) => {
      first(c).counts[0] = plusOne(first(c).counts[0] as string);
      const last = c.chunks[2] as CountsCertificate['chunks'][number];
      last.counts[0] = `0x${(BigInt(last.counts[0] as string) - 1n).toString(16).padStart(64, '0')}`;
    }),
    lie('a chunk left out', (c) => void c.chunks.pop()),
    lie('a chunk left out, of a set that is said to have one less', (c) => {
      c.chunks.pop();
      c.set.chunks = 2;
    }),
    lie('a chunk twice', (c) => void c.chunks.push(structuredClone(first(c)))),
    lie('a chunk in the place of another', (c) => {
      c.chunks[1] = { ...structuredClone(first(c)), chunk: 1 };
    }),
    lie('chunks in another order', (c) => void c.chunks.reverse()),
    lie('a leaf that repeats a chunk', (c) => {
      c.chunks.push({ ...structuredClone(first(c)), chunk: 3 });
      c.set.chunks = 4;
    }),
    lie('the proof of a chunk', (c) => {
      first(c).proof = flip(first(c).proof, 500);
    }),
    lie('the opening of a chunk', (c) => {
      first(c).opening = flip(first(c).opening, 65);
    }),
    lie('the mask of a chunk', (c) => {
      first(c).maskId = plusOne(first(c).maskId);
    }),
    lie('another checkpoint', (c) => {
      c.checkpointId = plusOne(c.checkpointId);
    }),
    lie('another root', (c) => {
      c.set.root = plusOne(c.set.root);
    }),
    lie('the root of the set with a group mislabelled', (c) => {
      c.set.root = other.set.root;
    }),
    lie('a chunk of the set with a group mislabelled', (c) => {
      c.chunks[0] = structuredClone(first(other));
    }),
    lie('another depth', (c) => {
      c.set.depth = 3;
    }),
    lie('more samples a chunk', (c) => {
      c.set.samples = 4;
    }),
    lie('classes and groups exchanged', (c) => {
      c.set.classes = 4;
      c.set.groups = 1;
    }),
    lie('another opener', (c) => {
      c.audit.opener = `0x${'11'.repeat(20)}`;
    }),
    lie('another registry', (c) => {
      c.audit.registry = `0x${'11'.repeat(20)}`;
    }),
    lie('another nonce', (c) => {
      c.audit.nonce = plusOne(c.audit.nonce);
    }),
    lie('another chain', (c) => {
      c.audit.chainId = 1;
    }),
    lie('another circuit', (c) => {
      c.circuit.circuitId = plusOne(c.circuit.circuitId);
    }),
    lie('another verifier', (c) => {
      c.circuit.statementVerifierCodeHash = plusOne(c.circuit.statementVerifierCodeHash);
    }),
    lie('another key', (c) => {
      c.circuit.proofVerifierCodeHash = plusOne(c.circuit.proofVerifierCodeHash);
    }),
    lie(
      'no segment well-formed but one that is not there',
      (c) => void c.wellFormed.segments.push(structuredClone(c.wellFormed.segments[0]) as never),
    ),
    lie('another proof of well-formed weights', (c) => {
      const segment = c.wellFormed.segments[0] as CountsCertificate['wellFormed']['segments'][number];
      segment.proof = flip(segment.proof, 700);
    }),
    lie('well-formed for another registry', (c) => {
      c.wellFormed.registry = `0x${'11'.repeat(20)}`;
    }),
    lie('the public ceremony', (c) => {
      c.ceremony = 'public';
    }),
    lie('a seed where nothing is drawn', (c) => {
      c.audit.seed = plusOne(c.set.root);
    }),
  ];
  test.each(forged)('%s', async (_name, change) => {
    const certificate = altered(change);
    // It can be written and read: it is its content that is refused.
    expect(decodeCertificate(encodeCertificate(certificate))).toEqual(certificate);
    const { valid, failures } = await world.verify(certificate);
    expect(valid).toBe(false);
    expect(failures.length).toBeGreaterThan(0);
  });

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
  });
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
