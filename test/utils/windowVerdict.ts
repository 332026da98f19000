import { encodeFunctionData, type Hex, parseAbi, toHex } from 'viem';
import { AssayError } from '../../src/errors.ts';
import type { CompiledProgram } from '../../src/proof/solveWitness.ts';
import type { HonkProof, UltraHonk } from '../../src/proof/ultrahonk.ts';
import { testEvm } from './evm.ts';

const abi = parseAbi(['function verify(bytes proof, bytes32[] publicInputs) view returns (bool)']);
const address = '0x00000000000000000000000000000000000000aa';

/** What the generated UltraHonk verifier says to a proof: a revert is a refusal. */
export type Verdict = (proof: HonkProof) => Promise<boolean>;

/** Puts a generated verifier into an in-process EVM. */
export async function honkVerdict(runtime: Hex): Promise<Verdict> {
  const call = await testEvm({ [address]: runtime });
  return async ({ proof, publicInputs }) => {
    const args = [toHex(proof), publicInputs.map((word) => toHex(word, { size: 32 }))] as const;
    const { exception, returned } = await call({ to: address, data: encodeFunctionData({ abi, args }) });
    return exception === undefined && returned === toHex(1, { size: 32 });
  };
}

/**
 * Proves a witness made by hand and asks the verifier. bb may give a proof of a witness that breaks a constraint: the verifier decides.
 * Any failure but the prover's own refusal is passed on.
 */
export async function provedVerdict(
  honk: UltraHonk,
  verdict: Verdict,
  circuit: { readonly program: CompiledProgram; readonly verifyingKey: Uint8Array },
  witness: Uint8Array,
): Promise<boolean> {
  let proof: HonkProof;
  try {
    proof = await honk.prove(circuit.program, circuit.verifyingKey, witness);
  } catch (error) {
    if (error instanceof AssayError && error.code === 'PROVE_FAILED') return false;
    throw error;
  }
  return verdict(proof);
}
