import { Common, Hardfork, Mainnet } from '@ethereumjs/common';
import { createEVM } from '@ethereumjs/evm';
import { createAddressFromString, hexToBytes } from '@ethereumjs/util';
import { type Address, encodeFunctionData, type Hex, keccak256, parseAbi, toHex } from 'viem';
import type { StatementProof } from './statementProof.ts';

export type VerifyProofParameters = Omit<StatementProof, 'statementName'> & {
  /** The statement verifier's address and chain: the opening is bound to both. */
  readonly chainId: bigint;
  readonly statementVerifier: Address;
  readonly circuitId: Hex;
  /** Runtime code of the statement's verifier, and of the proof system's: for Groth16 the key behind a STOP byte. */
  readonly statementVerifierCode: Hex;
  readonly proofVerifierCode: Hex;
  /** The circuit's shape, encoded. */
  readonly shapeBytes: Hex;
  /** Whether a child's weights are open (pure commitments); false for statements that make no child. */
  readonly open: boolean;
};

export type VerifyProofReturnType = { readonly valid: boolean; readonly gas: number };

const abi = parseAbi([
  'function verify(bytes shape, address proofVerifier, bytes32 circuitId, bool open, uint256[] statement, bytes proof, bytes opening) view returns (bool)',
]);

/** VerifierRouter.VERIFY_GAS_CAP: the verdict off chain is the one under the gas that the router hands over. */
export const verifierGasCap = 4_000_000n;

/**
 * The verdict of the deployed code on a proof of any statement: runs it in an in-process EVM. Verification has one meaning, so nothing here decides
 * for itself. Malformed input is `valid: false`, as on chain.
 */
export async function verifyProof(parameters: VerifyProofParameters): Promise<VerifyProofReturnType> {
  const { statement, proof, opening, circuitId, shapeBytes, open } = parameters;
  // It would be rounded, and with it what the opening is bound to.
  if (parameters.chainId < 0n || parameters.chainId > BigInt(Number.MAX_SAFE_INTEGER)) return { valid: false, gas: 0 };
  const common = new Common({ chain: { ...Mainnet, chainId: Number(parameters.chainId) }, hardfork: Hardfork.Osaka });
  const evm = await createEVM({ common });
  const verifier = createAddressFromString(parameters.statementVerifier);
  // Where the proof's verifier stands does not enter the verdict; an address that cannot be the other one.
  const proofVerifier: Address = `0x${keccak256(parameters.statementVerifier).slice(26)}`;
  await evm.stateManager.putCode(verifier, hexToBytes(parameters.statementVerifierCode));
  await evm.stateManager.putCode(createAddressFromString(proofVerifier), hexToBytes(parameters.proofVerifierCode));
  const data = encodeFunctionData({
    abi,
    args: [shapeBytes, proofVerifier, circuitId, open, statement.map((word) => BigInt.asUintN(256, word)), toHex(proof), toHex(opening)],
  });
  const { execResult } = await evm.runCall({ to: verifier, data: hexToBytes(data), gasLimit: verifierGasCap });
  const returned = toHex(execResult.returnValue);
  return {
    valid: execResult.exceptionError === undefined && returned === toHex(1, { size: 32 }),
    gas: Number(execResult.executionGasUsed),
  };
}
