import { readFileSync } from 'node:fs';
import { decode as decodeDagCbor, encode as encodeDagCbor } from '@ipld/dag-cbor';
import fc from 'fast-check';
import { recoverTypedDataAddress } from 'viem';
import { describe, expect, it } from 'vitest';
import { AssayError } from '../../src/errors.ts';
import { createCborReader } from '../../src/net/cborReader.ts';
import {
  type Announcement,
  type Attestation,
  decodeAnnouncement,
  decodeAttestation,
  encodeAnnouncement,
  encodeAttestation,
  type Hex,
  maxMessageBytes,
  maxStatementWords,
} from '../../src/net/messages.ts';
import { announcementTypes, attestationTypes, signingDomain } from '../../src/protocol/typedData.ts';
import {
  chainId,
  expectedStatementHash,
  expectedSubmissionId,
  jobManager,
  makeAnnouncement,
  makeAttestation,
} from '../utils/netFixtures.ts';

type Vectors = {
  announcement: { value: Announcement; statementHash: Hex; signer: Hex; bytes: Hex }[];
  attestation: { value: Attestation; signer: Hex; bytes: Hex }[];
  refused: { kind: 'announcement' | 'attestation'; name: string; bytes: string; code: string }[];
};
const vectors = JSON.parse(readFileSync(new URL('../vectors/messages.json', import.meta.url), 'utf8')) as Vectors;
const toBytes = (hex: string) => new Uint8Array(Buffer.from(hex.slice(2), 'hex'));
const toHex = (bytes: Uint8Array) => `0x${Buffer.from(bytes).toString('hex')}`;
const decoders = { announcement: decodeAnnouncement, attestation: decodeAttestation };

/** The code that decoding throws; undefined where it accepts. Anything but an AssayError fails the test. */
function refusal(decode: (data: Uint8Array) => unknown, bytes: Uint8Array): string | undefined {
  try {
    decode(bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof AssayError)) throw error;
    return error.code;
  }
}

describe('message vectors', () => {
  it('encodes and decodes announcements to the byte', async () => {
    for (const { value, statementHash, signer, bytes } of vectors.announcement) {
      expect(toHex(encodeAnnouncement(value))).toBe(bytes);
      expect(decodeAnnouncement(toBytes(bytes))).toEqual(value);
      expect(value.submissionId).toBe(expectedSubmissionId(value));
      expect(statementHash).toBe(expectedStatementHash(value.statement));
      const recovered = await recoverTypedDataAddress({
        domain: signingDomain(value.chainId, value.jobManager),
        types: announcementTypes,
        primaryType: 'Announcement',
        message: { submissionId: value.submissionId, statementHash, proofHash: value.proofHash },
        signature: value.signature,
      });
      expect(recovered.toLowerCase()).toBe(signer);
    }
    expect(await makeAnnouncement()).toEqual(vectors.announcement[0]?.value);
  });

  it('encodes and decodes attestations to the byte', async () => {
    for (const { value, signer, bytes } of vectors.attestation) {
      expect(toHex(encodeAttestation(value))).toBe(bytes);
      expect(decodeAttestation(toBytes(bytes))).toEqual(value);
      const recovered = await recoverTypedDataAddress({
        domain: signingDomain(chainId, jobManager),
        types: attestationTypes,
        primaryType: 'Attestation',
        message: { submissionId: value.submissionId, proofHash: value.proofHash, verdict: value.verdict },
        signature: value.signature,
      });
      expect(recovered.toLowerCase()).toBe(signer);
    }
    expect(await makeAttestation()).toEqual(vectors.attestation[0]?.value);
  });

  it.each(vectors.refused)('refuses $kind: $name', ({ kind, bytes, code }) => {
    expect(refusal(decoders[kind], toBytes(bytes))).toBe(code);
  });
});

