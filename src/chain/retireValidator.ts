import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';

/** Takes the operator for whom the sender acts out of the draw of later submissions. Throws CHAIN_NOT_ENROLLED. */
export async function retireValidator(chain: ChainWriter, deployment: Deployment): Promise<Sent> {
  const { sent } = await write(chain, validatorManagerAbi, deployment.addresses.validatorManager, 'retire', []);
  return sent;
}
