import { randomBytes } from 'node:crypto';
import { bytesToHex, encodeFunctionData, type Hex, isAddressEqual } from 'viem';
import { eventFrom } from '../chain/eventFrom.ts';
import { challengeManagerAbi } from '../chain/generated/ChallengeManager.ts';
import { getHotKeyOwner } from '../chain/getHotKeyOwner.ts';
import { getJob } from '../chain/getJob.ts';
import { getLease, type LeaseRecord } from '../chain/getLease.ts';
import { evidenceArgument } from '../chain/slashByEvidence.ts';
import { judgingGas } from '../chain/verifyingGas.ts';
import { evidenceCommitment, statementHash } from '../commitment/ids.ts';
import { AssayError, exitCodes } from '../errors.ts';
import {
  type Announcement,
  type Attestation,
  decodeAnnouncement,
  decodeAttestation,
  encodeAnnouncement,
  encodeAttestation,
} from '../net/messages.ts';
import { decodeProofFile } from '../proof/proofFile.ts';
import { attestationTypes, signingDomain } from '../protocol/typedData.ts';
import type { Evidence } from '../store/evidenceState.ts';
import type { Attempt } from '../store/submissionState.ts';
import { collect } from './collect.ts';
import { createDebtDesk } from './debtDesk.ts';
import { createDemandDesk, type DemandDesk } from './demandDesk.ts';
import { type InferenceJob, openInferenceJob } from './inferenceJob.ts';
import { createJobShelf } from './jobShelf.ts';
import { awaitOutcome, sendJournaled } from './journaledTransaction.ts';
import { type Judgement, judgeAnnouncement, type Verdict } from './judgeAnnouncement.ts';
import { judgeAnswer } from './judgeAnswer.ts';
import { openRole, type Role, type RoleSettings, type SignedStatement, signerOf } from './openRole.ts';
import { pause } from './pause.ts';
import { createSeatDesk, type SeatDesk } from './seatDesk.ts';
import { openWindowJob, type WindowJob } from './windowJob.ts';

export type RunValidatorParameters = RoleSettings & {
  /** Judge only this job's windows, and end with it; every job's otherwise. */
  readonly jobId?: bigint;
  /** Demand proofs that nobody shows, against a bond in native coin. Default false. */
  readonly demand?: boolean;
};

export type RunValidatorReturnType = { readonly accepted: number; readonly refused: number; readonly slashed: number };

const unavailable: ReadonlySet<Verdict> = new Set(['PROOF_UNAVAILABLE', 'CHECKPOINT_UNAVAILABLE']);
const fetchRetries = 6;
/** Jobs whose circuit stays in memory at once. */
const maxOpenJobs = 4;

/**
 * Judges announced windows before anyone pays gas for them: attests what it found, and turns a signed lie into evidence. Evidence is journaled before
 * each transaction, so a validator that is killed goes on where it was.
 *
 * @throws VALIDATOR_NOT_REGISTERED (exit code 4) where the key serves no operator; those of openRole
 */