describe.each(['announcement', 'attestation'] as const)('malformed %s', (kind) => {
  const good = toBytes((vectors[kind][0] as { bytes: Hex }).bytes);

  it('is refused when cut at any byte', () => {
    expect(refusal(decoders[kind], good)).toBeUndefined();
    for (let length = 0; length < good.length; length++)
      expect(refusal(decoders[kind], good.slice(0, length))).toBe('NET_MESSAGE_MALFORMED');
  });

  it('is accepted only where a general decoder finds the one canonical encoding', () => {
    const encode = kind === 'announcement' ? encodeAnnouncement : encodeAttestation;
    const [accepted, refused] = [{ count: 0 }, { count: 0 }];
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = good.slice();
        bytes[at] = (bytes[at] as number) ^ flip;
        const code = refusal(decoders[kind], bytes);
        if (code !== undefined) {
          refused.count++;
          expect(code).toMatch(/^NET_MESSAGE_(MALFORMED|VERSION)$/);
          return;
        }
        accepted.count++;
        expect(toHex(encodeDagCbor(decodeDagCbor(bytes)))).toBe(toHex(bytes));
        expect(toHex(encode(decoders[kind](bytes) as Announcement & Attestation))).toBe(toHex(bytes));
      }),
      { seed: 7, numRuns: 3000 },
    );
    // Both happened: flips inside an id are another valid message, flips of structure are not.
    expect(accepted.count).toBeGreaterThan(100);
    expect(refused.count).toBeGreaterThan(100);
  });

  it('never throws anything untyped on random bytes and random maps', () => {
    const keys = Object.keys(vectors[kind][0]?.value ?? {});
    const leaf = fc.oneof(
      fc.nat(),
      fc.integer(),
      fc.string(),
      fc.uint8Array({ maxLength: 70 }),
      fc.constant(null),
      fc.boolean(),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    const maps = fc
      .dictionary(fc.constantFrom('v', ...keys), fc.oneof(leaf, fc.array(leaf, { maxLength: 9 })))
      .map((map) => new Uint8Array(encodeDagCbor(map)));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: maxMessageBytes + 10 }), maps), (bytes) => {
        expect(refusal(decoders[kind], bytes)).toMatch(/^NET_MESSAGE_/);
      }),
      { seed: 11, numRuns: 3000 },
    );
  });
});

describe('encoders', () => {
  it('refuse what the decoders refuse', async () => {
    const announcement = await makeAnnouncement();
    const attestation = await makeAttestation();
    expect(encodeAnnouncement(announcement).length).toBeGreaterThan(0);
    const bad: Partial<Record<keyof Announcement, unknown>>[] = [
      { jobId: -1 },
      { jobId: 2 ** 53 },
      { jobId: 1n },
      { operator: '0x12' },
      { statement: announcement.statement.slice(4) },
      { statement: Array.from({ length: maxStatementWords + 1 }, () => announcement.statement[0]) },
      { statement: undefined },
      { signature: `0x${'ff'.repeat(65)}` },
      { extra: 1 } as object,
    ];
    for (const words of [5, maxStatementWords]) {
      const answer = { ...announcement, statement: Array.from({ length: words }, () => announcement.statement[0] as Hex) };
      expect(decodeAnnouncement(encodeAnnouncement(answer)).statement).toHaveLength(words);
    }
    for (const change of bad) {
      expect(refusal(() => encodeAnnouncement({ ...announcement, ...change } as Announcement), new Uint8Array())).toBe(
        'NET_MESSAGE_MALFORMED',
      );
    }
    expect(refusal(() => encodeAnnouncement({ ...announcement, proofCid: 'bafy' }), new Uint8Array())).toBe('COMMITMENT_BLOB_ID');
    expect(refusal(() => encodeAttestation({ ...attestation, verdict: 'maybe' }), new Uint8Array())).toBe('NET_MESSAGE_MALFORMED');
  });
});

describe('CBOR reader', () => {
  it('does not allocate what a length promises', () => {
    // Byte strings and texts that claim 2^40 bytes, in 9 bytes of input.
    for (const head of [0x5b, 0x7b]) {
      const bytes = Uint8Array.of(head, 0, 0, 1, 0, 0, 0, 0, 0);
      const before = process.memoryUsage().arrayBuffers;
      expect(refusal((data) => createCborReader(data).bytes(2 ** 40), bytes)).toBe('NET_MESSAGE_MALFORMED');
      expect(refusal((data) => createCborReader(data).text(2 ** 41), bytes)).toBe('NET_MESSAGE_MALFORMED');
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 20);
    }
  });

  it('reads integers up to 2^53 - 1 in their shortest form only', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 60n }), (value) => {
        const bytes = new Uint8Array(encodeDagCbor(value));
        const code = refusal((data) => createCborReader(data).uint(), bytes);
        expect(code).toBe(value < 2n ** 53n ? undefined : 'NET_MESSAGE_MALFORMED');
        if (code === undefined) expect(BigInt(createCborReader(bytes).uint())).toBe(value);
      }),
      { seed: 3, numRuns: 2000 },
    );
    for (const long of [
      [0x18, 23],
      [0x19, 0, 255],
      [0x1a, 0, 0, 255, 255],
      [0x1b, 0, 0, 0, 0, 255, 255, 255, 255],
    ]) {
      expect(refusal((data) => createCborReader(data).uint(), Uint8Array.from(long))).toBe('NET_MESSAGE_MALFORMED');
    }
  });
});
