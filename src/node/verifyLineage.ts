import { decodeFunctionData, type Hex, isAddressEqual } from 'viem';
import type { ChainReader } from '../chain/connectChain.ts';
import type { Deployment } from '../chain/deployment.ts';
import { windowManagerAbi } from '../chain/generated/WindowManager.ts';
import { getEvents } from '../chain/getEvents.ts';
import type { Merge } from '../chain/getFinalUnits.ts';
import { getGenesis } from '../chain/getGenesis.ts';
import { getJob } from '../chain/getJob.ts';
import { type FinalizedWindow, getLineage } from '../chain/getLineage.ts';
import type { BlobId } from '../commitment/blobId.ts';
import { checkpointId } from '../commitment/ids.ts';
import { createKzg, type Point } from '../commitment/kzg.ts';
import { mergePoints } from '../commitment/mergePoints.ts';
import { AssayError } from '../errors.ts';
import { decodeCheckpoint } from '../model/checkpoint.ts';
import type { WindowArtifacts } from '../proof/windowArtifacts.ts';
import { type CommittedCheckpoint, commitWeights } from './jobMaterial.ts';
import { blobIdFromBytes } from './openRole.ts';
import { storedProofs } from './storedProofs.ts';
import { type LeaseTaken, verifySubmission } from './verifySubmission.ts';

export type VerifyLineageParameters = {
  readonly chain: ChainReader;
  readonly deployment: Deployment;
  readonly jobId: bigint;
  /** The job's circuit, rebuilt from this package (`findCircuit`). */
  readonly artifacts: WindowArtifacts;
  /** Stored blobs: the genesis is read by its CID on chain, the last checkpoint is found among them by its commitment. */
  readonly readBlob: (id: BlobId) => Promise<Uint8Array | undefined>;
  readonly listBlobs: () => Promise<readonly BlobId[]>;
  readonly onWindow?: (done: number, total: number) => void;
};

export type VerifyLineageReturnType = {
  readonly verified: boolean;
  /** Windows whose proof was verified again. */
  readonly windows: number;
  readonly genesisId: bigint;
  readonly headId: bigint;
  /** Weights behind both ids, recommitted; undefined where no stored blob has that commitment. */
  readonly genesis: readonly Int32Array[] | undefined;
  readonly head: readonly Int32Array[] | undefined;
  /** What is wrong, a sentence each; empty exactly where `verified`. */
  readonly failures: readonly string[];
};

/**
 * Verifies a job's history from genesis to its last final checkpoint from chain data and stored blobs alone. Every proof is taken from the calldata of the
 * transaction that brought it (from the blobs where silence made a window final) and run through the verifier's code again; every statement is rebuilt from state and leases; genesis and head are
 * recommitted. No window is trained again and nobody is asked.
 *
 * @throws CHAIN_ errors, where the chain cannot be read
 */
export async function verifyLineage(parameters: VerifyLineageParameters): Promise<VerifyLineageReturnType> {
  const { chain, deployment, jobId, artifacts, onWindow } = parameters;
  const job = await getJob(chain, deployment, jobId);
  const { windows, merges, checkpoints } = await getLineage(chain, deployment, jobId);
  const failures: string[] = [];
  const leases = new Map<Hex, LeaseTaken>();
  for (const event of await getEvents(chain, deployment, { names: ['LeaseTaken'], fromBlock: job.openBlock })) {
    if (event.name === 'LeaseTaken' && event.args.jobId === jobId) leases.set(event.args.submissionId, event.args);
  }
  let verified = 0;
  const findProof = storedProofs(parameters);
  for (const [done, window] of windows.entries()) {
    const parentId = checkpoints[Number(window.windowIndex)] as bigint;
    const lease = leases.get(window.submissionId);
    const wrong = await verifySubmission({ chain, deployment, job, artifacts, window, lease, parentId, findProof });
    if (wrong.length === 0) verified++;
    failures.push(...wrong.map((what) => `window ${window.windowIndex}: ${what}`));
    onWindow?.(done + 1, windows.length);
  }
  for (const one of merges) {
    const children = windows.filter(({ windowIndex }) => windowIndex === one.windowIndex);
    if (!(await isMerge(parameters, job.modelId, one, children)))
      failures.push(`window ${one.windowIndex}: its merge is not the sum of its contributions`);
  }
  const headId = checkpoints.at(-1) as bigint;
  if (headId !== job.finalId) failures.push("the last window's child is not the job's last checkpoint");

  const { genesis, head } = await readEnds(parameters, job.modelId, job.genesisId, headId);
  if (genesis === undefined) failures.push('no stored blob has the commitment of the genesis');
  if (head === undefined) failures.push('no stored blob has the commitment of the last checkpoint');
  return {
    verified: failures.length === 0,
    windows: verified,
    genesisId: job.genesisId,
    headId,
    genesis: genesis?.weights,
    head: head?.weights,
    failures,
  };
}

