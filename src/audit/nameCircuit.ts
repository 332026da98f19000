import { type Address, type Hex, keccak256 } from 'viem';
import type { CertificateCircuit } from './parts.ts';

/** A statement's verifier: where its proofs are bound to, and its code. */
export type Verifier = { readonly address: Address; readonly code: Hex };

/** What a certificate says of a circuit. @param proofVerifierCode runtime code of the proof system's verifier */
export function nameCircuit(verifier: Verifier, circuitId: Hex, shape: Hex, proofVerifierCode: Hex): CertificateCircuit {
  return {
    circuitId,
    shape,
    statementVerifier: verifier.address.toLowerCase(),
    statementVerifierCodeHash: keccak256(verifier.code),
    proofVerifierCodeHash: keccak256(proofVerifierCode),
  };
}
