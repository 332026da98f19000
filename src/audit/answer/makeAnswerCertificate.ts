import { bytesToHex } from 'viem';
import { decodePresentation } from '../../commitment/presentation.ts';
import type { InputBlob } from '../../data/inputBlob.ts';
import { AssayError } from '../../errors.ts';
import { circomVersion } from '../../proof/circom/compileCircom.ts';
import { noirVersion } from '../../proof/compileCircuit.ts';
import { decodeOutputs } from '../../proof/inference/decodeOutputs.ts';
import type { InferenceArtifacts } from '../../proof/inference/inferenceArtifacts.ts';
import type { ProofFile } from '../../proof/proofFile.ts';
import type { CertificateWellFormed } from '../parts.ts';
import { permits } from '../permits.ts';
import { wordOf } from '../verdict.ts';
import type { AnswerCertificate } from './answerCertificate.ts';

export type MakeAnswerCertificateParameters = {
  /** A proof of answers, as `assay infer prove` writes it. */
  readonly proof: ProofFile;
  /** Its circuit. */
  readonly artifacts: InferenceArtifacts;
  /** What opens the input, where the certificate is to show it. */
  readonly input?: InputBlob;
  /** That the model is well-formed, by proofs for the same chain (`proveSegments`, `collectSegments`). */
  readonly wellFormed: CertificateWellFormed;
  readonly tools: { readonly assay: string; readonly barretenberg: string };
};

/**
 * Writes a certificate of answers from a proof that there is. What it is worth is `verifyCertificate`'s to say.
 *
 * @throws AUDIT_PROOF_MISMATCH for a proof that is of no answer, of another circuit, or was made for a job
 */
export function makeAnswerCertificate(parameters: MakeAnswerCertificateParameters): AnswerCertificate {
  const { proof, artifacts, input, wellFormed, tools } = parameters;
  const mismatch = (what: string): AssayError => new AssayError('AUDIT_PROOF_MISMATCH', what);
  if (proof.statementName !== 'inference') throw mismatch(`it is a proof of ${proof.statementName}, not of an answer`);
  if (proof.shapeBytes !== artifacts.shapeBytes) throw mismatch('the proof is of another circuit');
  const presentation = decodePresentation(proof.contextPreimage);
  if (presentation === undefined) throw mismatch('the proof does not tell that it was made to be shown: make it with assay infer prove');
  const [, checkpointId, maskId, inputId, ...outputs] = proof.statement as [bigint, bigint, bigint, bigint, ...bigint[]];
  return {
    format: 'assay-audit-certificate',
    version: 1,
    kind: 'answer',
    checkpointId: wordOf(checkpointId),
    inputId: wordOf(inputId),
    input: input === undefined ? null : { features: bytesToHex(input.features), salt: wordOf(input.salt) },
    answers: decodeOutputs(artifacts.shape, outputs).map((answer) => (typeof answer === 'number' ? answer : [...answer])),
    presentation: {
      chainId: Number(presentation.chainId),
      prover: presentation.prover.toLowerCase(),
      nonce: presentation.nonce,
      expiry: Number(presentation.expiry),
    },
    circuit: {
      circuitId: proof.circuitId,
      shape: proof.shapeBytes,
      statementVerifier: proof.statementVerifier.toLowerCase(),
      statementVerifierCodeHash: proof.statementVerifierCodeHash,
      proofVerifierCodeHash: proof.proofVerifierCodeHash,
    },
    maskId: wordOf(maskId),
    outputs: outputs.map(wordOf),
    proof: bytesToHex(proof.proof),
    opening: bytesToHex(proof.opening),
    wellFormed,
    ceremony: artifacts.profile,
    tools: {
      assay: tools.assay,
      noir: noirVersion,
      barretenberg: tools.barretenberg,
      circom: artifacts.instance.system === 'circom' ? circomVersion : null,
    },
    permits: [...permits.answer],
  };
}
