import solc from 'solc';
import { type Hex, keccak256 } from 'viem';
import { AssayError } from '../errors.ts';

/** Creation and runtime code of a contract. */
export type ContractCode = { readonly creation: Hex; readonly runtime: Hex };

/**
 * Compiles a generated verifier. Without metadata, so that the code, and with it the circuit id, depends on the source alone.
 *
 * @throws VERIFIER_COMPILE_FAILED
 */
export function compileSolidity(source: string, contract: string): ContractCode {
  const input = {
    language: 'Solidity',
    sources: { 'Verifier.sol': { content: source } },
    settings: {
      evmVersion: 'osaka',
      optimizer: { enabled: true, runs: 1 },
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: { '*': { [contract]: ['evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const code = output.contracts?.['Verifier.sol']?.[contract]?.evm;
  if (code === undefined) {
    throw new AssayError('VERIFIER_COMPILE_FAILED', 'the generated verifier does not compile', {
      details: JSON.stringify(output.errors).slice(0, 2000),
    });
  }
  return { creation: `0x${code.bytecode.object}`, runtime: `0x${code.deployedBytecode.object}` };
}

/** keccak of the runtime code: EXTCODEHASH on chain. */
export function codeHash(code: ContractCode): Hex {
  return keccak256(code.runtime);
}
