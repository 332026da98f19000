import { AssayError, exitCodes } from '../../errors.ts';
import type { ProofFile } from '../../proof/proofFile.ts';
import { circuitSettings } from '../framework/archiveOptions.ts';
import type { CommandContext } from '../framework/command.ts';
import { showId } from '../framework/ids.ts';
import { readInputFile } from '../framework/readInputFile.ts';
import { verifierCode } from '../infer/binding.ts';
import { sayAnswer, verifyInferenceFile } from '../infer/verifyInferenceFile.ts';
import { describeContext } from './describeContext.ts';
import { type StatementFacts, sayStatement, statementFacts } from './describeStatement.ts';

export type VerifiedFile = {
  readonly circuit: string;
  readonly ceremony: 'dev' | 'public';
  readonly statement: StatementFacts;
  /** What the proof says, where it is true. */
  readonly meaning: string;
  readonly failures: readonly string[];
  readonly gas: number;
};

/**
 * Verifies a proof file of any statement with code that this package builds itself: the circuit's key and verifier, and the statement's verifier.
 *
 * @throws PROOF_FILE_MALFORMED (exit 3), CIRCUIT_MISMATCH, ARTIFACT_MISMATCH (exit 6)
 */
export async function verifyFile(context: CommandContext, file: string): Promise<VerifiedFile> {
  const { decodeProofFile } = await import('../../proof/proofFile.ts');
  const proof = decodeProofFile(await readInputFile(file));
  if (proof.statementName === 'train-window') return verifyWindowFile(context, proof);
  if (proof.statementName === 'well-formed') return verifyWellFormedFile(context, proof);
  if (proof.statementName === 'membership') return verifyMembershipFile(context, proof);
  if (proof.statementName === 'audit') {
    throw new AssayError('PROOF_FILE_AUDIT', 'this is one chunk of an audit, which says nothing without the others', {
      exitCode: exitCodes.usage,
      hint: 'Verify the certificate of the audit.',
    });
  }
  const { artifacts, answers, valid, gas } = await verifyInferenceFile(context, proof);
  const told = await describeContext(proof, Date.now() / 1000);
  return {
    circuit: artifacts.instance.name,
    ceremony: artifacts.profile,
    statement: statementFacts('inference', proof.statement),
    meaning: sayAnswer(artifacts, proof.statement, answers, told.text),
    failures: [...refusedUnless(valid), ...told.failures],
    gas,
  };
}

async function verifyWindowFile(context: CommandContext, proof: ProofFile): Promise<VerifiedFile> {
  const { decodeShape } = await import('../../commitment/decodeShape.ts');
  const { modelId } = await import('../../commitment/ids.ts');
  const { findCircuit } = await import('../../node/jobMaterial.ts');
  const { verifyProof } = await import('../../proof/verifyProof.ts');
  const shape = decodeShape(proof.shapeBytes);
  const { ceremony, circuitDirectory } = circuitSettings(context.settings);
  const statementVerifierCode = await verifierCode('window');
  const artifacts = await context.progress.step('rebuild the circuit', (update) =>
    findCircuit({
      circuitId: proof.circuitId,
      statementVerifierCode,
      steps: shape.steps,
      treeDepth: shape.treeDepth,
      modelId: modelId(shape),
      ceremony,
      cacheDirectory: circuitDirectory,
      onCompile: () => update('compiling'),
    }),
  );
  const code = { statementVerifierCode, proofVerifierCode: artifacts.honkVerifier.runtime };
  await assertSameCode(proof, code, artifacts.shapeBytes);
  const { valid, gas } = await context.progress.step('run the verifier', () => verifyProof({ ...proof, ...code }));
  const statement = statementFacts('train-window', proof.statement);
  const told = await describeContext(proof, Date.now() / 1000);
  return {
    circuit: artifacts.instance.name,
    ceremony: artifacts.srs.profile,
    statement,
    meaning: [
      sayStatement(statement, artifacts),
      told.text,
      ...(proof.open ? [] : ['That the child is open, with nothing outside its weights, is not claimed.']),
    ].join('\n'),
    failures: [...refusedUnless(valid), ...told.failures],
    gas,
  };
}

