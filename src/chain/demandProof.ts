import type { Hex } from 'viem';
import { type Sent, write } from './call.ts';
import type { ChainWriter } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { eventFrom } from './eventFrom.ts';
import { challengeManagerAbi } from './generated/ChallengeManager.ts';
import { getDemandBond } from './getDemandBond.ts';

export type DemandProofReturnType = Sent & {
  /** What the demand costs if the proof is true, in wei; what was sent above it can be withdrawn. */
  readonly bond: bigint;
  /** Last block in which posting the proof counts. */
  readonly deadline: bigint;
};

/**
 * Demands the proof of a submission that is neither proved nor final, once, while its silence lasts. Who settles it with a true proof gets the
 * bond; if nobody does, `slashWithheld`.
 *
 * @param value what to send, in wei. Default: `getDemandBond`
 * @throws CHAIN_NOT_DEMANDABLE, CHAIN_ALREADY_DEMANDED, CHAIN_DEMAND_BOND_TOO_SMALL
 */
export async function demandProof(
  chain: ChainWriter,
  deployment: Deployment,
  submissionId: Hex,
  value?: bigint,
): Promise<DemandProofReturnType> {
  const options = { value: value ?? (await getDemandBond(chain)) };
  const { receipt, sent } = await write(
    chain,
    challengeManagerAbi,
    deployment.addresses.challengeManager,
    'demand',
    [submissionId],
    options,
  );
  const { bond, deadline } = eventFrom(receipt, challengeManagerAbi, 'ProofDemanded');
  return { bond, deadline, ...sent };
}
