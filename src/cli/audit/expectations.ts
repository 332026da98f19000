import type { Address, Hex } from 'viem';
import { z } from 'zod';
import type { Certificate } from '../../audit/certificate.ts';
import type { MembershipCertificate } from '../../audit/membership/membershipCertificate.ts';
import { sayExpiry } from '../../commitment/sayExpiry.ts';
import type { InputSpecs } from '../framework/command.ts';
import { readInputFile } from '../framework/readInputFile.ts';

/** What whoever checks a certificate of a proof that was made for somebody knows already. */
export type Expectations = {
  /** Root that the data set must have. */
  readonly root: Hex | undefined;
  /** File that opens the record. */
  readonly record: string | undefined;
  /** What the one who asked chose. */
  readonly nonce: Hex | undefined;
  /** Who shows the certificate. */
  readonly shownBy: Address | undefined;
};

const word = z
  .string()
  .regex(/^0x[0-9a-fA-F]{64}$/, 'expected 32 bytes in hex')
  .transform((text) => text.toLowerCase() as Hex)
  .optional();

export const expectationOptions: InputSpecs<Expectations> = {
  root: { flags: '--root <word>', description: 'of membership: root of the data set that it must be of', schema: word },
  record: {
    flags: '--record <file>',
    description: 'of membership: the .record file that must open its record',
    schema: z.string().min(1).optional(),
  },
  nonce: { flags: '--nonce <hex>', description: 'of an answer or membership: the nonce that it must carry', schema: word },
  shownBy: {
    flags: '--shown-by <address>',
    description: 'of an answer or membership: who shows it; it must have been made for that address, or for anybody',
    schema: z
      .string()
      .regex(/^0x[0-9a-fA-F]{40}$/, 'expected an address')
      .transform((text) => text.toLowerCase() as Address)
      .optional(),
  },
};

/** In what a certificate differs from what is expected; its proofs are `verifyCertificate`'s to check. @throws DATA_RECORD_MALFORMED */
export async function expectationProblems(certificate: Certificate, { root, record, nonce, shownBy }: Expectations): Promise<string[]> {
  const problems: string[] = [];
  const presentation = 'presentation' in certificate ? certificate.presentation : undefined;
  if (nonce !== undefined && nonce !== presentation?.nonce) problems.push('it was not made for this nonce');
  if (shownBy !== undefined) {
    if (presentation === undefined) problems.push(`a certificate of ${certificate.kind} is made for nobody in particular`);
    else if (!isZero(presentation.prover) && presentation.prover !== shownBy) problems.push(`only ${presentation.prover} may show it`);
  }
  if (root === undefined && record === undefined) return problems;
  if (certificate.kind !== 'membership') return [...problems, `a certificate of ${certificate.kind} is of no record`];
  if (root !== undefined && root !== certificate.root) problems.push(`it is of the data set with root ${certificate.root}`);
  if (record !== undefined && !(await opens(record, certificate))) problems.push('it is of another record');
  return problems;
}

async function opens(file: string, { circuit, record }: MembershipCertificate): Promise<boolean> {
  const { hexToBigInt } = await import('viem');
  const { decodeMembershipShape } = await import('../../commitment/decodeShape.ts');
  const { loadPoseidon2 } = await import('../../commitment/poseidon2.ts');
  const { decodeRecordFile } = await import('../../data/recordFile.ts');
  const { opensRecord } = await import('../../proof/membership/opensRecord.ts');
  const { specOf } = await import('../../proof/specOf.ts');
  const opened = decodeRecordFile(await readInputFile(file));
  const { sizes, specId } = decodeMembershipShape(circuit.shape as Hex);
  const spec = specOf(specId);
  return spec !== undefined && opensRecord(await loadPoseidon2(), { sizes, spec }, opened, hexToBigInt(record as Hex));
}

/** What a certificate of membership is about; null for another. */
export type MembershipFacts = Pick<MembershipCertificate, 'root' | 'record' | 'opened' | 'presentation'> | null;

export function membershipFacts(certificate: Certificate): MembershipFacts {
  if (certificate.kind !== 'membership') return null;
  const { root, record, opened, presentation } = certificate;
  return { root, record, opened, presentation };
}

/** The same in rows. */
export function membershipRows(facts: MembershipFacts): string[][] {
  if (facts === null) return [];
  const { root, record, opened, presentation } = facts;
  const { nonce, prover, expiry } = presentation;
  return [
    ['data set', root],
    ['record', record],
    ...(opened === null ? [] : [['opened', `label ${opened.label}, features ${opened.features.join(' ')}`]]),
    ['nonce', nonce],
    ['shown by', isZero(prover) ? 'anybody' : prover],
    ...(expiry === 0 ? [] : [['until', sayExpiry(expiry)]]),
  ];
}

const isZero = (hex: string): boolean => /^0x0+$/.test(hex);
