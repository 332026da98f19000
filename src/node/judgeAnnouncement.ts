import type { Address, Hex } from 'viem';
import { windowVerifierDeployedBytecode } from '../chain/generated/WindowVerifier.ts';
import type { Job } from '../chain/getJob.ts';
import type { LeaseRecord } from '../chain/getLease.ts';
import { contextOf, proofHash } from '../commitment/ids.ts';
import type { Announcement } from '../net/messages.ts';
import { decodeProofFile, type ProofFile } from '../proof/proofFile.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import { openCheckpoint } from './jobMaterial.ts';
import type { Role } from './openRole.ts';
import { parentOf } from './parentOf.ts';
import type { WindowJob } from './windowJob.ts';

/** What a validator found: `accept`, or why not. A stable code; `PROOF_FALSE` is the one that can be slashed. */
export type Verdict =
  | 'accept'
  | 'PROOF_UNAVAILABLE'
  | 'PROOF_FILE_MALFORMED'
  /** The blob is not the proof that the announcement's proofHash names, or is for another verifier, circuit or statement. */
  | 'PROOF_FILE_MISMATCH'
  | 'STATEMENT_CONTEXT'
  | 'STATEMENT_PARENT'
  | 'STATEMENT_DATASET'
  | 'STATEMENT_SEED'
  | 'STATEMENT_STEP'
  /** Of an answer: another checkpoint, or another input, than the job's. */
  | 'STATEMENT_CHECKPOINT'
  | 'STATEMENT_INPUT'
  /** The deployed verifier refuses the proof. */
  | 'PROOF_FALSE'
  | 'CHECKPOINT_UNAVAILABLE'
  | 'CHECKPOINT_MISMATCH';

export type Judgement = {
  readonly verdict: Verdict /** The proof, where it is the one that was signed. */;
  readonly proof: ProofFile | undefined;
};

/**
 * Judges the announcement of a window: fetches proof and child checkpoint, runs the deployed verifier's code on the signed statement, compares the statement with
 * the chain's state, and recommits the child.
 *
 * @param source peer to ask first for the blobs
 */
export async function judgeAnnouncement(
  role: Pick<Role, 'chain' | 'deployment' | 'fetch'>,
  job: Pick<WindowJob, 'artifacts' | 'circuitId' | 'statementVerifier' | 'kzg' | 'remember' | 'firstStep'>,
  state: Job,
  leased: LeaseRecord,
  message: Announcement,
  source: string,
): Promise<Judgement> {
  const { chain, deployment } = role;
  const statement = message.statement.map(BigInt);
  const verifier = { statementVerifier: job.statementVerifier, circuitId: job.circuitId, open: state.open };
  const shown = await announcedProof(role, verifier, message, source);
  if (shown.proof === undefined) return shown;
  const { proof } = shown;

  // A statement of another lease is nobody's fault here: not even a proof that this circuit refuses.
  const binding = { chainId: BigInt(chain.chainId), jobManager: deployment.addresses.jobManager, circuitId: job.circuitId };
  if (statement[0] !== contextOf('train-window', { ...leased, ...binding })) return { verdict: 'STATEMENT_CONTEXT', proof };

  const verdict = await verifyProof({
    ...proof,
    statementVerifierCode: windowVerifierDeployedBytecode,
    proofVerifierCode: job.artifacts.honkVerifier.runtime,
    shapeBytes: job.artifacts.shapeBytes,
  });
  if (!verdict.valid) return { verdict: 'PROOF_FALSE', proof };

  // A true proof of another statement than the chain's: worthless, but no lie.
  const expected: readonly [number, bigint, Verdict][] = [
    [1, await parentOf(role, state, Number(leased.windowIndex)), 'STATEMENT_PARENT'],
    [4, state.datasetRoot, 'STATEMENT_DATASET'],
    [5, state.batchSeed, 'STATEMENT_SEED'],
    [6, BigInt(job.firstStep(Number(leased.windowIndex), Number(leased.contributionIndex))), 'STATEMENT_STEP'],
  ];
  for (const [word, value, code] of expected) if (statement[word] !== value) return { verdict: code, proof };

  let checkpoint: Uint8Array;
  try {
    checkpoint = await role.fetch(message.checkpointCid, [source]);
  } catch {
    return { verdict: 'CHECKPOINT_UNAVAILABLE', proof };
  }
  try {
    job.remember(await openCheckpoint(job.kzg, job.artifacts, checkpoint, statement[2] as bigint));
  } catch {
    return { verdict: 'CHECKPOINT_MISMATCH', proof };
  }
  return { verdict: 'accept', proof };
}

/**
 * Fetches the proof that an announcement names.
 *
 * @returns it, where it is the one that was signed, for this circuit and verifier; otherwise why not
 */
export async function announcedProof(
  role: Pick<Role, 'chain' | 'fetch'>,
  expected: { readonly statementVerifier: Address; readonly circuitId: Hex; readonly open: boolean },
  message: Announcement,
  source: string,
): Promise<{ readonly verdict: Verdict; readonly proof: undefined } | { readonly proof: ProofFile }> {
  const none = (verdict: Verdict) => ({ verdict, proof: undefined });
  let bytes: Uint8Array;
  try {
    bytes = await role.fetch(message.proofCid, [source]);
  } catch {
    return none('PROOF_UNAVAILABLE');
  }
  let proof: ProofFile;
  try {
    proof = decodeProofFile(bytes);
  } catch {
    return none('PROOF_FILE_MALFORMED');
  }
  const statement = message.statement.map(BigInt);
  if (
    proofHash(proof.proof, proof.opening) !== message.proofHash ||
    proof.chainId !== BigInt(role.chain.chainId) ||
    proof.statementVerifier.toLowerCase() !== expected.statementVerifier.toLowerCase() ||
    proof.circuitId !== expected.circuitId ||
    proof.open !== expected.open ||
    proof.statement.length !== statement.length ||
    proof.statement.some((word, i) => word !== statement[i])
  ) {
    return none('PROOF_FILE_MISMATCH');
  }
  return { proof };
}
