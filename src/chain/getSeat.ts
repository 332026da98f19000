import { type Address, type Hex, zeroAddress } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { validatorManagerAbi } from './generated/ValidatorManager.ts';

/** In the order of IValidatorManager.SeatState. */
const seatStates = ['empty', 'committed', 'revealed', 'settled'] as const;

export type SeatState = (typeof seatStates)[number];

export type Seat = {
  readonly state: SeatState;
  /** Who holds it; undefined while nobody does. */
  readonly operator: Address | undefined;
  /** Stake that the attestation locks now. */
  readonly bond: bigint;
  readonly commitment: Hex;
  readonly digest: Hex;
};

/** A validator's seat of a submission; `getDrawn` says who may take an empty one. */
export async function getSeat(chain: ChainReader, deployment: Deployment, submissionId: Hex, seat: bigint): Promise<Seat> {
  const found = await read(chain, validatorManagerAbi, deployment.addresses.validatorManager, 'seatOf', [submissionId, seat]);
  return {
    ...found,
    state: seatStates[found.state] as SeatState,
    operator: found.operator === zeroAddress ? undefined : found.operator,
  };
}
