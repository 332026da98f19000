import { type Address, bytesToHex, decodeAbiParameters } from 'viem';
import { wellFormedPreimage } from '../../commitment/ids.ts';
import { AssayError } from '../../errors.ts';
import type { ProofFile } from '../../proof/proofFile.ts';
import type { CertificateWellFormed } from '../parts.ts';
import { wordOf } from '../verdict.ts';

const preimage = [{ type: 'bytes32' }, { type: 'uint256' }, { type: 'address' }, { type: 'bytes32' }] as const;

/**
 * What proof files of `assay model well-formed` show of one checkpoint, as a certificate has it. Whether they are all there and true is for the
 * certificate's verifier to say.
 *
 * @param proofs in the order of their segments
 * @throws AUDIT_PROOF_MISMATCH for files that are of no segment, or of several circuits or registries
 */
export function collectSegments(proofs: readonly ProofFile[]): CertificateWellFormed {
  const mismatch = (what: string): AssayError => new AssayError('AUDIT_PROOF_MISMATCH', what);
  const [first] = proofs;
  if (first === undefined) throw mismatch('there is no proof that the model is well-formed');
  for (const { statementName, circuitId, contextPreimage, statementVerifier } of proofs) {
    if (statementName !== 'well-formed') throw mismatch(`it is a proof of ${statementName}, not of well-formed weights`);
    const same =
      circuitId === first.circuitId && contextPreimage === first.contextPreimage && statementVerifier === first.statementVerifier;
    if (!same) throw mismatch('the proofs of well-formed weights are of several circuits, verifiers or registries');
  }
  return {
    circuit: {
      circuitId: first.circuitId,
      shape: first.shapeBytes,
      statementVerifier: first.statementVerifier.toLowerCase(),
      statementVerifierCodeHash: first.statementVerifierCodeHash,
      proofVerifierCodeHash: first.proofVerifierCodeHash,
    },
    registry: registryOf(first, mismatch).toLowerCase(),
    segments: proofs.map(({ statement, proof, opening }) => ({
      maskId: wordOf(statement[2] as bigint),
      proof: bytesToHex(proof),
      opening: bytesToHex(opening),
    })),
  };
}

function registryOf({ contextPreimage, circuitId }: ProofFile, mismatch: (what: string) => AssayError): Address {
  try {
    const [, chainId, registry] = decodeAbiParameters(preimage, contextPreimage);
    if (wellFormedPreimage(chainId, registry, circuitId) === contextPreimage) return registry;
  } catch {
    // Falls through to the one error below.
  }
  throw mismatch('a proof of well-formed weights does not tell which registry it was made for');
}
