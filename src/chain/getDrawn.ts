import { type Address, type Hex, zeroAddress } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';

/** Who may take a seat of a submission; undefined where nobody is enrolled or its own operator is drawn. Throws CHAIN_DRAW_UNAVAILABLE, CHAIN_NO_SUCH_SEAT. */
export async function getDrawn(chain: ChainReader, deployment: Deployment, submissionId: Hex, seat: bigint): Promise<Address | undefined> {
  const drawn = await read(chain, validatorManagerAbi, deployment.addresses.validatorManager, 'drawnFor', [submissionId, seat]);
  return drawn === zeroAddress ? undefined : drawn;
}
