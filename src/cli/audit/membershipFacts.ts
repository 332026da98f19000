import type { Address, Hex } from 'viem';
import type { MembershipCertificate } from '../../audit/membership/membershipCertificate.ts';
import { readInputFile } from '../framework/readInputFile.ts';

/** What the one who checks a certificate of membership knows already. */
export type MembershipExpected = {
  /** Root that the data set must have. */
  readonly root: Hex | undefined;
  /** File that opens the record. */
  readonly record: string | undefined;
  /** What the one who asked chose. */
  readonly nonce: Hex | undefined;
  /** Who shows the certificate. */
  readonly shownBy: Address | undefined;
};

/** In what a certificate of membership differs from what is expected; its own proof is `verifyCertificate`'s to check. @throws DATA_RECORD_MALFORMED */
export async function membershipProblems(certificate: MembershipCertificate, expected: MembershipExpected): Promise<string[]> {
  const { root, record, nonce, shownBy } = expected;
  const { prover } = certificate.presentation;
  const problems: string[] = [];
  if (root !== undefined && root !== certificate.root) problems.push(`it is of the data set with root ${certificate.root}`);
  if (nonce !== undefined && nonce !== certificate.presentation.nonce) problems.push('it was not made for this nonce');
  if (shownBy !== undefined && !/^0x0+$/.test(prover) && prover !== shownBy.toLowerCase()) problems.push(`only ${prover} may show it`);
  if (record !== undefined && !(await opens(record, certificate))) problems.push('it is of another record');
  return problems;
}

async function opens(file: string, certificate: MembershipCertificate): Promise<boolean> {
  const { hexToBigInt } = await import('viem');
  const { decodeMembershipShape } = await import('../../commitment/decodeShape.ts');
  const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
  const { decodeRecordFile } = await import('../../data/recordFile.ts');
  const { opensRecord } = await import('../../proof/membership/opensRecord.ts');
  const { specOf } = await import('../../proof/specOf.ts');
  const opened = decodeRecordFile(await readInputFile(file));
  const { sizes, specId } = decodeMembershipShape(certificate.circuit.shape as Hex);
  const spec = specOf(specId);
  return spec !== undefined && opensRecord(await loadPoseidon2(), { sizes, spec }, opened, hexToBigInt(certificate.record as Hex));
}

/** What a certificate of membership says, in rows. */
export function membershipRows({ root, record, opened, presentation }: MembershipCertificate): string[][] {
  const { nonce, prover, expiry } = presentation;
  return [
    ['data set', root],
    ['record', record],
    ...(opened === null ? [] : [['opened', `label ${opened.label}, features ${opened.features.join(' ')}`]]),
    ['nonce', nonce],
    ['shown by', /^0x0+$/.test(prover) ? 'anybody' : prover],
    ...(expiry === 0 ? [] : [['until', new Date(expiry * 1000).toISOString()]]),
  ];
}
