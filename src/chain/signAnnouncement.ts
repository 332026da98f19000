import type { Address, Hex, LocalAccount } from 'viem';
import { announcementTypes, signingDomain } from '../protocol/typedData.ts';

/** What an operator's hot key signs: the signature that can be slashed. */
export type AnnouncementMessage = { readonly submissionId: Hex; readonly statementHash: Hex; readonly proofHash: Hex };

/** Signs an announcement for one JobManager on one chain (EIP-712). Whoever holds a false one can slash its signer. */
export async function signAnnouncement(
  hotKey: LocalAccount,
  parameters: { readonly chainId: number; readonly jobManager: Address; readonly message: AnnouncementMessage },
): Promise<Hex> {
  const { chainId, jobManager, message } = parameters;
  const domain = signingDomain(chainId, jobManager);
  return await hotKey.signTypedData({ domain, types: announcementTypes, primaryType: 'Announcement', message });
}
