import { hexToBigInt } from 'viem';
import { R } from '../../commitment/field.ts';
import { recordDigest } from '../../commitment/merkle.ts';
import type { Poseidon2 } from '../../commitment/poseidon2.ts';
import type { OpenedRecord } from '../../data/recordFile.ts';
import type { MembershipInstance } from '../circuitInstance.ts';

/** Whether features, label and salt are those of a record's digest, in a data set of the cut that a circuit is for. */
export function opensRecord(
  p2: Poseidon2,
  { sizes, spec }: Pick<MembershipInstance, 'sizes' | 'spec'>,
  opened: OpenedRecord,
  record: bigint,
): boolean {
  const salt = hexToBigInt(opened.salt as `0x${string}`);
  if (opened.features.length !== sizes[0] || opened.features.some((value) => value >= 2 ** spec.fx) || salt >= R) return false;
  return recordDigest(p2, opened.features, spec.fx, opened.label, salt) === record;
}
