import type { Abi, Address, ContractFunctionArgs, ContractFunctionName, ContractFunctionReturnType, Hex, TransactionReceipt } from 'viem';
import { encodeFunctionData } from 'viem';
import { estimateContractGas, readContract, simulateContract } from 'viem/actions';
import { AssayError } from '../errors.ts';
import type { ChainReader, ChainWriter } from './connectChain.ts';
import { sendTransaction } from './sendTransaction.ts';
import { toChainError } from './toChainError.ts';

/** What every sending action returns besides its own result. */
export type Sent = { readonly hash: Hex; readonly blockNumber: bigint; readonly gasUsed: bigint };

/**
 * Reads a view function; a revert becomes a typed AssayError.
 *
 * @param blockNumber the state after this block. Default: the latest
 */
export async function read<
  const abi extends Abi,
  name extends ContractFunctionName<abi, 'pure' | 'view'>,
  const args extends ContractFunctionArgs<abi, 'pure' | 'view', name>,
>(
  chain: ChainReader,
  abi: abi,
  address: Address,
  functionName: name,
  args: args,
  blockNumber?: bigint,
): Promise<ContractFunctionReturnType<abi, 'pure' | 'view', name, args>> {
  try {
    const at = blockNumber === undefined ? {} : { blockNumber };
    return (await readContract(chain.client, { abi, address, functionName, args, ...at } as never)) as ContractFunctionReturnType<
      abi,
      'pure' | 'view',
      name,
      args
    >;
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
}

export type WriteOptions = {
  /** A limit to use instead of the node's estimate. */
  readonly gas?: bigint;
  /** Native coin to send along, in wei. */
  readonly value?: bigint;
};

/**
 * Simulates, sends and waits for a state-changing call. What would revert is refused before any gas is spent, with the contract's own error.
 */
export async function write<
  const abi extends Abi,
  name extends ContractFunctionName<abi, 'nonpayable' | 'payable'>,
  const args extends ContractFunctionArgs<abi, 'nonpayable' | 'payable', name>,
>(
  chain: ChainWriter,
  abi: abi,
  address: Address,
  functionName: name,
  args: args,
  { gas, value }: WriteOptions = {},
): Promise<{ result: ContractFunctionReturnType<abi, 'nonpayable' | 'payable', name, args>; receipt: TransactionReceipt; sent: Sent }> {
  let result: unknown;
  let limit = gas;
  try {
    // On the pending block: what counts blocks would otherwise be judged one block too early.
    const call = {
      abi,
      address,
      functionName,
      args,
      account: chain.account,
      blockTag: 'pending',
      ...(value === undefined ? {} : { value }),
    };
    ({ result } = await simulateContract(chain.client, { ...call, ...(gas === undefined ? {} : { gas }) } as never));
    // A fifth more than estimated: another transaction may come first and make a storage slot dearer.
    limit ??= ((await estimateContractGas(chain.client, call as never)) * 6n) / 5n;
  } catch (error) {
    throw toChainError(error, chain.rpcUrl);
  }
  const data = encodeFunctionData({ abi, functionName, args } as never);
  const receipt = await sendTransaction(chain, { to: address, data, gas: limit, ...(value === undefined ? {} : { value }) });
  if (receipt.status !== 'success') {
    throw new AssayError('CHAIN_REVERTED', `${functionName} was reverted in block ${receipt.blockNumber}`, {
      details: `transaction ${receipt.transactionHash}`,
      hint: 'Another transaction came first; look at the state and try again.',
    });
  }
  const sent = { hash: receipt.transactionHash, blockNumber: receipt.blockNumber, gasUsed: receipt.gasUsed };
  return { result: result as ContractFunctionReturnType<abi, 'nonpayable' | 'payable', name, args>, receipt, sent };
}
