import type { Hex } from 'viem';
import type { ChainReader } from '../chain/connectChain.ts';
import type { Deployment } from '../chain/deployment.ts';
import { getEvents } from '../chain/getEvents.ts';
import { getGenesis } from '../chain/getGenesis.ts';
import { getJob } from '../chain/getJob.ts';
import { getLineage } from '../chain/getLineage.ts';
import type { BlobId } from '../commitment/blobId.ts';
import { createKzg } from '../commitment/kzg.ts';
import { AssayError } from '../errors.ts';
import { decodeCheckpoint } from '../model/checkpoint.ts';
import type { WindowArtifacts } from '../proof/windowArtifacts.ts';
import { type CommittedCheckpoint, commitWeights } from './jobMaterial.ts';
import { blobIdFromBytes } from './openRole.ts';
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
 * Verifies a job's history from genesis to its last checkpoint from chain data and stored blobs alone. Every proof is taken from the calldata of the
 * transaction that was paid for it and run through the verifier's code again; every statement is rebuilt from state and leases; genesis and head are
 * recommitted. No window is trained again and nobody is asked.
 *
 * @throws CHAIN_ errors, where the chain cannot be read
 */
export async function verifyLineage(parameters: VerifyLineageParameters): Promise<VerifyLineageReturnType> {
  const { chain, deployment, jobId, artifacts, onWindow } = parameters;
  const job = await getJob(chain, deployment, jobId);
  const { windows } = await getLineage(chain, deployment, jobId);
  const failures: string[] = [];
  const leases = new Map<Hex, LeaseTaken>();
  for (const event of await getEvents(chain, deployment, { names: ['LeaseTaken'], fromBlock: job.openBlock })) {
    if (event.name === 'LeaseTaken' && event.args.jobId === jobId) leases.set(event.args.submissionId, event.args);
  }
  let verified = 0;
  let parentId = job.genesisId;
  for (const window of windows) {
    const wrong = await verifySubmission({ chain, deployment, job, artifacts, window, lease: leases.get(window.submissionId), parentId });
    if (wrong.length === 0) verified++;
    failures.push(...wrong.map((what) => `window ${window.windowIndex}: ${what}`));
    parentId = window.childId;
    onWindow?.(Number(window.windowIndex) + 1, windows.length);
  }
  if (parentId !== job.headId) failures.push("the last window's child is not the job's head");

  const { genesis, head } = await readEnds(parameters, job.modelId, job.genesisId, job.headId);
  if (genesis === undefined) failures.push('no stored blob has the commitment of the genesis');
  if (head === undefined) failures.push('no stored blob has the commitment of the last checkpoint');
  return {
    verified: failures.length === 0,
    windows: verified,
    genesisId: job.genesisId,
    headId: job.headId,
    genesis: genesis?.weights,
    head: head?.weights,
    failures,
  };
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