/** Whether a merge adds up: its points, from the calldata of its transaction, are those of the base and the children, and their sum is what it says. */
async function isMerge(
  { chain, deployment }: VerifyLineageParameters,
  model: Hex,
  { baseId, mergedId, transactionHash }: Merge,
  children: readonly FinalizedWindow[],
): Promise<boolean> {
  const { to, input } = await chain.client.getTransaction({ hash: transactionHash });
  // Merged through another contract: the points are not to be had from the transaction alone.
  if (to === null || !isAddressEqual(to, deployment.addresses.windowManager)) return false;
  const { functionName, args } = decodeFunctionData({ abi: windowManagerAbi, data: input });
  if (functionName !== 'merge') return false;
  const base = pointsOf(args[1]);
  const parts = args[2].map(pointsOf);
  const ids = [...children].sort((a, b) => Number(a.contributionIndex - b.contributionIndex)).map(({ childId }) => childId);
  if (checkpointId(model, base) !== baseId || parts.length !== ids.length) return false;
  if (parts.some((points, k) => points.length !== base.length || checkpointId(model, points) !== ids[k])) return false;
  return checkpointId(model, await mergePoints(base, parts)) === mergedId;
}

/** Points as calldata has them, two words each. */
function pointsOf(bytes: Hex): Point[] {
  const words = (bytes.slice(2).match(/.{64}/g) ?? []).map((word) => BigInt(`0x${word}`));
  return Array.from({ length: words.length / 2 }, (_, i) => [words[2 * i] as bigint, words[2 * i + 1] as bigint]);
}

/** Genesis and last checkpoint among the stored blobs. */
async function readEnds(
  { chain, deployment, artifacts, readBlob, listBlobs }: VerifyLineageParameters,
  modelId: Hex,
  genesisId: bigint,
  headId: bigint,
): Promise<{ genesis: CommittedCheckpoint | undefined; head: CommittedCheckpoint | undefined }> {
  const kzg = await createKzg(artifacts.srs);
  try {
    const commit = async (id: BlobId): Promise<CommittedCheckpoint | undefined> => {
      const bytes = await readBlob(id);
      if (bytes === undefined) return undefined;
      try {
        const checkpoint = decodeCheckpoint(bytes);
        if (checkpoint.modelId !== modelId) return undefined;
        return await commitWeights(kzg, artifacts, checkpoint.weights);
      } catch (error) {
        // Most blobs are no checkpoints.
        if (error instanceof AssayError) return undefined;
        throw error;
      }
    };
    const first = await commit(blobIdFromBytes((await getGenesis(chain, deployment, modelId, genesisId)).cid));
    const genesis = first?.id === genesisId ? first : undefined;
    if (headId === genesisId) return { genesis, head: genesis };
    for (const id of await listBlobs()) {
      const head = await commit(id);
      if (head?.id === headId) return { genesis, head };
    }
    return { genesis, head: undefined };
  } finally {
    await kzg.close();
  }
}
