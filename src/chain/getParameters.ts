import type { Address } from 'viem';
import { read } from './call.ts';
import type { ChainReader } from './connectChain.ts';
import type { Deployment } from './deployment.ts';
import { parametersAbi } from './generated/Parameters.ts';

export type Parameters = {
  /** Price of gas in units of 1e-18 ASSAY. */
  readonly gasPrice: bigint;
  /** Share of a burned fee that is minted to the worker, in 1/10,000. */
  readonly emissionBps: bigint;
  /** The lowest bond of a new job, in units of 1e-18 ASSAY. */
  readonly bondFloor: bigint;
  /** Last block of the guardian's pause; below the current one when new jobs are welcome. */
  readonly pausedUntil: bigint;
  /** First block in which the guardian may pause again. */
  readonly nextPause: bigint;
  readonly timelock: Address;
  readonly guardian: Address;
  /** Last block in which the guardian can do anything. */
  readonly guardianExpiry: bigint;
};

/** What governance has set, for jobs that open now. */
export async function getParameters(chain: ChainReader, deployment: Deployment): Promise<Parameters> {
  const { parameters } = deployment.addresses;
  const [gasPrice, emissionBps, bondFloor, pausedUntil, nextPause, timelock, guardian, guardianExpiry] = await Promise.all([
    read(chain, parametersAbi, parameters, 'gasPrice', []),
    read(chain, parametersAbi, parameters, 'emissionBps', []),
    read(chain, parametersAbi, parameters, 'bondFloor', []),
    read(chain, parametersAbi, parameters, 'pausedUntil', []),
    read(chain, parametersAbi, parameters, 'nextPause', []),
    read(chain, parametersAbi, parameters, 'timelock', []),
    read(chain, parametersAbi, parameters, 'guardian', []),
    read(chain, parametersAbi, parameters, 'guardianExpiry', []),
  ]);
  return { gasPrice, emissionBps, bondFloor, pausedUntil, nextPause, timelock, guardian, guardianExpiry };
}
