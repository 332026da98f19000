import { randomBytes } from 'node:crypto';
import { R } from '../commitment/field.ts';

/** A uniformly random field element. */
export function randomScalar(): bigint {
  // 64 bytes: the bias of reducing them is below 2^-250.
  return BigInt(`0x${randomBytes(64).toString('hex')}`) % R;
}
