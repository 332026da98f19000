import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, type EVM } from '@ethereumjs/evm';
import { createAddressFromString, type Address as EvmAddress, hexToBytes } from '@ethereumjs/util';
import { type Abi, type Address, decodeFunctionResult, encodeDeployData, encodeFunctionData, getAddress, type Hex, toHex } from 'viem';

export type EvmChain = {
  /** The height that calls see; set it at will. No block is made on the way: an emission's epoch of 7,200 costs nothing. */
  block: bigint;
  /** Runs a creation. @returns the contract's address */
  readonly create: (from: Address, abi: Abi, bytecode: Hex, args: readonly unknown[]) => Promise<Address>;
  /** Runs a transaction or a read. Throws where it reverts. */
  readonly call: (from: Address, to: Address, abi: Abi, functionName: string, args: readonly unknown[]) => Promise<unknown>;
};

/** Contracts with constructors, in an in-process EVM of hardfork Osaka whose height can jump. */
export async function evmChain(): Promise<EvmChain> {
  const common = new Common({ chain: { ...Mainnet, chainId: 31337 }, hardfork: Hardfork.Osaka });
  const evm: EVM = await createEVM({ common });
  const coinbase: EvmAddress = createAddressFromString(`0x${'00'.repeat(20)}`);
  const run = async (from: Address, to: Address | undefined, data: Hex): Promise<{ returned: Hex; created: Address | undefined }> => {
    const caller = createAddressFromString(from);
    const header = {
      number: chain.block,
      coinbase,
      timestamp: 1_800_000_000n,
      difficulty: 0n,
      prevRandao: new Uint8Array(32),
      gasLimit: 30_000_000n,
      baseFeePerGas: 0n,
      getBlobGasPrice: () => 1n,
    };
    const { execResult, createdAddress } = await evm.runCall({
      caller,
      origin: caller,
      ...(to === undefined ? {} : { to: createAddressFromString(to) }),
      data: hexToBytes(data),
      gasLimit: 16_000_000n,
      block: { header } as never,
    });
    if (execResult.exceptionError !== undefined) throw new Error(`${execResult.exceptionError.error}: ${toHex(execResult.returnValue)}`);
    return { returned: toHex(execResult.returnValue), created: createdAddress && getAddress(createdAddress.toString()) };
  };
  const chain: EvmChain = {
    block: 1n,
    create: async (from, abi, bytecode, args) => {
      const { created } = await run(from, undefined, encodeDeployData({ abi, bytecode, args }));
      if (created === undefined) throw new Error('nothing was created');
      return created;
    },
    call: async (from, to, abi, functionName, args) => {
      const { returned } = await run(from, to, encodeFunctionData({ abi, functionName, args }));
      return decodeFunctionResult({ abi, functionName, data: returned });
    },
  };
  return chain;
}