export async function runValidator(parameters: RunValidatorParameters): Promise<RunValidatorReturnType> {
  const { account, signal, emit } = parameters;
  const counts = { accepted: 0, refused: 0, slashed: 0 };
  let operator: Hex | undefined;
  let seats: SeatDesk | undefined;
  let demands: DemandDesk | undefined;
  let ready: (() => void) | undefined;
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });

  const role: Role = await openRole(parameters, {
    async onAnnouncement(message, source) {
      await isReady;
      if (operator === undefined || (parameters.jobId !== undefined && message.jobId !== Number(parameters.jobId))) return;
      try {
        await judge(message, source.publisher);
      } catch (error) {
        if (signal.aborted) return;
        const { code, message: text } = error as AssayError;
        emit({ event: 'warning', code: code ?? 'UNEXPECTED', message: text });
      }
    },
  });
  const open = async (jobId: bigint): Promise<WindowJob | InferenceJob> => {
    const { statementName } = await getJob(role.chain, role.deployment, jobId);
    return (statementName === 'inference' ? openInferenceJob : openWindowJob)(role, parameters, jobId);
  };
  const jobs = createJobShelf(open, maxOpenJobs);

  const judge = async (message: Announcement, source: string): Promise<void> => {
    const started = performance.now();
    const { submissionId } = message;
    const leased = await getLease(role.chain, role.deployment, submissionId);
    // Whoever has not leased it cannot submit it: what others say about it shall not come before the holder's word.
    if (leased === undefined || !isAddressEqual(leased.operator, message.operator)) return;
    await jobs.use(BigInt(message.jobId), (job) => judgeIn(job, leased, message, source, started));
  };

  const judgeIn = async (
    job: WindowJob | InferenceJob,
    leased: LeaseRecord,
    message: Announcement,
    source: string,
    started: number,
  ): Promise<void> => {
    const { submissionId } = message;
    // Signed as another statement than the job's it says nothing about the job, and could not be shown as evidence.
    if (!(await isSignedAs(role, message, job.statementName))) return;
    const { proofHash } = message;
    const signedHash = statementHash(job.statementName, message.statement.map(BigInt));
    const earlier = await role.store.attestations.get(submissionId, signedHash, proofHash);
    if (earlier !== undefined) {
      await role.net.attest(decodeAttestation(earlier.message));
      return;
    }
    const look = async (): Promise<Judgement> => {
      const state = await job.state();
      return job.statementName === 'inference'
        ? judgeAnswer(role, job, state, leased, message, source)
        : judgeAnnouncement(role, job, state, leased, message, source);
    };
    let judged = await look();
    // What cannot be fetched is nobody's lie: it is tried again for a while, and never attested.
    for (let retry = 1; unavailable.has(judged.verdict); retry++) {
      if (retry > fetchRetries) {
        emit({ event: 'warning', code: judged.verdict, message: `gave up on ${submissionId}: nobody serves its blobs` });
        return;
      }
      await pause(retry * 500, signal);
      judged = await look();
    }
    const { verdict, proof } = judged;
    if (verdict === 'accept' && proof !== undefined) {
      seats?.found({
        submissionId,
        jobId: BigInt(message.jobId),
        statementHash: signedHash,
        proofHash,
        proof: proof.proof,
        opening: proof.opening,
      });
    }
    const attestation: Attestation = {
      submissionId,
      proofHash,
      verdict,
      validator: operator as Hex,
      signature: await account.signTypedData({
        domain: signingDomain(role.chain.chainId, role.deployment.addresses.jobManager),
        types: attestationTypes,
        primaryType: 'Attestation',
        message: { submissionId, proofHash, verdict },
      }),
    };
    await role.store.attestations.record({
      submissionId,
      statementHash: signedHash,
      proofHash,
      verdict,
      message: encodeAttestation(attestation),
    });
    await role.net.attest(attestation);
    emit({ event: 'attested', submissionId, verdict, validator: operator as Hex, seconds: (performance.now() - started) / 1000 });
    if (verdict === 'accept') counts.accepted++;
    else counts.refused++;
    if (verdict !== 'PROOF_FALSE' || proof === undefined) return;
    const found = await role.store.evidence.found({
      submissionId,
      proofHash,
      statementHash: signedHash,
      operator: message.operator,
      announcement: encodeAnnouncement(message),
      proofCid: message.proofCid,
      code: verdict,
    });
    if ((await pursue(role, parameters, found)) === 'slashed') counts.slashed++;
  };

  try {
    operator = (await getHotKeyOwner(role.chain, role.deployment, account.address))?.toLowerCase() as Hex | undefined;
    if (operator === undefined) {
      throw new AssayError('VALIDATOR_NOT_REGISTERED', `${account.address} is nobody's hot key`, {
        exitCode: exitCodes.keysNeeded,
        hint: 'Register it with its operator: assay validator register.',
      });
    }
    seats = createSeatDesk(role, operator, emit);
    if (parameters.demand === true) demands = createDemandDesk(role, parameters.jobId, emit);
    const debts = createDebtDesk(role, emit);
    if (parameters.jobId !== undefined) await jobs.use(parameters.jobId, async () => {});
    for (const evidence of await role.store.evidence.unfinished()) {
      if ((await pursue(role, parameters, evidence)) === 'slashed') counts.slashed++;
    }
    ready?.();
    for (;;) {
      await pause(1_000, signal);
      await seats.tend();
      counts.slashed += (await demands?.tend()) ?? 0;
      await debts.tend();
      if (parameters.jobId === undefined) continue;
      const { state, finalized } = await jobs.use(parameters.jobId, (job) => job.state());
      if ((state !== 'completed' && state !== 'cancelled') || (await role.store.evidence.unfinished()).length > 0) continue;
      if ((await role.store.seats.open()).length > 0) continue;
      emit({ event: 'jobEnded', jobId: Number(parameters.jobId), state, finalized });
      await collect(role, operator, emit);
      // A finder's part is credited to the account that showed the evidence.
      await collect(role, account.address, emit);
      return counts;
    }
  } catch (error) {
    if (signal.aborted) return counts;
    throw error;
  } finally {
    await jobs.closeAll();
    await role.close();
  }
}

