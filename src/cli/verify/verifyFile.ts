import { AssayError, exitCodes } from '../../errors.ts';
import type { EnsureSrsParameters } from '../../proof/ceremony.ts';
import type { NamedArtifacts } from '../../proof/circuitIdOf.ts';
import type { CircuitInstance } from '../../proof/circuitInstance.ts';
import type { HonkArtifacts } from '../../proof/honkArtifacts.ts';
import type { ProofFile } from '../../proof/proofFile.ts';
import { circuitSettings } from '../framework/archiveOptions.ts';
import type { CommandContext } from '../framework/command.ts';
import { devNote } from '../framework/devNote.ts';
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

/** How the proofs of a statement are verified and told; the proof system is UltraHonk. */
type Kind<Artifacts> = {
  readonly verifier: Parameters<typeof verifierCode>[0];
  /** Rebuilds the circuit that the proof's shape is of. */
  readonly find: (build: {
    ceremony: Omit<EnsureSrsParameters, 'points'>;
    cacheDirectory: string;
    onCompile: () => void;
  }) => Promise<Artifacts>;
  /** What the proof says, where it is true. @param context what it was made for, in words */
  readonly say: (artifacts: Artifacts, statement: StatementFacts, context: string) => readonly string[];
};

async function verifyHonkFile<Artifacts extends NamedArtifacts & Pick<HonkArtifacts, 'srs'> & { readonly instance: CircuitInstance }>(
  context: CommandContext,
  proof: ProofFile,
  { verifier, find, say }: Kind<Artifacts>,
): Promise<VerifiedFile> {
  const { circuitIdOf } = await import('../../proof/circuitIdOf.ts');
  const { verifyProof } = await import('../../proof/verifyProof.ts');
  const { ceremony, circuitDirectory } = circuitSettings(context.settings);
  const artifacts = await context.progress.step('rebuild the circuit', (update) =>
    find({ ceremony, cacheDirectory: circuitDirectory, onCompile: () => update('compiling') }),
  );
  const code = { statementVerifierCode: await verifierCode(verifier), proofVerifierCode: artifacts.honkVerifier.runtime };
  await assertSameCode(proof, code, artifacts.shapeBytes);
  assertSameCircuit(proof, circuitIdOf(artifacts, code.statementVerifierCode));
  const statement = statementFacts(proof.statementName, proof.statement);
  const { valid, gas } = await context.progress.step('run the verifier', () => verifyProof({ ...proof, ...code }));
  const told = await describeContext(proof, Date.now() / 1000);
  const { profile } = artifacts.srs;
  return {
    circuit: artifacts.instance.name,
    ceremony: profile,
    statement,
    meaning: [...say(artifacts, statement, told.text), ...devNote(profile)].join('\n'),
    failures: [...refusedUnless(valid), ...told.failures],
    gas,
  };
}

async function verifyWindowFile(context: CommandContext, proof: ProofFile): Promise<VerifiedFile> {
  const { decodeShape } = await import('../../commitment/decodeShape.ts');
  const { findWindowCircuit } = await import('../../proof/findWindowCircuit.ts');
  const shape = decodeShape(proof.shapeBytes);
  return verifyHonkFile(context, proof, {
    verifier: 'window',
    find: (build) => findWindowCircuit({ ...build, shape }),
    say: ({ instance }, statement, made) => [
      sayStatement(statement, instance),
      made,
      ...(proof.open ? [] : ['That the child is open, with nothing outside its weights, is not claimed.']),
    ],
  });
}

async function verifyWellFormedFile(context: CommandContext, proof: ProofFile): Promise<VerifiedFile> {
  const { findWellFormedCircuit } = await import('../../proof/wellFormed/findWellFormedCircuit.ts');
  const { decodeWellFormedShape } = await import('../../commitment/decodeShape.ts');
  const { wellFormedLayout } = await import('../../proof/wellFormed/circuit.ts');
  const shape = decodeWellFormedShape(proof.shapeBytes);
  return verifyHonkFile(context, proof, {
    verifier: 'wellFormed',
    find: (build) => findWellFormedCircuit({ ...build, shape }),
    say: ({ instance }, statement, made) => {
      const { segments } = wellFormedLayout(instance);
      const part = segments === 1 ? 'Every weight' : `Every weight of segment ${statement['segment']} (of ${segments}, from 0)`;
      return [`${part} of checkpoint ${statement['checkpointId']} is an integer within ${shape.wmax}.`, made];
    },
  });
}

async function verifyMembershipFile(context: CommandContext, proof: ProofFile): Promise<VerifiedFile> {
  const { decodeMembershipShape } = await import('../../commitment/decodeShape.ts');
  const { findMembershipCircuit } = await import('../../proof/membership/findMembershipCircuit.ts');
  const shape = decodeMembershipShape(proof.shapeBytes);
  return verifyHonkFile(context, proof, {
    verifier: 'membership',
    find: (build) => findMembershipCircuit({ ...build, shape }),
    say: (_, statement, made) => [
      `The data set with root ${statement['root']} contains the record ${statement['record']},`,
      `whose features and label its record file opens (${shape.sizes[0]} features; minibatches of ${shape.batch}, depth ${shape.treeDepth}).`,
      made,
    ],
  });
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
