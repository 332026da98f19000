import { type Hex, isAddressEqual, keccak256 } from 'viem';
import { windowVerifierDeployedBytecode } from '../chain/generated/WindowVerifier.ts';
import { contextOf, contextPreimage, modelId } from '../commitment/ids.ts';
import { AssayError } from '../errors.ts';
import { encodeCheckpoint } from '../model/checkpoint.ts';
import { proveWindow } from '../proof/proveWindow.ts';
import { createUltraHonk } from '../proof/ultrahonk.ts';
import { verifyProof } from '../proof/verifyProof.ts';
import type { Submission } from '../store/submissionState.ts';
import { commitWeights } from './jobMaterial.ts';
import { judgeAnnouncement } from './judgeAnnouncement.ts';
import type { Role, RoleSettings } from './openRole.ts';
import { parentOf } from './parentOf.ts';
import { mergePointsOf } from './tendJob.ts';
import { openWindowJob } from './windowJob.ts';
import type { Work } from './work.ts';

/** A training job's windows: train, commit, prove. @throws those of openWindowJob and createUltraHonk */
export async function openWindowWork(role: Role, settings: RoleSettings, jobId: bigint, operator: Hex): Promise<Work> {
  const { chain, deployment, store } = role;
  const job = await openWindowJob(role, settings, jobId);
  const honk = await createUltraHonk({ srs: job.artifacts.srs, ...(settings.threads === undefined ? {} : { threads: settings.threads }) });

  /** The window's training, from its parent: milliseconds, and the same integers each time. */
  const trainAgain = async (submission: Submission) => {
    const state = await job.state();
    if (!isAddressEqual(operator, submission.operator))
      throw new AssayError('WORKER_STATE', 'a journaled lease belongs to another operator');
    const { windowIndex, contributionIndex } = submission;
    const parent = await job.checkpoint(await parentOf(role, state, windowIndex));
    const window = job.train(windowIndex, contributionIndex, parent, state.batchSeed);
    const child = await commitWeights(job.kzg, job.artifacts, window.child);
    job.remember(child);
    return { parent, child, window, batchSeed: state.batchSeed, firstStep: job.firstStep(windowIndex, contributionIndex) };
  };

  return {
    jobId,
    statementName: 'train-window',
    state: () => job.state(),
    async prepare({ headId }) {
      // Recommit the parent before the bond is locked: its id must be the head's, and every weight within wmax.
      await job.checkpoint(headId);
      return headId;
    },
    async perform(submission) {
      const { child } = await trainAgain(submission);
      return store.blobs.put(
        encodeCheckpoint({ modelId: modelId(job.artifacts.shape), sizes: job.artifacts.instance.sizes, weights: child.weights }),
      );
    },
    async prove(submission, leased) {
      const { submissionId, windowIndex } = submission;
      const { parent, child, window, batchSeed, firstStep } = await trainAgain(submission);
      const verifier = {
        chainId: BigInt(chain.chainId),
        statementVerifier: job.statementVerifier,
        circuitId: job.circuitId,
      };
      const about = { ...leased, ...verifier, jobManager: deployment.addresses.jobManager };
      const proof = await proveWindow({
        ...verifier,
        artifacts: job.artifacts,
        p2: job.p2,
        kzg: job.kzg,
        honk,
        statement: {
          context: contextOf('train-window', about),
          parentId: parent.id,
          childId: child.id,
          datasetRoot: job.tree.root,
          batchSeed,
          firstStep,
          lossSum: window.lossSum,
        },
        parent: parent.weights,
        child: child.weights,
        parentPoints: parent.points,
        childPoints: child.points,
        steps: window.steps,
      });
      const proofVerifierCode = job.artifacts.honkVerifier.runtime;
      const claimed = { ...proof, ...verifier, open: true, shapeBytes: job.artifacts.shapeBytes };
      // The announcement can be slashed: nothing is announced that the deployed code does not accept.
      const verdict = await verifyProof({ ...claimed, statementVerifierCode: windowVerifierDeployedBytecode, proofVerifierCode });
      if (!verdict.valid)
        throw new AssayError('PROOF_INVALID', 'the proof that was just made does not verify', { hint: 'This is a bug: please report it.' });
      return {
        file: {
          ...claimed,
          statementVerifierCodeHash: keccak256(windowVerifierDeployedBytecode),
          proofVerifierCodeHash: keccak256(proofVerifierCode),
          contextPreimage: contextPreimage('train-window', about),
        },
        proved: {
          event: 'proved',
          jobId: Number(jobId),
          windowIndex,
          submissionId,
          lossSum: window.lossSum,
          gates: job.artifacts.gates,
          witnessSeconds: proof.seconds.witness,
          proofSeconds: proof.seconds.proof,
          openingSeconds: proof.seconds.opening,
        },
      };
    },
    judge: (state, leased, message, source) => judgeAnnouncement(role, job, state, leased, message, source),
    mergePoints: (state) => mergePointsOf(job, state),
    results: ([, , childId, maskId, , , , lossSum]) => [childId as bigint, maskId as bigint, lossSum as bigint],
    async close() {
      await honk.close();
      await job.close();
    },
  };
}
