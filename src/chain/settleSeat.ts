import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';

export type SeatOutcome = 'paid' | 'unpaid' | 'slashed';

/**
 * Settles a seat once its submission is over: pays it, gives its share back to the requester, or slashes it. Anyone.
 *
 * @throws CHAIN_SEAT_NOT_OVER, CHAIN_WRONG_SEAT_STATE, CHAIN_NO_SUCH_SEAT
 */
export async function settleSeat(
  chain: ChainWriter,
  deployment: Deployment,
  submissionId: Hex,
  seat: bigint,
): Promise<Sent & { outcome: SeatOutcome }> {
  const { receipt, sent } = await write(chain, validatorManagerAbi, deployment.addresses.validatorManager, 'settleSeat', [
    submissionId,
    seat,
  ]);
  const { outcome } = eventFrom(receipt, validatorManagerAbi, 'SeatSettled');
  return { outcome: outcome as SeatOutcome, ...sent };
}
