import { getInputs } from '../chain/getInputs.ts';
import type { Job } from '../chain/getJob.ts';
import type { LeaseRecord } from '../chain/getLease.ts';
import { contextOf } from '../commitment/ids.ts';
import type { Announcement } from '../net/messages.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import type { InferenceJob } from './inferenceJob.ts';
import { announcedProof, type Judgement, type Verdict } from './judgeAnnouncement.ts';
import type { Role } from './openRole.ts';

/**
 * Judges the announcement of an answer: fetches the proof, runs the deployed verifier's code on the signed statement, and compares the statement with the
 * chain's state. The input itself need not be known.
 *
 * @param source peer to ask first for the proof
 */
export async function judgeAnswer(
  role: Pick<Role, 'chain' | 'deployment' | 'fetch'>,
  job: Pick<InferenceJob, 'artifacts' | 'circuitId' | 'statementVerifier' | 'statementVerifierCode'>,
  state: Job,
  leased: LeaseRecord,
  message: Announcement,
  source: string,
): Promise<Judgement> {
  const { chain, deployment } = role;
  const { artifacts, circuitId, statementVerifier, statementVerifierCode } = job;
  const shown = await announcedProof(role, { statementVerifier, circuitId, open: false }, message, source);
  if (shown.proof === undefined) return shown;
  const { proof } = shown;

  // A statement of another lease is nobody's fault here: not even a proof that this circuit refuses.
  const binding = { chainId: BigInt(chain.chainId), jobManager: deployment.addresses.jobManager, circuitId };
  if (proof.statement[0] !== contextOf('inference', { ...leased, ...binding })) return { verdict: 'STATEMENT_CONTEXT', proof };

  const { proofVerifierCode, shapeBytes } = artifacts;
  const verdict = await verifyProof({ ...proof, statementVerifierCode, proofVerifierCode, shapeBytes });
  if (!verdict.valid) return { verdict: 'PROOF_FALSE', proof };

  // A true proof of another statement than the chain's: worthless, but no lie.
  const input = (await getInputs(chain, deployment, leased.jobId))[Number(leased.windowIndex)];
  const expected: readonly [number, bigint | undefined, Verdict][] = [
    [1, state.genesisId, 'STATEMENT_CHECKPOINT'],
    [3, input?.inputId, 'STATEMENT_INPUT'],
  ];
  for (const [word, value, code] of expected) if (proof.statement[word] !== value) return { verdict: code, proof };
  return { verdict: 'accept', proof };
}
