import { windowVerifierDeployedBytecode } from '../chain/generated/WindowVerifier.ts';
import type { Job } from '../chain/getJob.ts';
import type { LeaseRecord } from '../chain/getLease.ts';
import { getLineage } from '../chain/getLineage.ts';
import { contextOf, proofHash } from '../commitment/ids.ts';
import type { Announcement } from '../net/messages.ts';
import { decodeProofFile, type ProofFile } from '../proof/proofFile.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import { openCheckpoint } from './jobMaterial.ts';
import type { Role } from './openRole.ts';
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
  /** The deployed verifier refuses the proof. */
  | 'PROOF_FALSE'
  | 'CHECKPOINT_UNAVAILABLE'
  | 'CHECKPOINT_MISMATCH';

export type Judgement = {
  readonly verdict: Verdict /** The proof, where it is the one that was signed. */;
  readonly proof: ProofFile | undefined;
};

/**
 * Judges an announcement: fetches proof and child checkpoint, runs the deployed verifier's code on the signed statement, compares the statement with
 * the chain's state, and recommits the child.
 *
 * @param source peer to ask first for the blobs
 */
export async function judgeAnnouncement(
  role: Pick<Role, 'chain' | 'deployment' | 'fetch'>,
  job: Pick<WindowJob, 'artifacts' | 'circuitId' | 'kzg' | 'remember'>,
  state: Job,
  leased: LeaseRecord,
  message: Announcement,
  source: string,
): Promise<Judgement> {
  const { chain, deployment } = role;
  const statement = message.statement.map(BigInt);
  const none = (verdict: Verdict): Judgement => ({ verdict, proof: undefined });
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
  const statementVerifier = deployment.addresses.windowVerifier;
  if (
    proofHash(proof.proof, proof.opening) !== message.proofHash ||
    proof.chainId !== BigInt(chain.chainId) ||
    proof.statementVerifier.toLowerCase() !== statementVerifier.toLowerCase() ||
    proof.circuitId !== job.circuitId ||
    !proof.open ||
    proof.statement.some((word, i) => word !== statement[i])
  ) {
    return none('PROOF_FILE_MISMATCH');
  }

  const verdict = await verifyProof({
    ...proof,
    statementVerifierCode: windowVerifierDeployedBytecode,
    proofVerifierCode: job.artifacts.honkVerifier.runtime,
    shapeBytes: job.artifacts.shapeBytes,
  });
  if (!verdict.valid) return { verdict: 'PROOF_FALSE', proof };

  // A true proof of another statement than the chain's: worthless, but no lie.
  const binding = { chainId: BigInt(chain.chainId), jobManager: deployment.addresses.jobManager, circuitId: job.circuitId };
  const expected: readonly [number, bigint, Verdict][] = [
    [0, contextOf('train-window', { ...leased, ...binding }), 'STATEMENT_CONTEXT'],
    [1, await parentOf(role, state, leased), 'STATEMENT_PARENT'],
    [4, state.datasetRoot, 'STATEMENT_DATASET'],
    [5, state.batchSeed, 'STATEMENT_SEED'],
    [6, leased.windowIndex * BigInt(state.steps), 'STATEMENT_STEP'],
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

/** The checkpoint that the lease's window starts from: the head, or what it was before the window was finalized. */
async function parentOf({ chain, deployment }: Pick<Role, 'chain' | 'deployment'>, state: Job, leased: LeaseRecord): Promise<bigint> {
  if (leased.windowIndex >= BigInt(state.finalized)) return state.headId;
  const { windows } = await getLineage(chain, deployment, leased.jobId);
  return windows[Number(leased.windowIndex)]?.parentId ?? state.headId;
}
