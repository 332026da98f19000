import { join } from 'node:path';
import type { Hex } from 'viem';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { decodeCertificate, encodeCertificate, encodeCertificateCbor } from '../../src/audit/encodeCertificate.ts';
import { makeMembershipCertificate } from '../../src/audit/membership/makeMembershipCertificate.ts';
import type { MembershipCertificate } from '../../src/audit/membership/membershipCertificate.ts';
import { verifyMembership } from '../../src/audit/membership/verifyMembership.ts';
import { verifyCertificate } from '../../src/audit/verifyCertificate.ts';
import { membershipVerifierDeployedBytecode } from '../../src/chain/generated/MembershipVerifier.ts';
import { R } from '../../src/commitment/field.ts';
import type { Poseidon2 } from '../../src/commitment/poseidon2.ts';
import type { MinibatchSet } from '../../src/data/minibatchSet.ts';
import { recordAt } from '../../src/data/recordAt.ts';
import { decodeRecordFile, encodeRecordFile } from '../../src/data/recordFile.ts';
import type { MembershipInstance } from '../../src/proof/circuitInstance.ts';
import { rememberCircuit } from '../../src/proof/knownCircuits.ts';
import type { MembershipArtifacts } from '../../src/proof/membership/artifacts.ts';
import { opensRecord } from '../../src/proof/membership/opensRecord.ts';
import { createUltraHonk, type UltraHonk } from '../../src/proof/ultrahonk.ts';
import { codeOf } from '../utils/codeOf.ts';
import { membershipArtifactsOf, membershipSet, testMembership } from '../utils/membershipFixture.ts';
import { testCache, testCeremony } from '../utils/windowFixture.ts';

const cacheDirectory = join(testCache(), 'artifacts');
const build = { ceremony: { directory: testCeremony() }, cacheDirectory };
const salt = 123_456_789n;
const now = 1_800_000_000;

let honk: UltraHonk;
let p2: Poseidon2;
let set: MinibatchSet;
let artifacts: MembershipArtifacts;
let hidden: MembershipCertificate;
let open: MembershipCertificate;

const make = async (sample: number, options: { salt: bigint; open: boolean; expiry?: number }): Promise<MembershipCertificate> =>
  (
    await makeMembershipCertificate({
      p2,
      honk,
      artifacts,
      verifier: { address: '0x00000000000000000000000000000000000000a3', code: membershipVerifierDeployedBytecode as Hex },
      set,
      sample,
      recordSalt: options.salt,
      open: options.open,
      chainId: 31337,
      nonce: `0x${'5c'.repeat(32)}`,
      expiry: options.expiry ?? 0,
      tools: { assay: 'test', barretenberg: 'test' },
    })
  ).certificate;

beforeAll(async () => {
  const instance = (await rememberCircuit(testMembership(5), cacheDirectory)) as MembershipInstance;
  artifacts = await membershipArtifactsOf(instance);
  honk = await createUltraHonk({ srs: artifacts.srs });
  ({ p2, set } = await membershipSet(instance, 'certificate'));
  hidden = await make(3, { salt, open: false, expiry: now + 60 });
  open = await make(4, { salt: 0n, open: true });
}, 300_000);

afterAll(async () => {
  await honk.close();
});

const failuresOf = async (certificate: MembershipCertificate): Promise<readonly string[]> =>
  (await verifyMembership({ certificate, ...build }, now)).failures;

test('an honest certificate is valid, hidden or open, and says what only others can show', async () => {
  expect(await verifyMembership({ certificate: hidden, ...build }, now)).toEqual({
    valid: true,
    failures: [],
    open: [expect.stringContaining(hidden.root), expect.stringContaining('record file')],
    ceremony: 'dev',
  });
  const verified = await verifyCertificate({ certificate: open, ...build });
  expect(verified).toMatchObject({ valid: true, failures: [] });
  expect(verified.open).toHaveLength(1);
  expect(open.opened).toEqual(recordAt(set, 4, 0n));
  expect(hidden.opened).toBeNull();
  // Nothing of the set stands in the hidden one but its root.
  const { salt: secret } = set.minibatches[1] as { salt: bigint };
  expect(new TextDecoder().decode(encodeCertificate(hidden))).not.toContain(secret.toString(16));
});

test('one encoding each, as JSON and CBOR', async () => {
  for (const certificate of [hidden, open]) {
    expect(decodeCertificate(encodeCertificate(certificate))).toEqual(certificate);
    expect(decodeCertificate(encodeCertificateCbor(certificate))).toEqual(certificate);
  }
  const text = new TextDecoder().decode(encodeCertificate(hidden));
  for (const other of [
    text.slice(0, -1),
    `${text} `,
    text.replace('membership', 'counts'),
    text.replace('"opened": null', '"opened": {}'),
  ]) {
    expect(await codeOf(() => decodeCertificate(new TextEncoder().encode(other)))).toBe('AUDIT_CERTIFICATE_MALFORMED');
  }
});

