import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';

/** Puts the operator for whom the sender acts into the draw of seats, weighted by its active stake. Throws CHAIN_ALREADY_ENROLLED, CHAIN_NOT_REGISTERED. */
export async function enrolValidator(chain: ChainWriter, deployment: Deployment): Promise<Sent> {
  const { sent } = await write(chain, validatorManagerAbi, deployment.addresses.validatorManager, 'enrol', []);
  return sent;
}