/** Whether the operator that an announcement names has signed it as one of this statement. */
async function isSignedAs({ chain, deployment }: Role, message: Announcement, name: SignedStatement): Promise<boolean> {
  const owner = await getHotKeyOwner(chain, deployment, await signerOf(chain, deployment, message, name));
  return owner !== undefined && isAddressEqual(owner, message.operator);
}

/** Takes evidence from whatever state it is in to its end: commit, wait a block, show, collect. */
async function pursue(role: Role, parameters: RunValidatorParameters, from: Evidence): Promise<'slashed' | 'dropped'> {
  const { chain, deployment, store } = role;
  const { challengeManager } = deployment.addresses;
  const { submissionId, proofHash } = from;
  const drop = (reason: string): Promise<Evidence> => {
    parameters.emit({ event: 'abandoned', submissionId, reason });
    return store.evidence.advance(submissionId, proofHash, { type: 'dropped', reason });
  };
  const replaced = (replacement: { readonly nonce: number } & Attempt): Promise<Evidence> =>
    store.evidence.advance(submissionId, proofHash, { type: 'replaced', ...replacement });
  let evidence = from;
  for (;;) {
    parameters.signal.throwIfAborted();
    switch (evidence.state) {
      case 'slashed':
      case 'dropped':
        return evidence.state;
      case 'found': {
        const salt = bytesToHex(randomBytes(32));
        const commitment = evidenceCommitment({
          submissionId,
          statementHash: evidence.statementHash,
          proofHash,
          finder: chain.account.address,
          salt,
        });
        const data = encodeFunctionData({ abi: challengeManagerAbi, functionName: 'commitEvidence', args: [commitment] });
        await sendJournaled(chain, { to: challengeManager, data }, ({ sender, ...transaction }) =>
          store.evidence.advance(submissionId, proofHash, {
            type: 'committing',
            salt,
            commitment,
            sender: sender.toLowerCase() as Hex,
            ...transaction,
          }),
        );
        break;
      }
      case 'committing': {
        const outcome = await awaitOutcome(chain, evidence.commit, parameters, replaced);
        await (outcome.status === 'success'
          ? store.evidence.advance(submissionId, proofHash, { type: 'committed', blockNumber: outcome.blockNumber })
          : drop('COMMIT_REVERTED'));
        break;
      }
      case 'committed': {
        const message = decodeAnnouncement(evidence.announcement);
        const { proof, opening } = decodeProofFile(await role.fetch(evidence.proofCid));
        const argument = evidenceArgument({
          submissionId,
          statementName: (await getJob(chain, deployment, BigInt(message.jobId))).statementName,
          statement: message.statement.map(BigInt),
          proof,
          opening,
          signature: message.signature,
          salt: evidence.salt,
        });
        const data = encodeFunctionData({ abi: challengeManagerAbi, functionName: 'slashByEvidence', args: [argument] });
        const call = { to: challengeManager, data, gas: judgingGas(proof.length + opening.length, message.statement.length) };
        await sendJournaled(chain, call, ({ sender, ...transaction }) =>
          store.evidence.advance(submissionId, proofHash, { type: 'revealing', sender: sender.toLowerCase() as Hex, ...transaction }),
        );
        break;
      }
      case 'revealing': {
        const outcome = await awaitOutcome(chain, evidence.reveal, parameters, replaced);
        if (outcome.status === 'reverted') {
          // Most often another finder was first.
          await drop('REVEAL_REVERTED');
          break;
        }
        const { transactionHash, blockNumber } = outcome;
        const receipt = await chain.client.getTransactionReceipt({ hash: transactionHash });
        const { operator, slashed } = eventFrom(receipt, challengeManagerAbi, 'OperatorSlashed');
        parameters.emit({ event: 'slashed', submissionId, operator, reason: evidence.code, amount: slashed.toString(), transactionHash });
        await store.evidence.advance(submissionId, proofHash, { type: 'slashed', transactionHash, blockNumber });
        break;
      }
    }
    evidence = (await store.evidence.get(submissionId, proofHash)) as Evidence;
  }
}
