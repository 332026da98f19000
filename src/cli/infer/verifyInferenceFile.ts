import { AssayError, exitCodes } from '../../errors.ts';
import type { Answer } from '../../proof/inference/decodeOutputs.ts';
import type { InferenceArtifacts } from '../../proof/inference/inferenceArtifacts.ts';
import type { ProofFile } from '../../proof/proofFile.ts';
import type { CommandContext } from '../framework/command.ts';
import { devNote } from '../framework/devNote.ts';
import { ceremonyOf, circuitCacheDirectory } from '../framework/folders.ts';
import { showId } from '../framework/ids.ts';
import { verifierCode } from './binding.ts';

export type VerifiedInference = {
  readonly artifacts: InferenceArtifacts;
  /** Classes, or logits sample by sample; none where the proof is false. */
  readonly answers: readonly Answer[];
  readonly valid: boolean;
  readonly gas: number;
};

/**
 * Verifies a proof of answers with code that this package builds itself.
 *
 * @throws CIRCUIT_MISMATCH, ARTIFACT_MISMATCH (exit 6), COMMITMENT_SHAPE_MALFORMED (exit 3)
 */
export async function verifyInferenceFile({ settings, progress }: CommandContext, proof: ProofFile): Promise<VerifiedInference> {
  const { keccak256 } = await import('viem');
  const { decodeInferenceShape } = await import('../../commitment/decodeShape.ts');
  const { inferenceWords } = await import('../../commitment/ids.ts');
  const { decodeOutputs } = await import('../../proof/inference/decodeOutputs.ts');
  const { findInferenceCircuit } = await import('../../proof/inference/findInferenceCircuit.ts');
  const { inferenceCircuitId } = await import('../../proof/inference/inferenceArtifacts.ts');
  const { verifyProof } = await import('../../proof/verifyProof.ts');
  const shape = decodeInferenceShape(proof.shapeBytes);
  const artifacts = await progress.step('rebuild the circuit', (update) =>
    findInferenceCircuit({ shape, ceremony: ceremonyOf(settings), cacheDirectory: circuitCacheDirectory(settings), onProgress: update }),
  );
  const statementVerifierCode = await verifierCode(artifacts.instance.system === 'noir' ? 'honkInference' : 'groth16Inference');
  if (
    proof.shapeBytes !== artifacts.shapeBytes ||
    proof.circuitId !== inferenceCircuitId(artifacts, statementVerifierCode) ||
    proof.statementVerifierCodeHash !== keccak256(statementVerifierCode) ||
    proof.proofVerifierCodeHash !== keccak256(artifacts.proofVerifierCode)
  ) {
    throw new AssayError('ARTIFACT_MISMATCH', 'the file names another circuit, key or verifier than this package builds', {
      exitCode: exitCodes.artifactMismatch,
      hint: 'Verify it with the version of the package that made it; a Groth16 key of another ceremony is brought with `assay ceremony`.',
    });
  }
  const { valid, gas } = await progress.step('run the verifier', () =>
    verifyProof({ ...proof, statementVerifierCode, proofVerifierCode: artifacts.proofVerifierCode }),
  );
  const proved = valid && proof.statement.length === inferenceWords(shape);
  return { artifacts, answers: proved ? decodeOutputs(shape, proof.statement.slice(4)) : [], valid: proved, gas };
}

/**
 * What a true proof of answers says, in words.
 *
 * @param context what it was made for, in words
 * @param inFile the input was shown, and is the one
 */
export function sayAnswer(
  { instance, profile, backend }: Pick<InferenceArtifacts, 'instance' | 'profile' | 'backend'>,
  statement: readonly bigint[],
  answers: VerifiedInference['answers'],
  context: string,
  inFile = false,
): string {
  const [, checkpointId, , inputId] = statement as [bigint, bigint, bigint, bigint];
  return [
    `The ${instance.sizes.join('-')} network with checkpoint ${showId(checkpointId)}`,
    `answers ${answers.map((answer) => (typeof answer === 'number' ? answer : `[${answer.join(', ')}]`)).join(', ')}`,
    `to the input with commitment ${showId(inputId)}${inFile ? ', which is the one in the file' : ''}.`,
    context,
    ...(backend.system === 'circom' && profile === 'public'
      ? [`The ${backend.groth16.countedContributions} who took part in its ceremony, all together, could forge it.`]
      : []),
    'That its weights are small integers is a proof of its own: `assay model well-formed`.',
    ...devNote(profile),
  ].join('\n');
}
