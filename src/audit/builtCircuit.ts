import { type Address, type Hex, hexToBytes } from 'viem';
import { circuitIdOf, type NamedArtifacts } from '../proof/circuitIdOf.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import { nameCircuit } from './nameCircuit.ts';
import type { CertificateCircuit } from './parts.ts';

/** A circuit, and the code that decides about its proofs, as this package builds them. */
export type BuiltCircuit = {
  readonly circuitId: Hex;
  readonly shapeBytes: Hex;
  readonly statementVerifierCode: Hex;
  readonly proofVerifierCode: Hex;
};

/** A Noir circuit under a verifier of its statement of this runtime code. */
export function builtHonk(artifacts: NamedArtifacts, statementVerifierCode: Hex): BuiltCircuit {
  return {
    circuitId: circuitIdOf(artifacts, statementVerifierCode),
    shapeBytes: artifacts.shapeBytes,
    statementVerifierCode,
    proofVerifierCode: artifacts.honkVerifier.runtime,
  };
}

/** Whether a certificate names the circuit and the verifier code that this package builds. */
export function isBuiltHere(told: CertificateCircuit, built: BuiltCircuit): boolean {
  const verifier = { address: told.statementVerifier as Address, code: built.statementVerifierCode };
  return JSON.stringify(told) === JSON.stringify(nameCircuit(verifier, built.circuitId, built.shapeBytes, built.proofVerifierCode));
}

/** One proof of a certificate, as the certificate has it. */
export type ShownProof = {
  readonly circuit: CertificateCircuit;
  readonly chainId: number;
  readonly statement: readonly bigint[];
  readonly proof: string;
  /** None where no checkpoint takes part. */
  readonly opening?: string;
  /** Whether it says that the weights are open; false of statements that make no child. */
  readonly open?: boolean;
};

/** Whether the code that this package builds accepts a certificate's proof. */
export async function accepts(built: BuiltCircuit, shown: ShownProof): Promise<boolean> {
  const { circuit, chainId, statement, proof, opening = '0x', open = false } = shown;
  const { valid } = await verifyProof({
    ...built,
    chainId: BigInt(chainId),
    statementVerifier: circuit.statementVerifier as Address,
    circuitId: circuit.circuitId as Hex,
    open,
    statement,
    proof: hexToBytes(proof as Hex),
    opening: hexToBytes(opening as Hex),
  });
  return valid;
}