async function verifyWellFormedFile(context: CommandContext, proof: ProofFile): Promise<VerifiedFile> {
  const { findWellFormedCircuit } = await import('../../proof/wellFormed/findWellFormedCircuit.ts');
  const { decodeWellFormedShape } = await import('../../commitment/decodeShape.ts');
  const { circuitIdOf } = await import('../../proof/circuitIdOf.ts');
  const { wellFormedLayout } = await import('../../proof/wellFormed/circuit.ts');
  const { verifyProof } = await import('../../proof/verifyProof.ts');
  const shape = decodeWellFormedShape(proof.shapeBytes);
  const { ceremony, circuitDirectory } = circuitSettings(context.settings);
  const artifacts = await context.progress.step('rebuild the circuit', (update) =>
    findWellFormedCircuit({ shape, ceremony, cacheDirectory: circuitDirectory, onCompile: () => update('compiling') }),
  );
  const code = { statementVerifierCode: await verifierCode('wellFormed'), proofVerifierCode: artifacts.honkVerifier.runtime };
  await assertSameCode(proof, code, artifacts.shapeBytes);
  const { valid, gas } = await context.progress.step('run the verifier', () => verifyProof({ ...proof, ...code }));
  assertSameCircuit(proof, circuitIdOf(artifacts, code.statementVerifierCode));
  const statement = statementFacts('well-formed', proof.statement);
  const told = await describeContext(proof, Date.now() / 1000);
  const { segments } = wellFormedLayout(artifacts.instance);
  const part = segments === 1 ? 'Every weight' : `Every weight of segment ${statement['segment']} (of ${segments}, from 0)`;
  return {
    circuit: artifacts.instance.name,
    ceremony: artifacts.srs.profile,
    statement,
    meaning: [
      `${part} of checkpoint ${showId(proof.statement[1] as bigint)} is an integer within ${shape.wmax}.`,
      told.text,
      ...(artifacts.srs.profile === 'dev'
        ? ['The secret of the dev ceremony is published: this convinces nobody outside of a devnet.']
        : []),
    ].join('\n'),
    failures: [...refusedUnless(valid), ...told.failures],
    gas,
  };
}

async function verifyMembershipFile(context: CommandContext, proof: ProofFile): Promise<VerifiedFile> {
  const { decodeMembershipShape } = await import('../../commitment/decodeShape.ts');
  const { circuitIdOf } = await import('../../proof/circuitIdOf.ts');
  const { findMembershipCircuit } = await import('../../proof/membership/findMembershipCircuit.ts');
  const { verifyProof } = await import('../../proof/verifyProof.ts');
  const shape = decodeMembershipShape(proof.shapeBytes);
  const { ceremony, circuitDirectory } = circuitSettings(context.settings);
  const artifacts = await context.progress.step('rebuild the circuit', (update) =>
    findMembershipCircuit({ shape, ceremony, cacheDirectory: circuitDirectory, onCompile: () => update('compiling') }),
  );
  const code = { statementVerifierCode: await verifierCode('membership'), proofVerifierCode: artifacts.honkVerifier.runtime };
  await assertSameCode(proof, code, artifacts.shapeBytes);
  assertSameCircuit(proof, circuitIdOf(artifacts, code.statementVerifierCode));
  const statement = statementFacts('membership', proof.statement);
  const { valid, gas } = await context.progress.step('run the verifier', () => verifyProof({ ...proof, ...code }));
  const told = await describeContext(proof, Date.now() / 1000);
  return {
    circuit: artifacts.instance.name,
    ceremony: artifacts.srs.profile,
    statement,
    meaning: [
      `The data set with root ${statement['root']} contains the record ${statement['record']},`,
      `whose features and label its record file opens (${shape.sizes[0]} features; minibatches of ${shape.batch}, depth ${shape.treeDepth}).`,
      told.text,
      ...(artifacts.srs.profile === 'dev'
        ? ['The secret of the dev ceremony is published: this convinces nobody outside of a devnet.']
        : []),
    ].join('\n'),
    failures: [...refusedUnless(valid), ...told.failures],
    gas,
  };
}

function refusedUnless(valid: boolean): string[] {
  return valid ? [] : ['the verifier refuses the proof'];
}

function assertSameCircuit({ circuitId }: ProofFile, built: string): void {
  if (circuitId === built) return;
  throw new AssayError('CIRCUIT_MISMATCH', 'the file names another circuit than its key and verifiers make', {
    exitCode: exitCodes.artifactMismatch,
  });
}

async function assertSameCode(
  proof: ProofFile,
  code: { readonly statementVerifierCode: `0x${string}`; readonly proofVerifierCode: `0x${string}` },
  shapeBytes: string,
): Promise<void> {
  const { keccak256 } = await import('viem');
  if (
    proof.statementVerifierCodeHash === keccak256(code.statementVerifierCode) &&
    proof.proofVerifierCodeHash === keccak256(code.proofVerifierCode) &&
    proof.shapeBytes === shapeBytes
  ) {
    return;
  }
  throw new AssayError('ARTIFACT_MISMATCH', 'the file names other verifier code than this package builds', {
    exitCode: exitCodes.artifactMismatch,
    hint: 'Verify it with the version of the package that made it.',
  });
}