test('twenty forged certificates are refused', async () => {
  const word = (value: bigint): string => `0x${value.toString(16).padStart(64, '0')}`;
  const more = (hex: string, by = 1n): string => word(BigInt(hex) + by);
  const flip = (at: number): string => hidden.proof.slice(0, at) + (hidden.proof[at] === '0' ? '1' : '0') + hidden.proof.slice(at + 1);
  const { presentation: to, circuit } = hidden;
  const opened = open.opened as NonNullable<typeof open.opened>;
  const altered: readonly (readonly [string, Partial<MembershipCertificate>])[] = [
    ['another root', { root: more(hidden.root) }],
    ['the root + r', { root: more(hidden.root, R) }],
    ['another record', { record: more(hidden.record) }],
    ['the record + r', { record: more(hidden.record, R) }],
    ['the record of the other certificate', { record: open.record }],
    ['the proof of the other certificate', { proof: open.proof }],
    ['the first bit of the proof', { proof: flip(65) }],
    ['the last bit of the proof', { proof: flip(hidden.proof.length - 1) }],
    ['a proof that ends early', { proof: hidden.proof.slice(0, -2) }],
    ['a proof that goes on', { proof: `${hidden.proof}00` }],
    ['no proof', { proof: '0x' }],
    ['another chain', { presentation: { ...to, chainId: 1 } }],
    ['another nonce', { presentation: { ...to, nonce: more(to.nonce) } }],
    ['shown by somebody', { presentation: { ...to, prover: `0x${'11'.repeat(20)}` } }],
    ['a later end', { presentation: { ...to, expiry: to.expiry + 1 } }],
    ['an end beyond all dates', { presentation: { ...to, expiry: Number.MAX_SAFE_INTEGER } }],
    ['another verifier', { circuit: { ...circuit, statementVerifier: `0x${'22'.repeat(20)}` } }],
  ];
  const lies: readonly (readonly [string, MembershipCertificate, string])[] = [
    ...altered.map(([name, change]) => [name, { ...hidden, ...change }, 'the verifier refuses the proof'] as const),
    ['another circuit id', { ...hidden, circuit: { ...circuit, circuitId: more(circuit.circuitId) } }, 'it names another'],
    ['other verifier code', { ...hidden, circuit: { ...circuit, proofVerifierCodeHash: hidden.root } }, 'it names another'],
    ['a shape that is none', { ...hidden, circuit: { ...circuit, shape: `${circuit.shape}00` } }, 'the shape'],
    ['the public ceremony', { ...hidden, ceremony: 'public' }, 'its proof is of the dev ceremony'],
    ['another label opened', { ...open, opened: { ...opened, label: opened.label + 1 } }, 'what it opens'],
    [
      'another feature opened',
      { ...open, opened: { ...opened, features: opened.features.with(0, 15 - (opened.features[0] as number)) } },
      'what it opens',
    ],
    ['another salt opened', { ...open, opened: { ...opened, salt: word(1n) } }, 'what it opens'],
    // A digit of the padding is no feature: the triples would be the same.
    ['a feature more opened', { ...open, opened: { ...opened, features: [...opened.features, 0] } }, 'what it opens'],
  ];
  for (const [name, certificate, why] of lies) expect((await failuresOf(certificate)).join(), name).toContain(why);
  expect(await failuresOf(hidden)).toEqual([]);
  expect((await verifyMembership({ certificate: hidden, ...build }, now + 61)).failures.join()).toContain('it expired');
});

test('a record file opens one record, and only with its salt', async () => {
  const { instance } = artifacts;
  const record = recordAt(set, 3, salt);
  const file = encodeRecordFile(record);
  expect(decodeRecordFile(file)).toEqual(record);
  expect(opensRecord(p2, instance, record, BigInt(hidden.record))).toBe(true);
  // Without the salt every record could be tried.
  expect(opensRecord(p2, instance, recordAt(set, 3, 0n), BigInt(hidden.record))).toBe(false);
  for (let sample = 0; sample < 6; sample++)
    expect(opensRecord(p2, instance, recordAt(set, sample, salt), BigInt(hidden.record))).toBe(sample === 3);
  const text = new TextDecoder().decode(file);
  for (const other of [
    `${text} `,
    text.replace('"version": 1', '"version": 2'),
    text.replace(/"label": \d+/, '"label": 256'),
    '{}',
    `\ufeff${text}`,
  ]) {
    expect(await codeOf(() => decodeRecordFile(new TextEncoder().encode(other)))).toBe('DATA_RECORD_MALFORMED');
  }
  expect(await codeOf(() => recordAt(set, 6, 0n))).toBe('DATA_SAMPLE_UNKNOWN');
});
