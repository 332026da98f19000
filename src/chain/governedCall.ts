import { encodeFunctionData, type Hex } from 'viem';
import type { Deployment } from './deployment.ts';
import { circuitNamesAbi } from './generated/CircuitNames.ts';
import { parametersAbi } from './generated/Parameters.ts';
import type { GovernedCall } from './proposal.ts';

/** What a vote can change of what jobs read. */
export type GovernedChange =
  /** Units of 1e-18 ASSAY, 1e9 to 1e16; the bond floor follows from it. */
  | { readonly gasPrice: bigint }
  /** Share of a burned fee that is minted, 0 to 5,000 of 10,000. */
  | { readonly emissionBps: bigint }
  /** A name of 1 to 64 bytes; 32 zero bytes take it away. */
  | { readonly name: string; readonly circuitId: Hex };

/** The call that makes a change, for a proposal. Its bounds are checked when it is executed. */
export function governedCall(deployment: Deployment, change: GovernedChange): GovernedCall {
  const { parameters, circuitNames } = deployment.addresses;
  if ('name' in change) {
    const { name, circuitId } = change;
    return { to: circuitNames, data: encodeFunctionData({ abi: circuitNamesAbi, functionName: 'setName', args: [name, circuitId] }) };
  }
  const data =
    'gasPrice' in change
      ? encodeFunctionData({ abi: parametersAbi, functionName: 'setGasPrice', args: [change.gasPrice] })
      : encodeFunctionData({ abi: parametersAbi, functionName: 'setEmissionBps', args: [change.emissionBps] });
  return { to: parameters, data };
}
