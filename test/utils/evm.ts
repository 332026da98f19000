import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM, type EVM } from '@ethereumjs/evm';
import { createAddressFromString, hexToBytes } from '@ethereumjs/util';
import solc from 'solc';
import { type Address, type Hex, toHex } from 'viem';

const root = fileURLToPath(new URL('../../contracts/', import.meta.url));

const compiled = new Map<string, ReturnType<typeof compile>>();

/** Runtime code of a contract under contracts/, compiled as contracts/foundry.toml says. For contracts without constructor or immutables. */
export function runtimeCode(file: string, contract: string): Hex {
  const { contracts, errors } = compiled.get(file) ?? compile(file);
  const code = contracts?.[file]?.[contract]?.evm.deployedBytecode.object;
  if (code === undefined) throw new Error(JSON.stringify(errors, null, 2));
  return `0x${code}`;
}

/** All contracts of a file, which take hardly longer than one. */
function compile(file: string) {
  const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
  const input = {
    language: 'Solidity',
    sources: { [file]: { content: read(file) } },
    settings: {
      evmVersion: 'osaka',
      optimizer: { enabled: true, runs: 10_000 },
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: { [file]: { '*': ['evm.deployedBytecode.object'] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input), { import: (path: string) => ({ contents: read(path) }) })) as {
    readonly contracts?: Record<string, Record<string, { readonly evm: { readonly deployedBytecode: { readonly object: string } } }>>;
    readonly errors?: unknown;
  };
  compiled.set(file, output);
  return output;
}

export type EvmCall = { readonly to: Address; readonly data: Hex; readonly gasLimit?: bigint };
export type EvmResult = {
  /** The exception's name, undefined where the call returned. */
  readonly exception: string | undefined;
  readonly returned: Hex;
  readonly gas: number;
};

/** An in-process EVM of hardfork Osaka with the given codes in it. */
export async function testEvm(codes: Readonly<Record<Address, Hex>>, chainId = 31337): Promise<(call: EvmCall) => Promise<EvmResult>> {
  const common = new Common({ chain: { ...Mainnet, chainId }, hardfork: Hardfork.Osaka });
  const evm: EVM = await createEVM({ common });
  for (const [address, code] of Object.entries(codes)) {
    await evm.stateManager.putCode(createAddressFromString(address), hexToBytes(code));
  }
  return async ({ to, data, gasLimit = 4_000_000n }) => {
    const { execResult } = await evm.runCall({ to: createAddressFromString(to), data: hexToBytes(data), gasLimit });
    return {
      exception: execResult.exceptionError?.error,
      returned: toHex(execResult.returnValue),
      gas: Number(execResult.executionGasUsed),
    };
  };
}
