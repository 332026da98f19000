import { join } from 'node:path';
import type { ChainWriter } from '../../chain/connectChain.ts';
import type { Deployment } from '../../chain/deployment.ts';
import { getJob } from '../../chain/getJob.ts';
import type { BlobId } from '../../commitment/blobId.ts';
import { loadMnist } from '../../data/loadMnist.ts';
import { AssayError } from '../../errors.ts';
import { verifyLineage } from '../../node/verifyLineage.ts';
import type { WindowArtifacts } from '../../proof/windowArtifacts.ts';
import { openBlobs } from '../../store/blobs.ts';
import { evaluate } from '../../train/evaluate.ts';
import type { DemoReport } from './demoReport.ts';

/**
 * Verifies the job's lineage from chain data and the roles' stored blobs alone, and measures genesis and last checkpoint on the 10,000 test images.
 *
 * @throws DEMO_FAILED where the lineage cannot be verified; DATA_ errors
 */
export async function finishDemo(parameters: {
  readonly chain: ChainWriter;
  readonly deployment: Deployment;
  readonly artifacts: WindowArtifacts;
  readonly jobId: bigint;
  /** Store folders of the roles, which have ended. */
  readonly stores: readonly string[];
}): Promise<Pick<DemoReport, 'accuracy' | 'lineage'> & { readonly state: string }> {
  const { chain, deployment, artifacts, jobId } = parameters;
  const stores = await Promise.all(parameters.stores.map((store) => openBlobs(join(store, 'blobs'))));
  const readBlob = async (id: BlobId): Promise<Uint8Array | undefined> => {
    for (const blobs of stores) {
      const bytes = await blobs.get(id);
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  };
  const listBlobs = async (): Promise<BlobId[]> => (await Promise.all(stores.map((blobs) => blobs.list()))).flat();
  const lineage = await verifyLineage({ chain, deployment, artifacts, jobId, readBlob, listBlobs });
  if (lineage.genesis === undefined || lineage.head === undefined || !lineage.verified) {
    throw new AssayError('DEMO_FAILED', 'the lineage of the last checkpoint does not verify', { details: lineage.failures.join('\n') });
  }
  const { spec, sizes } = artifacts.instance;
  const { test } = await loadMnist({ pool: sizes[0] === 784 ? 1 : 2, fx: spec.fx });
  const measure = async (weights: readonly Int32Array[]): Promise<number> =>
    (await evaluate(spec, sizes, weights, test.features, test.labels)).accuracy;
  const { state } = await getJob(chain, deployment, jobId);
  return {
    state,
    accuracy: { genesis: await measure(lineage.genesis), final: await measure(lineage.head), images: test.count },
    lineage: { verified: lineage.verified, windows: lineage.windows },
  };
}
