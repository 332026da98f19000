import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { createAddressFromString, hexToBytes } from '@ethereumjs/util';
import { type Address, encodeFunctionData, type Hex, keccak256, parseAbi, toHex } from 'viem';
import type { WindowProof } from './proveWindow.ts';

export type VerifyWindowParameters = WindowProof & {
  /** The verifier's address and chain: the opening is bound to both. */
  readonly chainId: bigint;
  readonly windowVerifier: Address;
  readonly circuitId: Hex;
  /** Runtime code of the window verifier and of the circuit's UltraHonk verifier. */
  readonly windowVerifierCode: Hex;
  readonly honkVerifierCode: Hex;
  /** The circuit's shape, encoded. */
  readonly shapeBytes: Hex;
  /** Whether the weights are open (pure commitments). Default true. */
  readonly open?: boolean;
};

export type VerifyWindowReturnType = { readonly valid: boolean; readonly gas: number };

const abi = parseAbi([
  'function verify(bytes shape, address proofVerifier, bytes32 circuitId, bool open, uint256[] statement, bytes proof, bytes opening) view returns (bool)',
]);

/** VerifierRouter.VERIFY_GAS_CAP: the verdict off chain is the one under the gas that the router hands over. */
export const verifierGasCap = 4_000_000n;

/**
 * The verdict of the deployed code: runs it in an in-process EVM. Verification has one meaning, so nothing here decides for itself.
 * Malformed input is `valid: false`, as on chain.
 */
export async function verifyWindow(parameters: VerifyWindowParameters): Promise<VerifyWindowReturnType> {
  const { statement, honkProof, opening, circuitId, shapeBytes, open = true } = parameters;
  const common = new Common({ chain: { ...Mainnet, chainId: Number(parameters.chainId) }, hardfork: Hardfork.Osaka });
  const evm = await createEVM({ common });
  const verifier = createAddressFromString(parameters.windowVerifier);
  // Where the UltraHonk verifier stands does not enter the verdict; an address that cannot be the other one.
  const honkVerifier: Address = `0x${keccak256(parameters.windowVerifier).slice(26)}`;
  await evm.stateManager.putCode(verifier, hexToBytes(parameters.windowVerifierCode));
  await evm.stateManager.putCode(createAddressFromString(honkVerifier), hexToBytes(parameters.honkVerifierCode));
  const data = encodeFunctionData({
    abi,
    args: [shapeBytes, honkVerifier, circuitId, open, statement.map((word) => BigInt.asUintN(256, word)), toHex(honkProof), toHex(opening)],
  });
  const { execResult } = await evm.runCall({ to: verifier, data: hexToBytes(data), gasLimit: verifierGasCap });
  const returned = toHex(execResult.returnValue);
  return {
    valid: execResult.exceptionError === undefined && returned === toHex(1, { size: 32 }),
    gas: Number(execResult.executionGasUsed),
  };
}
