import { type Address, type Hex, recoverTypedDataAddress } from 'viem';
import { AssayError } from '../errors.ts';
import { announcementTypes, signingDomain } from '../protocol/typedData.ts';
import type { AnnouncementMessage } from './signAnnouncement.ts';

/** Half the order of secp256k1: the contract refuses signatures with a larger s. */
const halfOrder = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;

/**
 * The address that signed an announcement. Accepts exactly what the contract accepts: 65 bytes, v of 27 or 28, low s.
 *
 * @throws CHAIN_SIGNATURE_INVALID
 */
export async function recoverAnnouncement(parameters: {
  readonly chainId: number;
  readonly jobManager: Address;
  readonly message: AnnouncementMessage;
  readonly signature: Hex;
}): Promise<Address> {
  const { chainId, jobManager, message, signature } = parameters;
  const invalid = (cause?: unknown): AssayError => new AssayError('CHAIN_SIGNATURE_INVALID', 'not a canonical signature', { cause });
  if (!/^0x[0-9a-f]{130}$/i.test(signature) || !/1[bc]$/i.test(signature) || BigInt(`0x${signature.slice(66, 130)}`) > halfOrder)
    throw invalid();
  try {
    const domain = signingDomain(chainId, jobManager);
    return await recoverTypedDataAddress({ domain, types: announcementTypes, primaryType: 'Announcement', message, signature });
  } catch (error) {
    throw invalid(error);
  }
}
