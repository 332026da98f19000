import { AssayError, exitCodes } from '../../errors.ts';
import type { WindowArtifacts } from '../../proof/windowArtifacts.ts';
import { circuitSettings } from '../framework/archiveOptions.ts';
import type { CommandContext } from '../framework/command.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import { type StatementFacts, statementFacts } from './describeStatement.ts';

export type VerifiedFile = {
  readonly artifacts: WindowArtifacts;
  readonly statement: StatementFacts;
  readonly failures: readonly string[];
  readonly gas: number;
};

/**
 * Verifies a proof file with code that this package builds itself: the circuit's key and verifier, and the window verifier.
 *
 * @throws PROOF_FILE_MALFORMED (exit 3), CIRCUIT_MISMATCH, ARTIFACT_MISMATCH (exit 6)
 */
export async function verifyFile(context: CommandContext, file: string): Promise<VerifiedFile> {
  const { keccak256 } = await import('viem');
  const { windowVerifierDeployedBytecode } = await import('../../chain/generated/WindowVerifier.ts');
  const { decodeShape } = await import('../../commitment/decodeShape.ts');
  const { modelId } = await import('../../commitment/ids.ts');
  const { findCircuit } = await import('../../node/jobMaterial.ts');
  const { decodeProofFile } = await import('../../proof/proofFile.ts');
  const { verifyProof } = await import('../../proof/verifyProof.ts');
  const proof = decodeProofFile(await readInputFile(file));
  const shape = decodeShape(proof.shapeBytes);
  const { ceremony, circuitDirectory } = circuitSettings(context.settings);
  const artifacts = await context.progress.step('rebuild the circuit', (update) =>
    findCircuit({
      circuitId: proof.circuitId,
      statementVerifierCode: windowVerifierDeployedBytecode,
      steps: shape.steps,
      treeDepth: shape.treeDepth,
      modelId: modelId(shape),
      ceremony,
      cacheDirectory: circuitDirectory,
      onCompile: () => update('compiling'),
    }),
  );
  const proofVerifierCode = artifacts.honkVerifier.runtime;
  if (
    proof.statementVerifierCodeHash !== keccak256(windowVerifierDeployedBytecode) ||
    proof.proofVerifierCodeHash !== keccak256(proofVerifierCode) ||
    proof.shapeBytes !== artifacts.shapeBytes
  ) {
    throw new AssayError('ARTIFACT_MISMATCH', 'the file names other verifier code than this package builds', {
      exitCode: exitCodes.artifactMismatch,
      hint: 'Verify it with the version of the package that made it.',
    });
  }
  const { valid, gas } = await context.progress.step('run the verifier', () =>
    verifyProof({ ...proof, statementVerifierCode: windowVerifierDeployedBytecode, proofVerifierCode }),
  );
  return { artifacts, statement: statementFacts(proof.statement), failures: valid ? [] : ['the verifier refuses the proof'], gas };
}
